import { type BlockLevel, blockLevels, type Policy } from '../../policy.ts';
import {
  type Cap,
  capsFor,
  capsOf,
  dayOf,
  fits,
  hourOf,
  microUsd,
  type Spent,
  secondsLeftOfDay,
  spendRetryAfter,
} from './caps.ts';
import { conforms, conformsAt, type Rate, rateOf, remainingOf, tatAfter } from './gcra.ts';
import { type Allowance, allowances, decideSend, type Guard, type GuardDecision } from './guard.ts';
import { isTrustedNumber, type Reputation } from './reputation.ts';

/** Who and what a send concerns: keyed hashes and groups, never a number. */
export type Subject = {
  readonly phoneKey: string;
  readonly range: string;
  readonly prefix: string;
  readonly country: string;
  /** Pseudonym of the caller's IP. */
  readonly ip: string;
  readonly application: string;
};

/** Written by the burst detector or by staff. It expires by itself, and says why and by whom. */
export type Block = {
  readonly level: BlockLevel;
  /** Epoch seconds. */
  readonly until: number;
  readonly reason: string;
  readonly by: string;
  /** Only for unverified numbers who call from an IP where nobody has verified. */
  readonly restriction?: true | undefined;
};

/** What is known of the caller's IP. */
export type IpFacts = {
  /**
   * Theoretical arrival times of the GCRA, epoch milliseconds, 0 where nothing was sent yet: of what it sent before it was
   * trusted, and since. What a new office used up with its first people does not hold up those who follow.
   */
  readonly tatMs: number;
  readonly trustedTatMs: number;
  /** Countries sent to today (UTC). */
  readonly countriesToday: readonly string[];
  /** Numbers whose holders verified from there, each counted once, while that is remembered. */
  readonly successes: number;
};

/** What is known of a country's day (UTC). */
export type CountryDay = {
  readonly sentToday: number;
  readonly verifiedToday: number;
  readonly verifiedYesterday: number;
};

/** All that stands in the tables about a send, read at once. */
export type AdmissionFacts = {
  readonly guard: Guard;
  readonly reputation: Reputation;
  readonly blocks: readonly Block[];
  /** Codes are guessed at over many numbers of the country. */
  readonly isCodeSpraying: boolean;
  readonly ip: IpFacts;
  readonly country: CountryDay;
  readonly spent: { readonly total: Spent; readonly country: Spent };
};

/** What a send takes from counters that many callers share, conditional on what is left of each. */
export type Reservation = {
  readonly ip:
    | {
        readonly key: string;
        readonly rate: Rate;
        readonly country: string;
        readonly countriesPerDay: number;
        /** Which of the two times is meant. */
        readonly isTrustedIp: boolean;
        readonly tatMs: number;
      }
    | undefined;
  /** Only where a country's day is limited for this number. */
  readonly countryDay: { readonly country: string; readonly maxSends: number } | undefined;
  readonly caps: readonly { readonly cap: Cap; readonly caps: Spent }[];
  readonly price: number;
  readonly day: string;
  readonly hour: string;
  readonly nowMs: number;
};

export type RefusedBy = {
  readonly kind: 'refused';
  /** Which limit, in one word; blocks say no more than that there is one. */
  readonly limit: string;
  readonly because: 'phone' | 'ip' | 'block' | 'cap' | 'low-volume';
  readonly retryAfterSeconds: number;
};

export type Admission =
  | { readonly kind: 'admitted'; readonly guard: Guard; readonly reservation: Reservation }
  | RefusedBy;

/**
 * Decides whether one more SMS may be sent, and what it takes from the shared counters. Nothing has been written yet:
 * whoever is refused here costs nobody anything.
 */
export const admit = (facts: AdmissionFacts, subject: Subject, policy: Policy, nowMs: number): Admission => {
  const trusted = isTrustedNumber(facts.reputation, nowMs);
  const own = decideSend(facts.guard, policy.sends, nowMs);
  // The IP first: whoever has used it up is told of that, and of nothing that concerns the number.
  const broken = [
    refusedIp(facts.ip, subject, policy, nowMs),
    heldBy(facts, subject, policy, trusted, nowMs),
    refusedPhone(own),
    refusedLowVolume(facts, subject, policy, trusted, nowMs),
    refusedSpend(facts.spent, subject, policy, trusted, nowMs),
  ].filter((refused) => refused !== undefined);
  const [first] = broken;
  if (first !== undefined) {
    // The wait until none of them holds any more: at that second a request is accepted, unless others came first.
    return { ...first, retryAfterSeconds: Math.max(...broken.map(({ retryAfterSeconds }) => retryAfterSeconds)) };
  }
  if (own.kind === 'refused') throw new Error('A limit of the phone was passed over. This is a bug: please report it.');
  return { kind: 'admitted', guard: own.guard, reservation: reservationOf(facts, subject, policy, trusted, nowMs) };
};

const refusedPhone = (own: GuardDecision): RefusedBy | undefined =>
  own.kind === 'allowed'
    ? undefined
    : { kind: 'refused', because: 'phone', limit: own.limit, retryAfterSeconds: own.retryAfterSeconds };

/**
 * Blocks on one phone or one IP hold for everybody; blocks on groups of numbers spare those that are trusted.
 * A restriction spares, besides, whoever calls from where people have verified.
 */
const heldBy = (
  { blocks, ip }: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  trusted: boolean,
  nowMs: number,
): RefusedBy | undefined => {
  const [exempt, isFromTrustedIp] = [isExempt(subject, policy), isTrustedIp(ip, policy)];
  // A back end's IP is everybody's: where one block of numbers is attacked through it, its name excuses nothing.
  const isSpared = (level: BlockLevel): boolean => (exempt ? level !== 'range' : isFromTrustedIp);
  const live = blocks.filter(({ until }) => until * 1000 > nowMs);
  const holding = live
    .filter(({ level }) => level === 'phone' || level === 'ip' || !trusted)
    .filter(({ level, restriction }) => restriction !== true || !isSpared(level));
  if (holding.length === 0) return undefined;
  const until = Math.max(...holding.map((block) => block.until));
  const limit = `block-${blockLevels.find((level) => holding.some((block) => block.level === level)) ?? 'unknown'}`;
  return { kind: 'refused', because: 'block', limit, retryAfterSeconds: Math.ceil((until * 1000 - nowMs) / 1000) };
};

const isExempt = ({ application }: Subject, { ips }: Policy): boolean => ips.exemptApplications.includes(application);

const isTrustedIp = ({ successes }: IpFacts, { ips }: Policy): boolean => successes >= ips.trustedAfter;

const rateFor = (facts: IpFacts, policy: Policy): Rate =>
  rateOf(isTrustedIp(facts, policy) ? policy.ips.trusted : policy.ips.untrusted);

/** Travellers and users of a VPN share IPs: where people verify, they come from everywhere. */
const maxCountries = 250;
const countriesFor = (facts: IpFacts, policy: Policy): number =>
  isTrustedIp(facts, policy) ? maxCountries : policy.ips.countriesPerDay;

const tatOf = (facts: IpFacts, policy: Policy): number =>
  isTrustedIp(facts, policy) ? facts.trustedTatMs : facts.tatMs;

const refusedIp = (facts: IpFacts, subject: Subject, policy: Policy, nowMs: number): RefusedBy | undefined => {
  if (isExempt(subject, policy)) return undefined;
  const { countriesToday } = facts;
  if (!countriesToday.includes(subject.country) && countriesToday.length >= countriesFor(facts, policy)) {
    return {
      kind: 'refused',
      because: 'ip',
      limit: 'ip-countries',
      retryAfterSeconds: secondsLeftOfDay(nowMs),
    };
  }
  const [rate, tatMs] = [rateFor(facts, policy), tatOf(facts, policy)];
  if (conforms(tatMs, rate, nowMs)) return undefined;
  const retryAfterSeconds = Math.ceil((conformsAt(tatMs, rate) - nowMs) / 1000);
  return { kind: 'refused', because: 'ip', limit: 'ip', retryAfterSeconds };
};

/** Sends that each verification of the day makes room for: people try twice, and not all of them get through. */
const sendsPerVerification = 2;

/**
 * Where hardly anybody verifies, a day's sends may run ahead of its verifications by so many. Numbers, IPs and
 * back ends that are known are spared: an unverified number who uses the allowance up must not lock them out.
 */
const maxSendsOf = (
  { country, ip }: Pick<AdmissionFacts, 'country' | 'ip'>,
  subject: Subject,
  policy: Policy,
  trusted: boolean,
): number | undefined => {
  const { verifiedToday, verifiedYesterday } = country;
  const { lowVolume } = policy;
  if (trusted || isExempt(subject, policy) || isTrustedIp(ip, policy)) return undefined;
  if (verifiedToday + verifiedYesterday >= lowVolume.verifications) return undefined;
  return verifiedToday * sendsPerVerification + lowVolume.unverifiedSendsPerDay;
};

const refusedLowVolume = (
  facts: Pick<AdmissionFacts, 'country' | 'ip'>,
  subject: Subject,
  policy: Policy,
  trusted: boolean,
  nowMs: number,
): RefusedBy | undefined => {
  const most = maxSendsOf(facts, subject, policy, trusted);
  if (most === undefined || facts.country.sentToday < most) return undefined;
  return {
    kind: 'refused',
    because: 'low-volume',
    limit: 'low-volume',
    retryAfterSeconds: secondsLeftOfDay(nowMs),
  };
};

const priceOf = (policy: Policy, country: string): number => microUsd(policy.countries[country]?.priceUsd ?? 0);

const refusedSpend = (
  spent: AdmissionFacts['spent'],
  { country }: Subject,
  policy: Policy,
  trusted: boolean,
  nowMs: number,
): RefusedBy | undefined => {
  const price = priceOf(policy, country);
  const reached = capsOf(policy, country).flatMap(({ of, caps }) => {
    const limits = capsFor(caps, trusted);
    return fits(spent[of], price, limits) ? [] : [{ of, wait: spendRetryAfter(spent[of], price, limits, nowMs) }];
  });
  const [first] = reached;
  if (first === undefined) return undefined;
  const retryAfterSeconds = Math.max(...reached.map(({ wait }) => wait));
  return { kind: 'refused', because: 'cap', limit: `cap-${first.of}`, retryAfterSeconds };
};

const reservationOf = (
  facts: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  trusted: boolean,
  nowMs: number,
): Reservation => ({
  ip: isExempt(subject, policy)
    ? undefined
    : {
        key: subject.ip,
        rate: rateFor(facts.ip, policy),
        country: subject.country,
        countriesPerDay: countriesFor(facts.ip, policy),
        isTrustedIp: isTrustedIp(facts.ip, policy),
        tatMs: tatOf(facts.ip, policy),
      },
  countryDay: countryDayOf(facts, subject, policy, trusted),
  caps: capsOf(policy, subject.country).map((cap) => ({ cap, caps: capsFor(cap.caps, trusted) })),
  price: priceOf(policy, subject.country),
  day: dayOf(nowMs),
  hour: hourOf(nowMs),
  nowMs,
});

const countryDayOf = (
  facts: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  trusted: boolean,
): Reservation['countryDay'] => {
  const maxSends = maxSendsOf(facts, subject, policy, trusted);
  return maxSends === undefined ? undefined : { country: subject.country, maxSends };
};

/**
 * What is left to this caller, for the RateLimit headers: the phone's windows and the IP's allowance.
 *
 * @param taken whether this send has taken its share of the IP's allowance since the facts were read.
 */
export const allowancesOf = (
  sends: readonly number[],
  facts: Pick<AdmissionFacts, 'ip'>,
  subject: Subject,
  policy: Policy,
  nowMs: number,
  taken = false,
): readonly Allowance[] => {
  const ofPhone = allowances(sends, policy.sends, nowMs);
  if (isExempt(subject, policy)) return ofPhone;
  const before = tatOf(facts.ip, policy);
  const { untrusted, trusted } = policy.ips;
  const allowed = isTrustedIp(facts.ip, policy) ? trusted : untrusted;
  const rate = rateOf(allowed);
  const tatMs = taken ? tatAfter(before, rate, nowMs) : before;
  const resetMs = Math.max(0, tatMs - nowMs);
  return [
    ...ofPhone,
    {
      name: 'ip',
      quota: allowed.sends,
      windowSeconds: allowed.windowSeconds,
      remaining: remainingOf(tatMs, rate, nowMs),
      resetSeconds: Math.ceil(resetMs / 1000),
    },
  ];
};
