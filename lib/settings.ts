import * as v from 'valibot';
import type { Policy, Template } from '../lambdas/otp/policy.ts';
import { septetsOf, templateProblems } from './message-fit.ts';
import { defaultPurposes, defaultTemplates } from './templates.ts';

/** Retention periods that CloudWatch Logs knows, in days. */
export const logRetentionChoices: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];

const text = (pattern: RegExp, sentence: string) =>
  v.pipe(
    v.string(sentence),
    v.check((value) => pattern.test(value), sentence),
  );

const whole = (least: number, most: number, sentence: string) =>
  v.pipe(
    v.number(sentence),
    v.check((value) => Number.isInteger(value) && value >= least && value <= most, sentence),
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

const priceSentence = 'Write the most that one SMS part may cost, in USD, above 0 and up to 1, such as 0.1.';
const price = v.pipe(
  v.number(priceSentence),
  v.check((value) => value > 0 && value <= 1, priceSentence),
);
const registration = (what: string) =>
  text(/^[A-Za-z0-9]{1,50}$/, `Write the DLT ${what} id as the registry shows it: up to 50 letters and digits.`);

const country = object({
  senderId: v.exactOptional(
    text(
      /^(?=.*[A-Za-z])[A-Za-z0-9]{1,11}$/,
      'Write a sender id of 1 to 11 letters and digits with at least one letter, or leave it out.',
    ),
  ),
  maxPriceUsd: v.exactOptional(price),
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
});

const dayOfSeconds = 86_400;
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
const shape = object(
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
    maxPriceUsd: v.optional(price, 0.1),
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
      ),
      30,
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

type Problem = { readonly path: string; readonly sentence: string };

/**
 * Reads the settings, or throws one error that lists everything that is wrong: where, and what to write instead.
 * Settings that contradict each other are looked for once every setting has its shape.
 */
export const parseSettings = (raw: unknown): Settings => {
  const result = v.safeParse(shape, raw);
  const problems = (result.issues ?? []).flatMap(problemsOf);
  if (result.typed) problems.push(...contradictions(result.output));
  if (problems.length > 0 || !result.typed) {
    const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
    const lines = problems.map(({ path, sentence }) => `  ${path}: ${sentence}`);
    throw new Error([`The settings (bin/settings.ts) have ${count}:`, ...lines].join('\n'));
  }
  return result.output;
};

/** One problem, or one for each unknown key of an object. */
const problemsOf = (issue: v.BaseIssue<unknown>): Problem[] => {
  const path = v.getDotPath(issue) ?? 'settings';
  const [sentence = '', ...others] = issue.message.split('\n');
  const parent = path.slice(0, path.lastIndexOf('.') + 1);
  return [
    { path, sentence },
    ...others.map((line) => {
      const end = line.indexOf(': ');
      return { path: parent + line.slice(0, end), sentence: line.slice(end + 2) };
    }),
  ];
};

/** The settings as the functions need them. */
export const policyOf = (settings: Settings): Policy => ({
  brand: settings.brand,
  audience: settings.audience,
  code: settings.code,
  sends: settings.sends,
  proofLifetimeSeconds: settings.proofLifetimeSeconds,
  countries: Object.fromEntries(
    Object.entries(settings.countries).map(([name, facts]) => [name, { maxPriceUsd: settings.maxPriceUsd, ...facts }]),
  ),
  purposes: settings.purposes,
  origins: settings.origins,
  templates: templatesOf(settings),
  defaultLocale: settings.defaultLocale,
  smsRoutes: [firstRoute(settings), ...settings.smsRoutes.slice(1)],
});

const firstRoute = ({ smsRoutes: [first] }: Settings) => {
  if (first === undefined) throw new Error('There is no way to the SMS network. Parse the settings first.');
  return first;
};

const isSameSlot = (a: Template, b: Template): boolean =>
  a.purpose === b.purpose && a.locale.toLowerCase() === b.locale.toLowerCase() && a.country === b.country;

/** The texts that ship with the service, replaced and joined by the settings' own, for the purposes in use. */
const templatesOf = ({ templates, purposes }: Settings): readonly Template[] => {
  const kept = defaultTemplates.filter((shipped) => !templates.some((own) => isSameSlot(own, shipped)));
  return [...templates, ...kept].filter((each) => purposes.includes(each.purpose));
};

/** What is wrong between settings that are fine on their own. */
const contradictions = (settings: Settings): readonly Problem[] => [
  ...lifetimeProblems(settings),
  ...windowProblems(settings),
  ...senderProblems(settings),
  ...templateSlotProblems(settings),
  ...textProblems(settings),
];

const lifetimeProblems = ({ code }: Settings): readonly Problem[] =>
  code.maxLifetimeSeconds < code.lifetimeSeconds
    ? [
        {
          path: 'code.maxLifetimeSeconds',
          sentence: `A verification lives at least as long as its code. Write ${code.lifetimeSeconds} or more, up to 600.`,
        },
      ]
    : [];

const windowProblems = ({ sends }: Settings): readonly Problem[] =>
  sends.windows.flatMap(({ name }, index) =>
    sends.windows.findIndex((other) => other.name === name) < index
      ? [{ path: `sends.windows.${index}.name`, sentence: `"${name}" is taken. Give each window a name of its own.` }]
      : [],
  );

const withoutSenderIds = ['US', 'CA'];

const senderProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.countries).flatMap(([name, { senderId, entityId }]) => {
    const path = `countries.${name}`;
    if (senderId !== undefined && withoutSenderIds.includes(name)) {
      return [
        {
          path: `${path}.senderId`,
          sentence: `${name} has no sender ids. Leave it out, and set originationNumber in smsRoutes to a number of your own.`,
        },
      ];
    }
    if (entityId !== undefined && name !== 'IN') {
      return [
        { path: `${path}.entityId`, sentence: 'Only India (IN) registers entities (DLT). Leave entityId out here.' },
      ];
    }
    if (entityId !== undefined && senderId === undefined) {
      return [
        {
          path: `${path}.senderId`,
          sentence:
            'India registers entity, sender and text together (DLT). Add the registered senderId, or leave entityId out.',
        },
      ];
    }
    return name === 'IN' && senderId !== undefined ? registrationProblems(settings, entityId) : [];
  });

/** India's carriers drop a message whose entity, sender and text are not registered together (TRAI's DLT). */
const registrationProblems = (settings: Settings, entityId: string | undefined): readonly Problem[] => {
  const registered = settings.templates.filter((own) => own.country === 'IN' && own.templateId !== undefined);
  const missing = settings.purposes.filter((name) => !registered.some((own) => own.purpose === name));
  return [
    ...(entityId === undefined
      ? [
          {
            path: 'countries.IN.entityId',
            sentence:
              'With a sender id, India wants the DLT entity id too: carriers drop the message without. Add entityId, or leave senderId out to send over international routes.',
          },
        ]
      : []),
    ...missing.map((name) => ({
      path: 'templates',
      sentence: `With a sender id, India wants a registered text for each purpose. Add { purpose: "${name}", locale: "en", country: "IN", templateId: "…", text: "…" } with exactly the registered text, or take "${name}" out of purposes.`,
    })),
  ];
};

const templateSlotProblems = (settings: Settings): readonly Problem[] => {
  const { templates, purposes, countries, defaultLocale } = settings;
  const language = defaultLocale.toLowerCase().split('-')[0];
  const own = templates.flatMap((each, index) => {
    const path = `templates.${index}`;
    const problems: Problem[] = [];
    if (templates.findIndex((other) => isSameSlot(other, each)) < index) {
      problems.push({
        path,
        sentence: 'There is a text for this purpose, locale and country already. Keep one of them.',
      });
    }
    if (!purposes.includes(each.purpose)) {
      problems.push({
        path: `${path}.purpose`,
        sentence: `"${each.purpose}" is not in purposes. Add it there, or write one of ${purposes.join(', ')}.`,
      });
    }
    if (each.country !== undefined && countries[each.country] === undefined) {
      problems.push({
        path: `${path}.country`,
        sentence: `No SMS goes to ${each.country}. Add it to countries, or take the text out.`,
      });
    }
    if (each.templateId !== undefined && each.country !== 'IN') {
      problems.push({
        path: `${path}.templateId`,
        sentence: 'Only India registers texts (DLT). Add country: "IN", or leave templateId out.',
      });
    }
    return problems;
  });
  const speechless = purposes.filter(
    (name) =>
      !templatesOf(settings).some(
        (each) =>
          each.purpose === name && each.country === undefined && each.locale.toLowerCase().split('-')[0] === language,
      ),
  );
  return [
    ...own,
    ...speechless.map((name) => ({
      path: 'templates',
      sentence: `Purpose "${name}" has no text in the default locale. Add { purpose: "${name}", locale: "${defaultLocale}", text: "…{{code}}…" }.`,
    })),
  ];
};

const textProblems = (settings: Settings): readonly Problem[] => {
  const hosts = settings.origins.map((origin) => origin.replace('https://', ''));
  const longestHost = hosts.toSorted((a, b) => b.length - a.length).at(0);
  const bounds = {
    brand: settings.brand,
    digits: settings.code.digits,
    lifetimeSeconds: settings.code.lifetimeSeconds,
    longestHost,
  };
  return templatesOf(settings).flatMap((each) => {
    const index = settings.templates.indexOf(each);
    const name = [each.purpose, each.locale, each.country].filter((part) => part !== undefined).join('/');
    const path = index < 0 ? `the shipped text ${name}` : `templates.${index}.text (${name})`;
    return templateProblems(each, bounds).map((sentence) => ({ path, sentence }));
  });
};
