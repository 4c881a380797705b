/** The permissions of a function that calls people, by the routes of calls in the settings. */

import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { Settings } from '../../settings/settings.ts';
import { allowInRegions, type Grantee } from './allow.ts';
import { arnOf, grantOn, namedBy } from './senders.ts';
import { policyOfSetting } from './setting-policy.ts';

/** Calls by the services that the routes name. Settings without calls allow none. */
export const grantCalls = (of: IRole, settings: Pick<Settings, 'voice'>): void => {
  if (settings.voice === undefined) return;
  const role = policyOfSetting(of, 'Voice');
  const { routes } = settings.voice;
  grantSpokenTexts(
    role,
    routes.flatMap((route) => (route.sender === 'notify' ? [] : [route.region])),
  );
  grantOn(
    role,
    'CallByNotify',
    'sms-voice:SendNotifyVoiceMessage',
    routes.flatMap((route) =>
      route.sender === 'notify'
        ? [arnOf(role, route.region, 'notify-configuration', route.configuration), ...namedBy(role, route)]
        : [],
    ),
  );
};

/** IAM has no resources for this action, so that it is held to the Regions of the routes. */
const grantSpokenTexts = (role: Grantee, regions: readonly string[]): void => {
  if (regions.length === 0) return;
  allowInRegions(role, {
    ...{ name: 'Call', action: 'sms-voice:SendVoiceMessage', regions },
    reason: 'IAM lists no resource for SendVoiceMessage. The statement names its Regions.',
  });
};
