import * as v from 'valibot';
import { localStackName, type ProofAlgorithm } from '../../lambdas/contract.ts';
import { sealings } from '../../lambdas/policy.ts';
import { access, dailyQuota, firewall, firewallRequestsPerIp, throttle } from './schema/access.ts';
import { applications } from './schema/applications.ts';
import { bursts } from './schema/bursts.ts';
import { caps, countries, excludedCountries, maxPriceUsd } from './schema/countries.ts';
import { events } from './schema/events.ts';
import { code, ips, lowVolume, sends, testNumbers } from './schema/limits.ts';
import {
  appHashes,
  audience,
  audienceAllowed,
  brand,
  brandAllowed,
  defaultLocale,
  languages,
  maxParts,
  origins,
  purposes,
  templates,
} from './schema/messages.ts';
import { numberRisk } from './schema/number-risk.ts';
import { receipts } from './schema/receipts.ts';
import { smsRoutes } from './schema/routes.ts';
import { object, range, refused, text, usdOr, wholeOr } from './schema/values.ts';
import { voice } from './schema/voice.ts';

/** Retention periods of CloudWatch Logs, in days. */
export const logRetentionChoices: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const retentionAllowed = `Retention of logs in days, as CloudWatch offers it: one of ${logRetentionChoices.join(', ')}, for example 30.`;
const logRetentionDays = v.optional(
  v.pipe(
    v.number(refused(retentionAllowed)),
    v.check((value) => logRetentionChoices.includes(value), refused(retentionAllowed)),
    range({ min: Math.min(...logRetentionChoices), max: Math.max(...logRetentionChoices) }),
  ),
  30,
);

/** Codes live ten minutes, so that two are enough. IAM bounds the policies that name each key. */
const maxGenerations = 4;
const generationsAllowed = 'Generations of the code key: a list, of which the last makes new codes, for example ["a"].';
const codeKeyGenerations = v.optional(
  v.pipe(
    v.array(
      text(/^[a-z]$/, 'Generation of the code key: one lower-case letter, for example "a".'),
      refused(generationsAllowed),
    ),
    v.minLength(1, refused(generationsAllowed)),
    v.maxLength(
      maxGenerations,
      refused(
        `${maxGenerations} generations fit the policies of functions and of staff. Keep those whose codes may be in use, for example ["a", "b"].`,
      ),
    ),
    v.check(
      (value) => new Set(value).size === value.length,
      refused('A generation is in the list twice. Name each generation once, for example ["a", "b"].'),
    ),
  ),
  ['a'],
);

const algorithms = ['ES256', 'RS256'] as const satisfies readonly ProofAlgorithm[];
const algorithm = v.optional(
  v.picklist(
    algorithms,
    refused(
      'Algorithm of the proofs: "ES256" (short tokens), or "RS256" (signatures at a fifth of the price). All back ends must accept it first.',
    ),
  ),
  'ES256',
);

const sealing = v.optional(
  v.picklist(
    sealings,
    refused(
      'How numbers in records are sealed: "per-record" (by KMS, one by one), or "hourly" (under a key that KMS derives for each hour; payments stay per record).',
    ),
  ),
  'per-record',
);

const operatorRoles = v.optional(
  v.pipe(
    v.array(
      text(
        /^[\w+=,.@/*-]{1,512}$/,
        'Name of an IAM role of operators, with its path if it has one, for example otp-analyst. A * stands for any letters.',
      ),
      refused('Roles that may call the API of operators: a list of names, for example ["otp-analyst", "otp-auditor"].'),
    ),
    v.maxLength(20, refused('The settings name 20 roles of operators at most. Use a * in a name, such as otp-*.')),
  ),
  [],
);
const stackNameAllowed =
  'Name of the stack: a letter, then up to 63 letters, digits and hyphens, for example OtpService.';

/** The shape of the settings. `parseSettings` reads by it, and `lib/settings/ranges.ts` takes ranges and defaults from it. */
export const shape = object(
  {
    stackName: v.optional(
      v.pipe(
        text(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, stackNameAllowed),
        v.check((value) => value !== localStackName, refused(`Local mode has this name. ${stackNameAllowed}`)),
      ),
      'OtpService',
    ),
    brand,
    audience,
    countries,
    excludedCountries,
    maxPriceUsd,
    caps: v.optional(caps, {}),
    lowVolume: v.optional(lowVolume, {}),
    bursts: v.optional(bursts, {}),
    purposes,
    templates,
    languages,
    defaultLocale,
    maxParts: v.optional(maxParts, {}),
    origins,
    appHashes,
    smsRoutes,
    receipts: v.optional(receipts, {}),
    numberRisk,
    voice,
    events,
    code: v.optional(code, {}),
    sends: v.optional(sends, {}),
    ips: v.optional(ips, {}),
    testNumbers,
    proofLifetimeSeconds: wholeOr('Lifetime of a proof in seconds', { min: 60, max: 900, byDefault: 300 }),
    proofs: v.optional(object({ algorithm }), {}),
    sealing,
    endpoint: v.exactOptional(
      text(
        /^https:\/\/[a-z0-9.-]+(\/[A-Za-z0-9._~-]+)*$/,
        'Base URL of your own domain: without a slash at its end, for example https://otp.example.com. Or leave it out.',
      ),
    ),
    codeKeyGenerations,
    access,
    applications,
    minimumTls: v.optional(
      v.picklist(
        ['1.2', '1.3'],
        refused('Minimum TLS version: "1.2" (with forward secrecy; any phone) or "1.3" (Android 10 and later).'),
      ),
      '1.2',
    ),
    throttle: v.optional(throttle, {}),
    firewall,
    firewallRequestsPerIp,
    dailyQuota,
    apiGatewayLogsRole: v.optional(
      v.picklist(
        ['create', 'existing'],
        refused(
          'Role for the logs of API Gateway, one per account and Region: "create", or "existing" if the account has one.',
        ),
      ),
      'create',
    ),
    logRetentionDays,
    operatorRoles,
    securityEmail: v.exactOptional(
      text(
        /^[^\s@,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
        'E-mail address of security staff: one, for example security@example.com. Or leave it out.',
      ),
    ),
    runbookUrl: v.exactOptional(
      text(
        /^https:\/\/[A-Za-z0-9.-]+(:\d{1,5})?(\/[A-Za-z0-9._~%:@/?&=+-]{0,400})?$/,
        'Address of your runbook: https, without a heading (#) at its end, for example https://wiki.example.com/otp-runbook. Or leave it out.',
      ),
    ),
    monthlySpendAlarmUsd: usdOr('Monthly SMS cost of the account in USD that raises the alarm', {
      min: 1,
      max: 1_000_000,
      byDefault: 50,
    }),
    kmsCallsAlarm: wholeOr('KMS calls of the account in five minutes that raise the alarm', {
      min: 1000,
      max: 100_000_000,
      byDefault: 25_000,
    }),
    tracing: v.optional(v.boolean(refused('Tracing with X-Ray: true or false.')), false),
  },
  {
    brand: brandAllowed,
    audience: audienceAllowed,
  },
);

/** The settings as a team writes them: nearly all have a safe default. */
export type SettingsInput = v.InferInput<typeof shape>;
/** The settings as they were written, with the defaults that depend on no other setting. */
export type WrittenSettings = v.InferOutput<typeof shape>;
/** The settings, complete and checked. `parseSettings` is the only way to get them. */
export type Settings = WrittenSettings & { readonly firewallRequestsPerIp: number };
