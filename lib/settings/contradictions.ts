import { templateProblems } from './message-length.ts';
import { countryOf, duringCodeSprayingOf, endOf, firstOf, isSameSlot, lastOf, templatesOf } from './policy.ts';
import { dayOfSeconds, type Settings } from './schema.ts';

/** Where something is wrong, and what to write instead. */
export type Problem = { readonly path: string; readonly sentence: string };

/** A list in which a key comes once, such as the names of windows; says where it comes again. */
const repeated = <Each>(list: readonly Each[], keyOf: (each: Each) => unknown): readonly number[] =>
  list.flatMap((each, index) => (list.findIndex((other) => keyOf(other) === keyOf(each)) < index ? [index] : []));

/** What is wrong between settings that are fine on their own. */
export const contradictions = (settings: Settings, now: Date): readonly Problem[] => [
  ...lifetimeProblems(settings),
  ...stepProblems(settings),
  ...windowProblems(settings),
  ...ipProblems(settings),
  ...capProblems(settings),
  ...priceProblems(settings),
  ...smallCapProblems(settings),
  ...burstCountryProblems(settings),
  ...testNumberProblems(settings, now),
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

/** Steps must lead down: more wrong guesses never leave more attempts. */
const stepProblems = ({ code: { afterWrongGuesses: steps } }: Settings): readonly Problem[] => [
  ...repeated(steps, ({ wrong }) => wrong).map((index) => ({
    path: `code.afterWrongGuesses.${index}.wrong`,
    sentence: 'There is a step from so many wrong guesses on already. Keep one of them.',
  })),
  ...steps.flatMap(({ wrong, maxAttempts }, index) =>
    steps.some((other) => other.wrong < wrong && other.maxAttempts < maxAttempts)
      ? [
          {
            path: `code.afterWrongGuesses.${index}.maxAttempts`,
            sentence: 'More wrong guesses may not leave more attempts. Write no more than the step before it has.',
          },
        ]
      : [],
  ),
];

const windowProblems = ({ sends: { windows } }: Settings): readonly Problem[] =>
  repeated(windows, ({ name }) => name).map((index) => ({
    path: `sends.windows.${index}.name`,
    sentence: `"${windows[index]?.name}" is taken. Give each window a name of its own.`,
  }));

const ipProblems = ({ ips: { untrusted, trusted } }: Settings): readonly Problem[] =>
  trusted.sends / trusted.windowSeconds < untrusted.sends / untrusted.windowSeconds
    ? [
        {
          path: 'ips.trusted',
          sentence: `Trusted IPs may not get less than others. Write ${Math.ceil((untrusted.sends * trusted.windowSeconds) / untrusted.windowSeconds)} sends or more.`,
        },
      ]
    : [];

/** An hour within its day, a country within the whole: a cap that can never be reached is a mistake about another. */
const capProblems = ({ caps: total, countries }: Settings): readonly Problem[] => [
  ...hourProblem('caps', total),
  ...Object.entries(countries).flatMap(([name, { caps: own }]) => [
    ...hourProblem(`countries.${name}.caps`, own),
    ...(['hourUsd', 'dayUsd'] as const).flatMap((time) => {
      const cap = own[time];
      if (cap === undefined || cap <= total[time]) return [];
      const path = `countries.${name}.caps.${time}`;
      return [
        { path, sentence: `All countries together may cost ${total[time]}. Write no more, or raise caps.${time}.` },
      ];
    }),
  ]),
];

const hourProblem = (
  path: string,
  { hourUsd: hour, dayUsd: day }: { readonly hourUsd?: number; readonly dayUsd?: number },
): readonly Problem[] =>
  hour !== undefined && day !== undefined && hour > day
    ? [
        {
          path: `${path}.hourUsd`,
          sentence: `An hour may not cost more than its day, ${day}. Write less, or raise dayUsd.`,
        },
      ]
    : [];

/** SNS drops a message that costs more than its maximum price, without an error to the sender. */
const priceProblems = (settings: Settings): readonly Problem[] =>
  Object.entries(settings.countries).flatMap(([name, { priceUsd: own }]) => {
    const { priceUsd, maxPriceUsd } = countryOf(settings, name);
    if (priceUsd <= maxPriceUsd) return [];
    return [
      {
        path: `countries.${name}.maxPriceUsd`,
        sentence: `An SMS to ${name} costs ${priceUsd} ${own === undefined ? 'by our estimate' : 'as you say'}, and at most ${maxPriceUsd} is paid, so that none would arrive. Write maxPriceUsd: ${priceUsd} or more there, or priceUsd with what you really pay.`,
      },
    ];
  });

/** The last fifth of a cap is for known-good numbers only, so that a cap of one SMS would let nobody be the first. */
const smallCapProblems = (settings: Settings): readonly Problem[] =>
  Object.keys(settings.countries).flatMap((name) => {
    const { priceUsd, caps } = countryOf(settings, name);
    if (caps.hourUsd >= 2 * priceUsd) return [];
    const sentence = `An SMS to ${name} costs ${priceUsd}, and an hour may cost ${caps.hourUsd}: nobody would get one. Write ${2 * priceUsd} or more there, and no less in caps.`;
    return [{ path: `countries.${name}.caps.hourUsd`, sentence }];
  });

/** A mode for a country that nothing is sent to is most likely meant for another, which then has none. */
const burstCountryProblems = ({ bursts, countries }: Settings): readonly Problem[] =>
  Object.keys(bursts.countries)
    .filter((name) => countries[name] === undefined)
    .map((name) => ({
      path: `bursts.countries.${name}`,
      sentence: `No SMS goes to ${name}. Add it to countries, or take its mode out.`,
    }));

const longestTestDays = 400;
const largestTestRange = 10_000;

const testNumberProblems = (settings: Settings, now: Date): readonly Problem[] =>
  settings.testNumbers.flatMap((numbers, index) => {
    const path = `testNumbers.${index}`;
    const rangeProblem = testRangeProblem(settings.testNumbers, index);
    const problems: Problem[] = rangeProblem === undefined ? [] : [{ path, sentence: rangeProblem }];
    const { digits } = settings.code;
    if (numbers.code.length !== digits) {
      problems.push({ path: `${path}.code`, sentence: `Codes have ${digits} digits (code.digits). Write ${digits}.` });
    }
    const daysLeft = (endOf(numbers) * 1000 - now.getTime()) / (dayOfSeconds * 1000);
    if (daysLeft <= 0) {
      const sentence = 'These numbers have expired. Write a later day, or take them out.';
      problems.push({ path: `${path}.expires`, sentence });
    }
    if (daysLeft > longestTestDays) {
      const sentence = `A fixed code is known to too many after a while. Write a day within the next ${longestTestDays} days.`;
      problems.push({ path: `${path}.expires`, sentence });
    }
    return problems;
  });

/** What is wrong with the numbers of an entry, on their own or beside the entries before it. */
const testRangeProblem = (entries: Settings['testNumbers'], index: number): string | undefined => {
  const numbers = entries[index];
  if (numbers === undefined) return undefined;
  const isSingle = numbers.number !== undefined;
  const isRange = numbers.from !== undefined && numbers.to !== undefined;
  const isMixed = isSingle && (numbers.from !== undefined || numbers.to !== undefined);
  if (isMixed || isSingle === isRange) return 'Write either number: "+12025550123", or both from and to.';
  const [from, to] = [firstOf(numbers), lastOf(numbers)];
  if (from.length !== to.length || from > to) return 'Write from and to with as many digits, the lower one first.';
  const size = Number(to) - Number(from) + 1;
  if (size > largestTestRange) return `The range has ${size} numbers. Write one of at most ${largestTestRange}.`;
  const overlaps = entries
    .slice(0, index)
    .some((other) => from.length === firstOf(other).length && from <= lastOf(other) && firstOf(other) <= to);
  return overlaps ? 'Some of these numbers stand in an entry before. Each number has one code.' : undefined;
};

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
    digits: duringCodeSprayingOf(settings).digits,
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
