import type { VoicePolicy, VoiceRoute } from '../../../lambdas/policy.ts';
import { withReceiptSet } from '../receipts.ts';
import type { Settings } from '../schema.ts';
import { spokenTextsOf } from './spoken.ts';

export type VoiceSettings = NonNullable<Settings['voice']>;

/** Its name in the settings, or `voice` and its sender, with the Region if that is not the one of the deployment. */
export const voiceRouteNameOf = ({ name, sender, region }: VoiceSettings['routes'][number]): string =>
  name ?? ['voice', sender, ...(region === '' ? [] : [region])].join('-');

export const voiceRouteNamesOf = ({ voice }: Pick<Settings, 'voice'>): readonly string[] =>
  (voice?.routes ?? []).map(voiceRouteNameOf);

/** The calls as the functions need them. */
export const voicePolicyOf = (settings: Settings): { readonly voice?: VoicePolicy } => {
  const { voice } = settings;
  if (voice === undefined) return {};
  const [first, ...others] = voice.routes.map(
    (route): VoiceRoute => ({ ...withReceiptSet(route, settings), name: voiceRouteNameOf(route) }),
  );
  if (first === undefined) throw new Error('There is no route of calls. Parse the settings first.');
  const { countries, callsPerDay } = voice;
  return { voice: { countries, callsPerDay, routes: [first, ...others], texts: spokenTextsOf(settings) } };
};
