import * as v from 'valibot';
import type { IpRate, Policy, SpendCaps } from '../../lambdas/policy.ts';
import { defaultBursts } from './burst-defaults.ts';
import { septetsOf } from './message-length.ts';
import { defaultPurposes } from './templates.ts';

/** Retention periods that CloudWatch Logs knows, in days. */
export const logRetentionChoices: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const text = (pattern: RegExp, sentence: string) =>
  v.pipe(
    v.string(sentence),
    v.check((value) => pattern.test(value), sentence),
  );

/** What a number may be. It stands at the schema, so that docs/limits.md can be written from it. */
export type Range = { readonly least: number; readonly most: number };
const range = (least: number, most: number) =>
  v.metadata<number, { readonly range: Range }>({ range: { least, most } });

const whole = (least: number, most: number, sentence: string) =>
  v.pipe(
    v.number(sentence),
    v.check((value) => Number.isInteger(value) && value >= least && value <= most, sentence),
    range(least, most),
  );

/** An amount of money in USD. */
const usd = (least: number, most: number, sentence: string) =>
  v.pipe(
    v.number(sentence),
    v.check((value) => value >= least && value <= most, sentence),
    range(least, most),
  );

/** An object that knows its keys: another one is refused, with the name that was probably meant. */
const object = <const Entries extends v.ObjectEntries>(
  entries: Entries,
  missing: Readonly<Record<string, string>> = {},
) =>
  v.strictObject(entries, ({ expected, received, path = [] }) => {
    const at = path.at(-1);
    const known = Object.keys(entries);
    if (expected === 'never') return unknownKeys(at, known);
    if (received === 'undefined' && at !== undefined) {
      const key = String(at.key);
      return missing[key] ?? `${key} is missing. Add it.`;
    }
    return `Write an object with the keys ${known.join(', ')}.`;
  });

/** valibot stops at the first unknown key of an object; the others follow in the same issue, a line each. */
const unknownKeys = (at: { readonly key: unknown; readonly input: unknown } | undefined, known: readonly string[]) => {
  const others = Object.keys(at?.input ?? {}).filter((key) => !known.includes(key) && key !== at?.key);
  return [unknownKey(String(at?.key), known), ...others.map((key) => `${key}: ${unknownKey(key, known)}`)].join('\n');
};

const unknownKey = (key: string, known: readonly string[]): string => {
  const nearest = known.toSorted((a, b) => distance(key, a) - distance(key, b)).at(0);
  const isNear = nearest !== undefined && distance(key, nearest) <= Math.max(2, Math.floor(nearest.length / 3));
  return isNear
    ? `There is no such setting. Did you mean ${nearest}?`
    : `There is no such setting. Use one of ${known.join(', ')}.`;
};

/** Edit distance (Levenshtein), letter case aside. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...a.toLowerCase()].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...b.toLowerCase()].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min((row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
};

const countriesSentence =
  'List the countries that SMS may go to, and no more: each one can be pumped for money. Write for example ' +
  'countries: { IN: {}, GB: {} }.';
const countryCode = v.pipe(
  v.string(),
  v.check(
    (value) => /^[A-Z]{2}$/.test(value) && value !== 'UK' && regionName(value) !== undefined,
    ({ input }) => {
      if (input.toUpperCase() === 'UK') return 'The ISO code of the United Kingdom is GB. Write GB.';
      return `"${input}" is not a country. Write its ISO 3166-1 code of two capital letters, such as IN, US or GB.`;
    },
  ),
);
const regionName = (code: string): string | undefined =>
  new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' }).of(code);

const maxPrice = usd(
  0.001,
  1,
  'Write the most that one SMS part may cost, in USD, 0.001 to 1, such as 0.1. What costs more is not delivered.',
);
const price = usd(
  0.001,
  1,
  'Write what one SMS part costs you there, in USD, 0.001 to 1, such as 0.05, or leave it out for an estimate.',
);
const capSentence = (time: string, example: number) =>
  `Write the most that SMS may cost per ${time}, by estimate, in USD, 0.01 to 1000000, such as ${example}.`;
const hourUsd = usd(0.01, 1_000_000, capSentence('hour', 20));
const dayUsd = usd(0.01, 1_000_000, capSentence('day', 100));

/** The caps of a country that sets none of its own: these, or the caps of all countries together if they are lower. */
export const countryCaps: SpendCaps = { hourUsd: 10, dayUsd: 50 };
const registration = (what: string) =>
  text(/^[A-Za-z0-9]{1,50}$/, `Write the DLT ${what} id as the registry shows it: up to 50 letters and digits.`);

const country = object({
  senderId: v.exactOptional(
    text(
      /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
      'Write a sender id of 1 to 11 letters and digits with at least one letter, or leave it out.',
    ),
  ),
  priceUsd: v.exactOptional(price),
  maxPriceUsd: v.exactOptional(maxPrice),
  caps: v.optional(object({ hourUsd: v.exactOptional(hourUsd), dayUsd: v.exactOptional(dayUsd) }), {}),
  entityId: v.exactOptional(registration('entity')),
});

const localeSentence = 'Write a language tag such as en or pt-BR.';
const locale = text(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, localeSentence);
const purpose = text(
  /^[a-z][a-z0-9-]{0,31}$/,
  'Write a purpose as up to 32 small letters, digits and hyphens, such as verify-number.',
);
const template = object(
  {
    purpose,
    locale,
    country: v.exactOptional(countryCode),
    text: v.pipe(v.string('Write the text of the SMS.'), v.minLength(1, 'Write the text of the SMS.')),
    templateId: v.exactOptional(registration('template')),
  },
  {
    purpose: 'Say which purpose the text is for, such as purpose: "login".',
    locale: 'Say which language the text is in, such as locale: "en".',
    text: 'Write the text of the SMS.',
  },
);

const brandSentence =
  'Write the name that the SMS shows: 1 to 20 characters of the SMS alphabet (GSM-7), where ^ { } [ ] ~ \\ | € count twice.';
const brand = v.pipe(
  v.string(brandSentence),
  v.check((value) => {
    const measured = septetsOf(value);
    return (
      'septets' in measured && measured.septets >= 1 && measured.septets <= 20 && !/[\r\n\f]|^\s|\s$|\{\{/.test(value)
    );
  }, brandSentence),
);

const secondsUpTo = (least: number, most: number, what: string, example: string) =>
  whole(least, most, `Write ${what} in whole seconds, ${least} to ${most}, such as ${example}.`);

const code = object({
  digits: v.optional(whole(4, 10, 'Write how many digits a code has, 4 to 10; 6 is what people expect.'), 6),
  lifetimeSeconds: v.optional(secondsUpTo(30, 300, 'how long a code lives', '300'), 300),
  maxLifetimeSeconds: v.optional(secondsUpTo(30, 600, 'how long a verification lives at most', '600'), 600),
  maxAttempts: v.optional(whole(1, 10, 'Write how many guesses a verification allows, 1 to 10; 5 is usual.'), 5),
  afterWrongGuesses: v.optional(
    v.array(
      object({
        wrong: whole(
          1,
          1000,
          'Write from how many wrong guesses on a number gets fewer attempts, 1 to 1000, such as 5.',
        ),
        maxAttempts: whole(
          1,
          10,
          'Write how many guesses such a number is left with per verification, 1 to 10, such as 3.',
        ),
      }),
      'Write the steps as [{ wrong: 8, maxAttempts: 1 }, { wrong: 5, maxAttempts: 3 }], or [] for none.',
    ),
    [
      { wrong: 8, maxAttempts: 1 },
      { wrong: 5, maxAttempts: 3 },
    ],
  ),
  duringCodeSpraying: v.optional(
    object({
      extraDigits: v.optional(
        whole(
          0,
          6,
          'Write how many digits more a code has while codes are guessed at in its country, 0 to 6, such as 3.',
        ),
        3,
      ),
      maxAttempts: v.optional(
        whole(1, 10, 'Write how many guesses are left at such a code, 1 to 10; 3 is the default.'),
        3,
      ),
    }),
    {},
  ),
});

export const dayOfSeconds = 86_400;
const sendsSentence =
  'Write how many SMS one phone may get in the window, 1 to 10; no more than ten send times are kept.';
const windowsSentence =
  'Write at least one window, such as { name: "phone-24h", windowSeconds: 86400, sends: 10 }: without one a phone can be flooded.';
const cooldownSentence = 'Write the waits after the first, second, … SMS in seconds, such as [30, 60, 120].';
const sends = object({
  cooldownSeconds: v.optional(
    v.pipe(
      v.array(secondsUpTo(5, 3600, 'the wait', '30'), cooldownSentence),
      v.minLength(1, cooldownSentence),
      v.maxLength(10, 'Write at most ten waits: the last one repeats.'),
    ),
    [30, 60, 120],
  ),
  cooldownWindowSeconds: v.optional(
    secondsUpTo(60, dayOfSeconds, 'how long earlier sends make the wait longer', '600'),
    600,
  ),
  windows: v.optional(
    v.pipe(
      v.array(
        object({
          name: text(
            /^[a-z][a-z0-9-]{0,31}$/,
            'Write a short name of small letters, digits and hyphens, such as phone-10m.',
          ),
          windowSeconds: secondsUpTo(60, dayOfSeconds, 'the length of the window', '600'),
          sends: whole(1, 10, sendsSentence),
        }),
        windowsSentence,
      ),
      v.minLength(1, windowsSentence),
    ),
    [
      { name: 'phone-10m', windowSeconds: 600, sends: 5 },
      { name: 'phone-24h', windowSeconds: dayOfSeconds, sends: 10 },
    ],
  ),
});

const ipRate = ({ sends, windowSeconds }: IpRate) =>
  object({
    sends: v.optional(whole(1, 10_000, `Write how many SMS one IP may ask for, 1 to 10000, such as ${sends}.`), sends),
    windowSeconds: v.optional(
      secondsUpTo(60, dayOfSeconds, 'the time in which so many may be asked for', String(windowSeconds)),
      windowSeconds,
    ),
  });
const exemptSentence =
  'List the back ends that call for many users, by API key id, IAM principal ARN or Cognito client id, such as ["a1b2c3d4e5"].';
const ips = object({
  untrusted: v.optional(ipRate({ sends: 10, windowSeconds: 600 }), {}),
  trusted: v.optional(ipRate({ sends: 240, windowSeconds: 600 }), {}),
  trustedAfter: v.optional(
    whole(1, 50, 'Write after how many verified people an IP is trusted, 1 to 50, such as 3.'),
    3,
  ),
  countriesPerDay: v.optional(
    whole(1, 250, 'Write to how many countries one IP may send in a day, 1 to 250, such as 3.'),
    3,
  ),
  exemptApplications: v.optional(v.array(text(/^\S{1,256}$/, exemptSentence), exemptSentence), []),
});

const caps = object({ hourUsd: v.optional(hourUsd, 20), dayUsd: v.optional(dayUsd, 100) });

const lowVolume = object({
  verifications: v.optional(
    whole(
      0,
      1_000_000,
      'Write below how many verifications, yesterday and today together, a country has low volume, 0 (never) to 1000000.',
    ),
    100,
  ),
  unverifiedSendsPerDay: v.optional(
    whole(1, 100_000, 'Write how many SMS a day may stay without a verification there, 1 to 100000, such as 50.'),
    50,
  ),
});

const modeSentence = 'Write "enforce" (block), "record-only" (find and tell, but let pass) or "off" (look away).';
const mode = v.picklist(['enforce', 'record-only', 'off'], modeSentence);
const ruleModes = {
  'unverified-burst': v.exactOptional(mode),
  'low-and-slow': v.exactOptional(mode),
  'no-conversion': v.exactOptional(mode),
  'prefixes-blocked': v.exactOptional(mode),
  'converting-strangers': v.exactOptional(mode),
  'code-spraying': v.exactOptional(mode),
  'conversion-drop': v.exactOptional(mode),
  guessing: v.exactOptional(mode),
  bombing: v.exactOptional(mode),
} satisfies Readonly<Record<keyof Policy['bursts']['rules'], unknown>>;
const bursts = object({
  levels: v.optional(
    object({
      phone: v.optional(mode, defaultBursts.levels.phone),
      ip: v.optional(mode, defaultBursts.levels.ip),
      range: v.optional(mode, defaultBursts.levels.range),
      prefix: v.optional(mode, defaultBursts.levels.prefix),
      country: v.optional(mode, defaultBursts.levels.country),
    }),
    {},
  ),
  rules: v.optional(object(ruleModes), {}),
  countries: v.optional(v.record(countryCode, mode, 'Write modes of countries, such as { IN: "record-only" }.'), {}),
  coldStartDays: v.optional(
    whole(
      0,
      60,
      'Write for how many days from its first event the detector blocks no prefix and no country, 0 to 60, such as 7.',
    ),
    defaultBursts.coldStartHours / 24,
  ),
  criticalUsdPerHour: v.optional(
    usd(
      0.01,
      1_000_000,
      'Write from which cost of an attack per hour its finding is critical, in USD, 0.01 to 1000000, such as 50.',
    ),
    defaultBursts.criticalUsdPerHour,
  ),
  findingDays: v.optional(
    whole(30, 3650, 'Write for how many days a finding is kept after its last news, 30 to 3650, such as 400.'),
    400,
  ),
  auditDays: v.optional(
    whole(7, 400, 'Write for how many days it is kept what happened to verifications, 7 to 400, such as 90.'),
    90,
  ),
});

const international = text(
  /^\+[1-9][0-9]{6,14}$/,
  'Write the number in international form (E.164), such as +12025550123.',
);
const dateSentence = 'Write the last day on which the numbers work (UTC), such as 2027-03-31.';
const isDate = (value: string): boolean => {
  const at = Date.parse(`${value}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(at) && new Date(at).toISOString().startsWith(value);
};
const testNumber = object(
  {
    number: v.exactOptional(international),
    from: v.exactOptional(international),
    to: v.exactOptional(international),
    code: text(/^[0-9]+$/, 'Write the code that these numbers always have, in digits, such as "123456".'),
    expires: v.pipe(v.string(dateSentence), v.check(isDate, dateSentence)),
    uses: whole(1, 100_000, 'Write how many verifications these numbers may have in all, 1 to 100000, such as 1000.'),
  },
  {
    code: 'Write the code that these numbers always have, such as code: "123456".',
    expires: `${dateSentence.slice(0, -1)}: nobody remembers to take a fixed code out.`,
    uses: 'Write how many verifications these numbers may have in all, such as uses: 1000.',
  },
);

const region = v.pipe(
  v.string(),
  v.check(
    (value) => value === '' || /^[a-z]{2}(-[a-z]+)+-[0-9]+$/.test(value),
    'Write the Region whose SNS sends, such as eu-west-1, or leave it out for the Region of the deployment.',
  ),
);
const smsRoute = object({
  region: v.optional(region, ''),
  originationNumber: v.exactOptional(
    text(/^\+[1-9][0-9]{4,14}$/, 'Write the number to send from in international form, such as +12065550100.'),
  ),
});
const smsRoutesSentence =
  'Write at least one way to the network: smsRoutes: [{}] sends from the Region of the deployment.';

const accessSentence =
  'Write "api-key", "iam", or { cognito: { userPoolArns: ["arn:aws:cognito-idp:…"] } }: how client apps show who they are.';
const poolSentence =
  'List the ARNs of your Cognito user pools, such as arn:aws:cognito-idp:eu-west-1:111122223333:userpool/…';
const scopesSentence =
  'List the OAuth scopes that a token must have one of, such as ["otp/send"], or leave scopes out.';
const access = v.union(
  [
    v.literal('api-key'),
    v.literal('iam'),
    object({
      cognito: object(
        {
          userPoolArns: v.pipe(
            v.array(
              text(/^arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool\/[\w-]+$/, poolSentence),
              poolSentence,
            ),
            v.minLength(1, poolSentence),
          ),
          scopes: v.exactOptional(
            v.pipe(v.array(text(/^\S+$/, scopesSentence), scopesSentence), v.minLength(1, scopesSentence)),
          ),
        },
        { userPoolArns: poolSentence },
      ),
    }),
  ],
  accessSentence,
);

const hostSentence =
  'Write an origin as https:// and a host in small letters, such as https://app.example.com, without a path or port.';
/** What the settings look like. `parseSettings` reads them by it, and `lib/settings/ranges.ts` the ranges and defaults. */
export const shape = object(
  {
    stackName: v.optional(
      text(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, 'Write a stack name of up to 64 letters, digits and hyphens.'),
      'OtpService',
    ),
    brand,
    audience: text(/^\S{1,200}$/, 'Write who proofs are for, as one word or URL, such as https://api.example.com.'),
    countries: v.optional(
      v.pipe(
        v.record(countryCode, country, countriesSentence),
        v.check((value) => Object.keys(value).length > 0, countriesSentence),
      ),
      {},
    ),
    maxPriceUsd: v.optional(maxPrice, 0.1),
    caps: v.optional(caps, {}),
    lowVolume: v.optional(lowVolume, {}),
    bursts: v.optional(bursts, {}),
    purposes: v.optional(
      v.pipe(
        v.array(purpose, 'List the purposes, such as ["verify-number", "login"].'),
        v.check(
          (value) => value.includes('verify-number'),
          'Keep "verify-number" in the list: it is the purpose of a request that names none.',
        ),
      ),
      [...defaultPurposes],
    ),
    templates: v.optional(
      v.array(template, 'Write a list of texts, such as [{ purpose: "login", locale: "en", text: "…" }].'),
      [],
    ),
    defaultLocale: v.optional(locale, 'en'),
    origins: v.optional(v.array(text(/^https:\/\/[a-z0-9.-]{1,100}$/, hostSentence), hostSentence), []),
    smsRoutes: v.optional(v.pipe(v.array(smsRoute, smsRoutesSentence), v.minLength(1, smsRoutesSentence)), [{}]),
    code: v.optional(code, {}),
    sends: v.optional(sends, {}),
    ips: v.optional(ips, {}),
    testNumbers: v.optional(
      v.array(
        testNumber,
        'Write a list, such as [{ number: "+12025550123", code: "123456", expires: "2027-03-31", uses: 1000 }].',
      ),
      [],
    ),
    proofLifetimeSeconds: v.optional(secondsUpTo(60, 900, 'how long a proof is good for', '300'), 300),
    endpoint: v.exactOptional(
      text(
        /^https:\/\/[a-z0-9.-]+(\/[A-Za-z0-9._~-]+)*$/,
        'Write the base URL of your own domain without a slash at its end, such as https://otp.example.com, or leave it out.',
      ),
    ),
    codeKeyGenerations: v.optional(
      v.pipe(
        v.array(
          text(/^[a-z]$/, 'Write a generation as one small letter, such as "a".'),
          'List the generations of the code key, such as ["a"].',
        ),
        v.minLength(1, 'Name at least one generation of the code key, such as ["a"]: the last one makes new codes.'),
        v.check(
          (value) => new Set(value).size === value.length,
          'Name each generation once: the last one makes new codes, the others check the codes that are still out.',
        ),
      ),
      ['a'],
    ),
    access: v.optional(access, 'api-key'),
    minimumTls: v.optional(
      v.picklist(['1.2', '1.3'], 'Write "1.2" (with forward secrecy; any phone) or "1.3" (Android 10 and later).'),
      '1.2',
    ),
    throttle: v.optional(
      object({
        ratePerSecond: v.optional(whole(1, 10_000, 'Write requests per second, 1 to 10000.'), 20),
        burst: v.optional(whole(1, 5000, 'Write how many requests may come at once, 1 to 5000.'), 40),
      }),
      {},
    ),
    firewall: v.optional(v.boolean('Write true for a firewall (WAF) before the API, or false for none.'), true),
    firewallRequestsPerIp: v.optional(
      whole(
        10,
        2_000_000,
        'Write how many requests one IP may make in five minutes, 10 to 2000000, such as 3000; more, where a back end calls for very many users.',
      ),
      // About ten a second: what the throttle of the API lets through on average, so that one back end fits.
      3000,
    ),
    dailyQuota: v.exactOptional(
      whole(1, 2_000_000_000, 'Write how many requests an API key has per day, or leave it out.'),
    ),
    apiGatewayLogsRole: v.optional(
      v.picklist(
        ['create', 'existing'],
        'Write "create" to let the stack set the role by which API Gateway writes logs (one per account and Region), or "existing" if the account has one.',
      ),
      'create',
    ),
    logRetentionDays: v.optional(
      v.pipe(
        v.number('Write how many days logs are kept, such as 30.'),
        v.check(
          (value) => logRetentionChoices.includes(value),
          `CloudWatch keeps logs for one of ${logRetentionChoices.join(', ')} days. Write one of them.`,
        ),
        range(Math.min(...logRetentionChoices), Math.max(...logRetentionChoices)),
      ),
      30,
    ),
    securityEmail: v.exactOptional(
      text(
        /^[^\s@,;<>]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/,
        'Write one e-mail address that security staff read, such as security@example.com, or leave it out.',
      ),
    ),
    monthlySpendAlarmUsd: v.optional(
      usd(
        1,
        1_000_000,
        'Write from what cost of all SMS of the account in a month on, in USD, staff are told, 1 to 1000000, such as 50.',
      ),
      50,
    ),
    kmsCallsAlarm: v.optional(
      whole(
        1000,
        100_000_000,
        'Write from how many KMS calls of the account in five minutes on staff are told, 1000 to 100000000, such as 25000.',
      ),
      25_000,
    ),
    tracing: v.optional(v.boolean('Write true to trace with X-Ray, or false.'), false),
  },
  {
    brand: brandSentence,
    audience: 'Write who proofs are for, as one word or URL, such as https://api.example.com.',
  },
);

/** The settings as a team writes them: nearly all have a safe default. */
export type SettingsInput = v.InferInput<typeof shape>;
/** The settings, complete and checked. `parseSettings` is the only way to get them. */
export type Settings = v.InferOutput<typeof shape>;
