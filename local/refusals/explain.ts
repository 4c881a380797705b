import type { BundledPolicy } from '../bundled-policy.ts';
import type { HeldBlock } from './blocks.ts';

/** A refused call, with all that local mode knows of it. */
export type RefusedFacts = {
  readonly status: number;
  readonly code: string;
  readonly nowMs: number;
  readonly retryAfterSeconds: number | undefined;
  /** The limit that the function logged; of a block, its level. */
  readonly limit: string | undefined;
  readonly country: string | undefined;
  readonly policy: BundledPolicy;
  /** The blocks of the level that the limit names. */
  readonly blocks: readonly HeldBlock[];
  readonly keys: readonly { readonly application: string; readonly value: string }[];
};

/** Why a call was refused, and how to go on. In sentences for the developer at this machine. */
export type Explanation = { readonly why: string; readonly untilMs?: number; readonly lift?: string };

/** @returns `undefined` for a refusal of which the API says all there is to say. */
export const explain = (facts: RefusedFacts): Explanation | undefined => {
  const { limit, code, status } = facts;
  if (limit !== undefined) return explainLimit(facts, limit);
  if (status >= 500) return code === 'delivery-failed' ? networkFailed : failed;
  return byCode[code]?.(facts);
};

const explainLimit = (facts: RefusedFacts, limit: string): Explanation => {
  if (limit.startsWith('destination-')) return explainDestination(facts, limit);
  const level = /^block-(.+)$/.exec(limit)?.[1];
  if (level !== undefined) return explainBlock(facts, level);
  if (limit.startsWith('stop-')) return explainStop(facts, limit);
  const { why, setting, aside } = limitTexts[limit]?.(facts) ?? windowText(facts, limit);
  const untilMs = untilOf(facts);
  const lift = [aside, ...waysOut(facts), `The setting is ${setting}.`].filter((way) => way !== undefined).join(' ');
  return { why: `${why} (limit ${limit}).`, ...(untilMs === undefined ? {} : { untilMs }), lift };
};

const untilOf = ({ nowMs, retryAfterSeconds }: RefusedFacts): number | undefined =>
  retryAfterSeconds === undefined ? undefined : nowMs + retryAfterSeconds * 1000;

const startAnew = 'Or empty everything with DELETE /_local/state, or start with --no-limits.';

const waysOut = ({ retryAfterSeconds }: RefusedFacts): readonly string[] => [
  ...(retryAfterSeconds === undefined
    ? []
    : [`Move the clock with POST /_local/clock {"advanceSeconds": ${retryAfterSeconds}}.`]),
  startAnew,
];

type LimitText = { readonly why: string; readonly setting: string; readonly aside?: string };

const anotherIp = 'Call from another IP with the header x-local-source-ip: 203.0.113.7.';

const limitTexts: Readonly<Record<string, (facts: RefusedFacts) => LimitText>> = {
  cooldown: ({ policy }) => ({
    why: `The last SMS to this number is too recent. The seconds of wait after its SMS are ${policy.sends?.cooldownSeconds.join(', then ')}`,
    setting: 'sends.cooldownSeconds',
  }),
  'phone-24h-all': ({ policy }) => ({
    why: `The number has had its ${policy.sends?.maxIn24Hours} SMS of 24 hours, those of approved verifications included`,
    setting: 'sends.maxIn24Hours',
  }),
  'phone-24h-notify': () => ({
    why: 'Notify is the only route of SMS to the number, and AWS sends ten of its messages a day to a number. Networks from which it has not verified get seven of them within 24 hours',
    setting: 'smsRoutes: another route takes over',
  }),
  'notify-day': () => ({
    why: 'Notify is the only route of SMS to the country, and an account of the Basic tier sends 200 messages a day (UTC). The last fifth of them is for trusted numbers',
    setting: 'smsRoutes: another route takes over',
  }),
  ip: ({ policy: { ips } }) => ({
    why: `The IP asks for too many SMS. It may ask for ${rate(ips?.untrusted)}, half of them at once, and for ${rate(ips?.trusted)} once it is trusted`,
    setting: 'ips',
    aside: anotherIp,
  }),
  'ip-countries': ({ policy: { ips } }) => ({
    why: `The IP has asked for SMS to ${ips?.countriesPerDay} countries today (UTC), and to no more may it`,
    setting: 'ips.countriesPerDay',
    aside: anotherIp,
  }),
  'low-volume': ({ policy: { lowVolume }, country = 'the country' }) => ({
    why: `Too few SMS to ${country} are verified. With fewer than ${lowVolume?.verifications} verifications of yesterday and today, ${lowVolume?.unverifiedSendsPerDay} SMS a day (UTC) may stay without one`,
    setting: 'lowVolume',
  }),
  'cap-country': ({ policy, country }) => ({
    why: `The cap of ${country ?? 'the country'} is reached: ${caps(policy.countries[country ?? '']?.caps)}`,
    setting: `countries.${country ?? 'X'}.caps`,
  }),
  'cap-total': ({ policy }) => ({
    why: `The cap of all countries is reached: ${caps(policy.caps)}`,
    setting: 'caps',
  }),
  'cap-application': () => ({
    why: 'The cap of this application is reached. The last fifth of it is for trusted numbers',
    setting: 'applications.X.caps',
  }),
};

const windowText = ({ policy }: RefusedFacts, limit: string): LimitText => {
  const window = policy.sends?.windows.find(({ name }) => name === limit);
  if (window === undefined) return { why: 'A limit refused the call', setting: 'in docs/limits.md' };
  return {
    why: `The number has had ${rate(window)}, without those of approved verifications`,
    setting: 'sends.windows',
  };
};

const rate = (of: { readonly sends: number; readonly windowSeconds: number } | undefined): string =>
  of === undefined ? 'its SMS' : `${of.sends} SMS within ${of.windowSeconds} seconds`;

const caps = (of: { readonly hourUsd: number; readonly dayUsd: number } | undefined): string =>
  of === undefined
    ? 'its amount is not known here'
    : `$${of.hourUsd} an hour and $${of.dayUsd} a day (UTC), of which the last fifth is for trusted numbers`;

const explainDestination = (facts: RefusedFacts, limit: string): Explanation => {
  const { policy, country } = facts;
  if (limit === 'destination-type')
    return { why: 'The number is no mobile number, and gets no SMS.', lift: 'Use a mobile number.' };
  if (limit === 'destination-test-number')
    return {
      why: 'The test number has expired, or its uses are used up.',
      lift: 'Extend its entry in testNumbers of the settings, or empty everything with DELETE /_local/state.',
    };
  const names = Object.keys(policy.countries);
  return {
    why: `The number is of ${country ?? 'another country'}. The settings have SMS to ${names.slice(0, 20).join(', ')}${names.length > 20 ? ' and others' : ''}, for this application perhaps to fewer.`,
    lift: `Start with --allow-all-countries, or add ${country ?? 'the country'} to countries in the settings.`,
  };
};

const stopped: Readonly<Record<string, (country: string) => string>> = {
  'stop-all': () => 'Staff have stopped all sending',
  'stop-application': () => 'Staff have stopped the sending of this application',
  'stop-country': (country) => `Staff have stopped sending to ${country}`,
};

/** A stop has no end that anybody knows, whatever `Retry-After` says. */
const explainStop = ({ country = 'the country of the number' }: RefusedFacts, limit: string): Explanation => ({
  why: `${stopped[limit]?.(country) ?? 'The item of the stops cannot be read, which stops all sending'} (limit ${limit}). It holds until they resume.`,
  lift: 'Resume with otp-desk --local resume, or empty everything with DELETE /_local/state.',
});

/** At most as many blocks as a person reads. */
const maxNamed = 3;

const explainBlock = ({ blocks, nowMs, retryAfterSeconds }: RefusedFacts, level: string): Explanation => {
  const lift = ['Empty everything with DELETE /_local/state, or start with --no-limits.'];
  if (retryAfterSeconds !== undefined)
    lift.unshift(`Move the clock with POST /_local/clock {"advanceSeconds": ${retryAfterSeconds}}.`);
  lift.push(`The setting is bursts.levels.${level}, with the modes enforce, record-only and off.`);
  const named = blocks.slice(0, maxNamed).map(blockText).join(' ');
  const untilMs = Math.max(...blocks.map((block) => block.untilMs), nowMs + (retryAfterSeconds ?? 0) * 1000);
  return {
    why: named === '' ? `A block of the level ${level} held the number or the IP. It has ended by now.` : named,
    untilMs,
    lift: lift.join(' '),
  };
};

const blockText = (block: HeldBlock): string => {
  const { level, of, isRestriction, author, rule, sinceMs, reason } = block;
  // A keyed hash says nothing to a person.
  const group = /^[\w-]{20,}={0,2}$/.test(of) ? `this ${level}` : `the ${level} ${of}`;
  const by = rule === undefined ? `by ${author}` : `by ${author}, rule ${rule}`;
  const since = sinceMs === undefined ? '' : `, since ${timeOf(sinceMs)}`;
  const what = isRestriction
    ? `A restriction on ${group} holds numbers that have not verified lately`
    : `A block holds ${group}`;
  return `${what} (${by}${since}). ${reason}`.trim();
};

/** RFC 3339 UTC, to the second. */
export const timeOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const networkFailed: Explanation = {
  why: 'The stand-in of the SMS network failed, as a fault of POST /_local/faults made it.',
  lift: 'End all faults with POST /_local/faults {"mode": "none"}.',
};
const failed: Explanation = {
  why: 'A function or a stand-in of AWS failed. The terminal shows its errors.',
  lift: 'Repeat the call with the same Idempotency-Key. If it fails again, start local mode again.',
};

const keysText = ({ keys, policy }: RefusedFacts): string =>
  keys
    .map(
      ({ application, value }) =>
        `x-api-key: ${value} (${application}, ${policy.applications[application]?.kind ?? 'public'})`,
    )
    .join('; ');

/** By the code of the problem, if no limit refused the call. */
const byCode: Readonly<Record<string, (facts: RefusedFacts) => Explanation>> = {
  unauthorized: (facts) => ({
    why: 'The call has no API key that this local mode knows.',
    lift: `Send one of these headers: ${keysText(facts)}.`,
  }),
  forbidden: (facts) => ({
    why: 'The API key does not allow this call.',
    lift: `The keys of this local mode are ${keysText(facts)}.`,
  }),
  'end-user-not-accepted': (facts) => ({
    why: 'The IP of an end user is believed from applications of the kind back-end only.',
    lift: `Send the key of a back end. The keys are ${keysText(facts)}.`,
  }),
  'source-ip-not-allowed': (facts) => ({
    why: 'The application has sourceIps in the settings, and the call came from another IP.',
    lift: `Name one of them with the header x-local-source-ip. The keys are ${keysText(facts)}.`,
  }),
  'verification-not-found': () => ({
    why: 'No verification of this application has this id. All ids end with local mode, and with DELETE /_local/state.',
    lift: 'Request a verification, with the key that is then used to check it.',
  }),
};
