import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../lib/settings/settings.ts';
import { roomySettings } from './settings.ts';

/** Bundles for other routes. They hold other senders, so that they are bundled anew. */
export const routedBundles = async (
  smsRoutes: NonNullable<SettingsInput['smsRoutes']>,
  more: Partial<SettingsInput> = {},
) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'otp-routed-'));
  const policy = policyOf(parseSettings({ ...settings, ...roomySettings, ...more, smsRoutes }));
  await bundle({ out: folder, policy });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};

const configuration = 'nc-0123456789abcdef0123456789abcdef';
/** Templates of AWS that the stand-in knows. */
const templates = { en: 'notify-code-verification-english-001', de: 'notify-code-verification-german-001' };

/** Routes as the settings have them. */
export const notify = { sender: 'notify', configuration, templates } as const;
export const endUserMessaging = { sender: 'end-user-messaging' } as const;
export const sns = { sender: 'sns' } as const;
