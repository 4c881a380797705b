import { type BlockLevel, blockLevels, type Policy } from '../../policy.ts';
import {
  type Budget,
  budgetsOf,
  capsFor,
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
import { isKnownGood, type Standing } from './reputation.ts';

/** Who and what a send concerns: keyed hashes and groups, never a number. */
export type Subject = {
  readonly phoneKey: string;
  readonly block: string;
  readonly operator: string;
  readonly country: string;
  /** Pseudonym of the caller's address. */
  readonly address: string;
  readonly application: string;
};

/** Written by the burst detector or by staff. It expires by itself, and says why and by whom. */
export type Block = {
  readonly level: BlockLevel;
  /** Epoch seconds. */
  readonly until: number;
  readonly reason: string;
  readonly by: string;
  /** Only for strangers who call from an address where nobody has verified. */
  readonly challenge?: true | undefined;
};

/** What is known of the caller's address. */
export type AddressFacts = {
  /**
   * Theoretical arrival times of the GCRA, epoch milliseconds, 0 where nothing was sent yet: of what it sent before it was
   * proven, and since. What a new office used up with its first people does not hold up those who follow.
   */
  readonly tatMs: number;
  readonly provenTatMs: number;
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
  readonly standing: Standing;
  readonly blocks: readonly Block[];
  /** Codes are guessed at over many numbers of the country. */
  readonly isSprayed: boolean;
  readonly address: AddressFacts;
  readonly country: CountryDay;
  readonly spent: { readonly total: Spent; readonly country: Spent };
};

/** What a send takes from counters that many callers share, conditional on what is left of each. */
export type Reservation = {
  readonly address:
    | {
        readonly key: string;
        readonly rate: Rate;
        readonly country: string;
        readonly countriesPerDay: number;
        /** Which of the two times is meant. */
        readonly isProven: boolean;
        readonly tatMs: number;
      }
    | undefined;
  /** Only where a country's day is limited for this number. */
  readonly countryDay: { readonly country: string; readonly mostSends: number } | undefined;
  readonly spend: readonly { readonly budget: Budget; readonly caps: Spent }[];
  readonly price: number;
  readonly day: string;
  readonly hour: string;
  readonly nowMs: number;
};

export type RefusedBy = {
  readonly kind: 'refused';
  /** Which limit, in one word; blocks say no more than that there is one. */
  readonly limit: string;
  readonly because: 'phone' | 'address' | 'block' | 'spend' | 'trickle';
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
  const knownGood = isKnownGood(facts.standing, nowMs);
  const own = decideSend(facts.guard, policy.sends, nowMs);
  // The address first: whoever has used it up is told of that, and of nothing that concerns the number.
  const broken = [
    refusedAddress(facts.address, subject, policy, nowMs),
    heldBy(facts, subject, policy, knownGood, nowMs),
    refusedPhone(own),
    refusedTrickle(facts, subject, policy, knownGood, nowMs),
    refusedSpend(facts.spent, subject, policy, knownGood, nowMs),
  ].filter((refused) => refused !== undefined);
  const [first] = broken;
  if (first !== undefined) {
    // The wait until none of them holds any more: at that second a request is accepted, unless others came first.
    return { ...first, retryAfterSeconds: Math.max(...broken.map(({ retryAfterSeconds }) => retryAfterSeconds)) };
  }
  if (own.kind === 'refused') throw new Error('A limit of the phone was passed over. This is a bug: please report it.');
  return { kind: 'admitted', guard: own.guard, reservation: reservationOf(facts, subject, policy, knownGood, nowMs) };
};

const refusedPhone = (own: GuardDecision): RefusedBy | undefined =>
  own.kind === 'allowed'
    ? undefined
    : { kind: 'refused', because: 'phone', limit: own.limit, retryAfterSeconds: own.retryAfterSeconds };

/**
 * Blocks on one phone or one address hold for everybody; blocks on groups of numbers spare those that are known good.
 * A challenge spares, besides, whoever calls from where people have verified.
 */
const heldBy = (
  { blocks, address }: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  knownGood: boolean,
  nowMs: number,
): RefusedBy | undefined => {
  const [exempt, proven] = [isExempt(subject, policy), isProven(address, policy)];
  // A back end's address is everybody's: where one block of numbers is attacked through it, its name excuses nothing.
  const isTrusted = (level: BlockLevel): boolean => (exempt ? level !== 'block' : proven);
  const live = blocks.filter(({ until }) => until * 1000 > nowMs);
  const holding = live
    .filter(({ level }) => level === 'phone' || level === 'address' || !knownGood)
    .filter(({ level, challenge }) => challenge !== true || !isTrusted(level));
  if (holding.length === 0) return undefined;
  const until = Math.max(...holding.map((block) => block.until));
  const limit = `block-${blockLevels.find((level) => holding.some((block) => block.level === level)) ?? 'unknown'}`;
  return { kind: 'refused', because: 'block', limit, retryAfterSeconds: Math.ceil((until * 1000 - nowMs) / 1000) };
};

const isExempt = ({ application }: Subject, { addresses }: Policy): boolean =>
  addresses.exemptApplications.includes(application);

const isProven = ({ successes }: AddressFacts, { addresses }: Policy): boolean => successes >= addresses.provenAfter;

const rateFor = (facts: AddressFacts, policy: Policy): Rate =>
  rateOf(isProven(facts, policy) ? policy.addresses.proven : policy.addresses.unproven);

/** Travellers and users of a VPN share addresses: where people verify, they come from everywhere. */
const mostCountries = 250;
const countriesFor = (facts: AddressFacts, policy: Policy): number =>
  isProven(facts, policy) ? mostCountries : policy.addresses.countriesPerDay;

const tatOf = (facts: AddressFacts, policy: Policy): number =>
  isProven(facts, policy) ? facts.provenTatMs : facts.tatMs;

const refusedAddress = (
  facts: AddressFacts,
  subject: Subject,
  policy: Policy,
  nowMs: number,
): RefusedBy | undefined => {
  if (isExempt(subject, policy)) return undefined;
  const { countriesToday } = facts;
  if (!countriesToday.includes(subject.country) && countriesToday.length >= countriesFor(facts, policy)) {
    return {
      kind: 'refused',
      because: 'address',
      limit: 'address-countries',
      retryAfterSeconds: secondsLeftOfDay(nowMs),
    };
  }
  const [rate, tatMs] = [rateFor(facts, policy), tatOf(facts, policy)];
  if (conforms(tatMs, rate, nowMs)) return undefined;
  const retryAfterSeconds = Math.ceil((conformsAt(tatMs, rate) - nowMs) / 1000);
  return { kind: 'refused', because: 'address', limit: 'address', retryAfterSeconds };
};

/** Sends that each verification of the day makes room for: people try twice, and not all of them get through. */
const sendsPerVerification = 2;

/**
 * Where hardly anybody verifies, a day's sends may run ahead of its verifications by so many. Numbers, addresses and
 * back ends that are known are spared: a stranger who uses the allowance up must not lock them out.
 */
const mostSendsOf = (
  { country, address }: Pick<AdmissionFacts, 'country' | 'address'>,
  subject: Subject,
  policy: Policy,
  knownGood: boolean,
): number | undefined => {
  const { verifiedToday, verifiedYesterday } = country;
  const { lowVolume } = policy;
  if (knownGood || isExempt(subject, policy) || isProven(address, policy)) return undefined;
  if (verifiedToday + verifiedYesterday >= lowVolume.verifications) return undefined;
  return verifiedToday * sendsPerVerification + lowVolume.unverifiedSendsPerDay;
};

const refusedTrickle = (
  facts: Pick<AdmissionFacts, 'country' | 'address'>,
  subject: Subject,
  policy: Policy,
  knownGood: boolean,
  nowMs: number,
): RefusedBy | undefined => {
  const most = mostSendsOf(facts, subject, policy, knownGood);
  if (most === undefined || facts.country.sentToday < most) return undefined;
  return {
    kind: 'refused',
    because: 'trickle',
    limit: 'country-unverified',
    retryAfterSeconds: secondsLeftOfDay(nowMs),
  };
};

const priceOf = (policy: Policy, country: string): number => microUsd(policy.countries[country]?.priceUsd ?? 0);

const refusedSpend = (
  spent: AdmissionFacts['spent'],
  { country }: Subject,
  policy: Policy,
  knownGood: boolean,
  nowMs: number,
): RefusedBy | undefined => {
  const price = priceOf(policy, country);
  const reached = budgetsOf(policy, country).flatMap(({ of, caps }) => {
    const limits = capsFor(caps, knownGood);
    return fits(spent[of], price, limits) ? [] : [{ of, wait: spendRetryAfter(spent[of], price, limits, nowMs) }];
  });
  const [first] = reached;
  if (first === undefined) return undefined;
  const retryAfterSeconds = Math.max(...reached.map(({ wait }) => wait));
  return { kind: 'refused', because: 'spend', limit: `spend-${first.of}`, retryAfterSeconds };
};

const reservationOf = (
  facts: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  knownGood: boolean,
  nowMs: number,
): Reservation => ({
  address: isExempt(subject, policy)
    ? undefined
    : {
        key: subject.address,
        rate: rateFor(facts.address, policy),
        country: subject.country,
        countriesPerDay: countriesFor(facts.address, policy),
        isProven: isProven(facts.address, policy),
        tatMs: tatOf(facts.address, policy),
      },
  countryDay: countryDayOf(facts, subject, policy, knownGood),
  spend: budgetsOf(policy, subject.country).map((budget) => ({ budget, caps: capsFor(budget.caps, knownGood) })),
  price: priceOf(policy, subject.country),
  day: dayOf(nowMs),
  hour: hourOf(nowMs),
  nowMs,
});

const countryDayOf = (
  facts: AdmissionFacts,
  subject: Subject,
  policy: Policy,
  knownGood: boolean,
): Reservation['countryDay'] => {
  const mostSends = mostSendsOf(facts, subject, policy, knownGood);
  return mostSends === undefined ? undefined : { country: subject.country, mostSends };
};

/**
 * What is left to this caller, for the RateLimit headers: the phone's windows and the address's allowance.
 *
 * @param taken whether this send has taken its share of the address's allowance since the facts were read.
 */
export const allowancesOf = (
  sends: readonly number[],
  facts: Pick<AdmissionFacts, 'address'>,
  subject: Subject,
  policy: Policy,
  nowMs: number,
  taken = false,
): readonly Allowance[] => {
  const ofPhone = allowances(sends, policy.sends, nowMs);
  if (isExempt(subject, policy)) return ofPhone;
  const before = tatOf(facts.address, policy);
  const { unproven, proven } = policy.addresses;
  const allowed = isProven(facts.address, policy) ? proven : unproven;
  const rate = rateOf(allowed);
  const tatMs = taken ? tatAfter(before, rate, nowMs) : before;
  const resetMs = Math.max(0, tatMs - nowMs);
  return [
    ...ofPhone,
    {
      name: 'address',
      quota: allowed.sends,
      windowSeconds: allowed.windowSeconds,
      remaining: remainingOf(tatMs, rate, nowMs),
      resetSeconds: Math.ceil(resetMs / 1000),
    },
  ];
};
