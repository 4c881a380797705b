/** What the detector of bursts does. */

import * as v from 'valibot';
import type { Policy } from '../../../lambdas/policy.ts';
import { countryCode } from './countries.ts';
import { object, refused, usdOr, wholeOr } from './values.ts';

/** What the detector does if the settings say nothing. */
export const defaultBursts: Policy['bursts'] = {
  levels: { phone: 'enforce', ip: 'enforce', range: 'enforce', prefix: 'enforce', country: 'enforce' },
  rules: {},
  countries: {},
  coldStartHours: 7 * 24,
  criticalUsdPerHour: 50,
};

const modeAllowed =
  'Mode: "enforce" (find and block), "record-only" (find, notify, block nothing) or "off" (find nothing).';
const modes = ['enforce', 'record-only', 'off'] as const;
const mode = v.picklist(modes, refused(modeAllowed));
/** No action of the detector is on a number. Its longer codes have no level, only the mode of their rule. */
const phoneModeAllowed =
  'Mode: "enforce" or "record-only" (both find bombing and notify: the detector blocks no number), or "off" (find no bombing). bursts.rules.guessing has the mode of longer codes.';
const phoneMode = v.picklist(modes, refused(phoneModeAllowed));

const ruleModes = {
  'unverified-burst': v.exactOptional(mode),
  'low-and-slow': v.exactOptional(mode),
  'no-conversion': v.exactOptional(mode),
  'converting-strangers': v.exactOptional(mode),
  'code-spraying': v.exactOptional(mode),
  'conversion-drop': v.exactOptional(mode),
  guessing: v.exactOptional(mode),
  bombing: v.exactOptional(mode),
} satisfies Readonly<Record<keyof Policy['bursts']['rules'], unknown>>;

const { levels, coldStartHours, criticalUsdPerHour } = defaultBursts;

export const bursts = object({
  levels: v.optional(
    object({
      phone: v.optional(phoneMode, levels.phone),
      ip: v.optional(mode, levels.ip),
      range: v.optional(mode, levels.range),
      prefix: v.optional(mode, levels.prefix),
      country: v.optional(mode, levels.country),
    }),
    {},
  ),
  rules: v.optional(object(ruleModes), {}),
  countries: v.optional(
    v.record(countryCode, mode, refused('Modes of countries: for example { IN: "record-only" }.')),
    {},
  ),
  coldStartDays: wholeOr('Days from its first event in which the detector blocks no prefix and no country', {
    min: 0,
    max: 60,
    byDefault: coldStartHours / 24,
  }),
  criticalUsdPerHour: usdOr('Hourly cost of an attack in USD that makes its finding critical', {
    min: 0.01,
    max: 1_000_000,
    byDefault: criticalUsdPerHour,
  }),
  findingDays: wholeOr('Days for which a finding is kept after its last change', {
    min: 30,
    max: 3650,
    byDefault: 400,
  }),
  auditDays: wholeOr('Days for which the audit trail keeps an event', { min: 7, max: 400, byDefault: 90 }),
});
