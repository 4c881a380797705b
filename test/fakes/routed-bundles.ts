import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../lib/settings/settings.ts';
import { changedBundles } from './changed-bundles.ts';
import { roomySettings } from './settings.ts';

/** The functions that send. The others have no sender, and only another policy. */
const functions = ['request-verification', 'resend-verification'] as const;

/** A copy of the bundles for other routes. */
export const routedBundles = async (
  bundles: string,
  smsRoutes: NonNullable<SettingsInput['smsRoutes']>,
  more: Partial<SettingsInput> = {},
) => {
  const policy = policyOf(parseSettings({ ...settings, ...roomySettings, ...more, smsRoutes }));
  const changed = await changedBundles(bundles, policy);
  await bundle({ out: changed.folder, functions, policy });
  return changed;
};

const configuration = 'nc-0123456789abcdef0123456789abcdef';
/** Templates of AWS that the stand-in knows. */
const templates = { en: 'notify-code-verification-english-001', de: 'notify-code-verification-german-001' };

/** Routes as the settings have them. */
export const notify = { sender: 'notify', configuration, templates } as const;
export const endUserMessaging = { sender: 'end-user-messaging' } as const;
export const sns = { sender: 'sns' } as const;
