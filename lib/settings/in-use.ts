/** The settings in use: of an application, and of the texts. */

import { placedAutofills } from '../../lambdas/otp/record/message.ts';
import type { Policy, Template } from '../../lambdas/policy.ts';
import { maxCodeDigits } from './schema/limits.ts';
import type { Settings } from './schema.ts';
import { shippedTemplates } from './templates.ts';

export type ApplicationSettings = NonNullable<Settings['applications']>[string];

/** The settings of messages and countries as an application has them. */
export const settingsFor = (settings: Settings, application: ApplicationSettings): Settings => {
  const { brand, purposes, templates, defaultLocale, origins, appHashes, countries } = application;
  return {
    ...settings,
    ...definedOf({ brand, purposes, templates, defaultLocale, origins, appHashes }),
    countries: Object.fromEntries(
      Object.entries(settings.countries).filter(([name]) => countries?.includes(name) ?? true),
    ),
  };
};

const definedOf = <Own extends object>(own: Own) =>
  Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Own]?: Exclude<Own[Name], undefined>;
  };

export const duringCodeSprayingOf = ({
  code: { digits, duringCodeSpraying },
}: Settings): Policy['code']['duringCodeSpraying'] => ({
  digits: Math.min(maxCodeDigits, digits + duringCodeSpraying.extraDigits),
  maxAttempts: duringCodeSpraying.maxAttempts,
});

/** Texts of one slot are chosen for the same requests. A text with a place for an autofill has a slot of its own. */
export const isSameSlot = (a: Template, b: Template): boolean =>
  a.purpose === b.purpose &&
  a.locale.toLowerCase() === b.locale.toLowerCase() &&
  a.country === b.country &&
  placedAutofills(a).join() === placedAutofills(b).join();

/** The shipped texts and those of the settings, which replace them, for the purposes in use. */
export const templatesOf = ({ templates, purposes, languages }: Settings): readonly Template[] => {
  const kept = shippedTemplates(languages).filter((shipped) => !templates.some((own) => isSameSlot(own, shipped)));
  return [...templates, ...kept].filter((each) => purposes.includes(each.purpose));
};
