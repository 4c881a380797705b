import type { BlockLevel } from '../../policy.ts';
import type { Counts } from './traffic.ts';

/** What is remembered of a key of the time before its counts: one item, written once for each ten minutes of traffic. */
export type Carry = {
  /** The last epoch that is in it. */
  readonly epoch: number;
  /** The first epoch that ever was. */
  readonly since: number;
  /** Evidence for fraud at the end of that epoch: against sudden, and against slow traffic. */
  readonly fast: number;
  readonly slow: number;
  /** Verifications requested and approved, halved every four days; epochs that looked like fraud are left out. */
  readonly startedLong: number;
  readonly verifiedLong: number;
  /** The same of all epochs, halved every day. */
  readonly startedDay: number;
  readonly verifiedDay: number;
  /** Requested in each of the epochs before, newest first: six hours. */
  readonly recent: readonly number[];
  /** Approved in each hour of the day (UTC), as a mean over days that leans on the latest; -1 where none was seen. */
  readonly hours: readonly number[];
  /** Approved in the hour that is not over yet. */
  readonly thisHour: number;
};

/** What a key's traffic should be like. */
export type Baseline = {
  /** Verifications requested per hour. */
  readonly perHour: number;
  /** Share of them that is approved. */
  readonly conversion: number;
};

export const recentEpochs = 36;
export const hourEpochs = 6;
const longHalfLifeEpochs = 4 * 24 * hourEpochs;
const dayHalfLifeEpochs = 24 * hourEpochs;
/** How much the latest day counts in the mean of an hour. */
const dayWeight = 0.3;

/** What is believed before anything is known. */
export const usualConversion = 0.8;
const conversionTrials = 60;
const conversionBounds = [0.5, 0.95] as const;

export const noCarry = (epoch: number): Carry => ({
  epoch,
  since: epoch,
  fast: 0,
  slow: 0,
  startedLong: 0,
  verifiedLong: 0,
  startedDay: 0,
  verifiedDay: 0,
  recent: [],
  hours: Array.from({ length: 24 }, () => -1),
  thisHour: 0,
});

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

const halved = (value: number, epochs: number, halfLife: number): number => value * 2 ** (-epochs / halfLife);

const hourOf = (epoch: number): number => Math.floor(epoch / hourEpochs);

/** Means by hour after the hours that ended between two epochs; hours without any traffic count as such. */
const hoursAfter = (carry: Carry, epoch: number): Pick<Carry, 'hours' | 'thisHour'> => {
  const [first, last] = [hourOf(carry.epoch), hourOf(epoch)];
  if (last <= first) return carry;
  const hours = [...carry.hours];
  // Weeks without traffic say no more than one week does.
  const from = Math.max(first, last - 7 * 24);
  for (let hour = from; hour < last; hour += 1) {
    const approved = hour === first ? carry.thisHour : 0;
    const before = hours[hour % 24] ?? -1;
    hours[hour % 24] = before < 0 ? approved : before + dayWeight * (approved - before);
  }
  return { hours, thisHour: 0 };
};

/**
 * Takes one more epoch into a carry. Epochs in between had no traffic.
 *
 * @param evidence at the end of the epoch.
 * @param isLearnt whether the epoch looked as it should, so that it says what is usual.
 */
export const fold = (
  carry: Carry,
  counts: Counts,
  evidence: Pick<Carry, 'fast' | 'slow'>,
  isLearnt: boolean,
): Carry => {
  const passed = counts.epoch - carry.epoch;
  if (passed <= 0) return carry;
  const gap = Array.from({ length: Math.min(passed - 1, recentEpochs) }, () => 0);
  const [started, verified] = [sumOf(counts.started), sumOf(counts.verified)];
  const { hours, thisHour } = hoursAfter(carry, counts.epoch);
  const learnt = isLearnt ? 1 : 0;
  return {
    ...evidence,
    epoch: counts.epoch,
    since: carry.since,
    startedLong: halved(carry.startedLong, passed, longHalfLifeEpochs) + learnt * started,
    verifiedLong: halved(carry.verifiedLong, passed, longHalfLifeEpochs) + learnt * verified,
    startedDay: halved(carry.startedDay, passed, dayHalfLifeEpochs) + started,
    verifiedDay: halved(carry.verifiedDay, passed, dayHalfLifeEpochs) + verified,
    recent: [started, ...gap, ...carry.recent].slice(0, recentEpochs),
    hours,
    thisHour: thisHour + verified,
  };
};

/** Evidence is forgotten: half of it in so many epochs. */
const fastHalfLifeEpochs = 6 * hourEpochs;
const slowHalfLifeEpochs = 24 * hourEpochs;

/** The evidence of a carry, as old as it is at the beginning of an epoch. */
export const evidenceAt = (carry: Carry, epoch: number): Pick<Carry, 'fast' | 'slow'> => {
  const passed = Math.max(0, epoch - carry.epoch - 1);
  return {
    fast: halved(carry.fast, passed, fastHalfLifeEpochs),
    slow: halved(carry.slow, passed, slowHalfLifeEpochs),
  };
};

export const conversionOf = (carry: Carry | undefined, usual: number): number => {
  const { verifiedLong = 0, startedLong = 0 } = carry ?? {};
  const share = (verifiedLong + conversionTrials * usual) / (startedLong + conversionTrials);
  return Math.min(conversionBounds[1], Math.max(conversionBounds[0], share));
};

/** Requested and approved within about a day and a half, halved every day up to now. */
export const dayCounts = ({ epoch, startedDay, verifiedDay }: Carry, nowEpoch: number) => {
  const passed = Math.max(0, nowEpoch - epoch);
  return {
    started: halved(startedDay, passed, dayHalfLifeEpochs),
    verified: halved(verifiedDay, passed, dayHalfLifeEpochs),
  };
};

/** Hours that a count which is halved every four days stands for. */
const hoursBehind = ({ since, epoch }: Carry): number => {
  const age = epoch - since + 1;
  const behind = (longHalfLifeEpochs / Math.LN2) * (1 - 2 ** (-age / longHalfLifeEpochs));
  return Math.max(1, behind / hourEpochs);
};

/** Approved per hour in a country at a time of day, between the middles of the hours. */
const approvedPerHour = (carry: Carry, nowMs: number): number => {
  const mean = carry.verifiedLong / hoursBehind(carry);
  const at = (nowMs / 3_600_000 - 0.5) % 24;
  const hour = Math.floor(at);
  const share = at - hour;
  const known = (index: number): number => {
    const value = carry.hours[(index + 24) % 24] ?? -1;
    return value < 0 ? mean : value;
  };
  return known(hour) * (1 - share) + known(hour + 1) * share;
};

/** The least that is expected of a key per hour, lest the first request of all be a surprise. */
const leastPerHour: Readonly<Record<BlockLevel, number>> = {
  phone: 0.05,
  block: 0.02,
  operator: 0.1,
  country: 0.3,
  address: 0.2,
};

/** What is believed of a part's share before it is known, and the approvals that this belief is worth. */
const operatorShare = { share: 1 / 24, worth: 8 };
const blockShare = { share: 1 / 100, worth: 3 };

const shareOf = (
  part: Carry | undefined,
  whole: Carry | undefined,
  { share, worth }: { readonly share: number; readonly worth: number },
): number => Math.min(1, ((part?.verifiedLong ?? 0) + share * worth) / ((whole?.verifiedLong ?? 0) + worth));

/**
 * What would be usual for a number block if everybody else of its operator came as they do now: a campaign brings people
 * to all blocks of an operator, a range that fraudsters own brings them to one.
 *
 * @param others requested per hour in the operator, outside of the block.
 */
export const amongOthers = ({ operator, block }: Pick<Chain, 'operator' | 'block'>, others: number): number => {
  const share = Math.min(0.5, shareOf(block, operator, blockShare));
  return (others * share) / (1 - share);
};

export type Chain = {
  readonly country: Carry | undefined;
  readonly operator: Carry | undefined;
  readonly block: Carry | undefined;
  readonly address: Carry | undefined;
};

/**
 * What is usual for a country, and for the parts of it, from approved verifications alone: what fraudsters ask for and
 * do not type in changes no expectation.
 */
export const baselinesOf = (chain: Chain, nowMs: number): Readonly<Record<keyof Chain, Baseline>> => {
  const conversion = conversionOf(chain.country, usualConversion);
  const approved = chain.country === undefined ? 0 : approvedPerHour(chain.country, nowMs);
  const ofCountry = approved / conversion;
  const ofOperator = ofCountry * shareOf(chain.operator, chain.country, operatorShare);
  const ofBlock = ofOperator * shareOf(chain.block, chain.operator, blockShare);
  const { address } = chain;
  const ofAddress = address === undefined ? 0 : address.verifiedLong / hoursBehind(address) / conversion;
  const usual = (level: keyof Chain, perHour: number): Baseline => ({
    perHour: Math.max(leastPerHour[level], perHour),
    conversion: conversionOf(chain[level], conversion),
  });
  return {
    country: usual('country', ofCountry),
    operator: usual('operator', ofOperator),
    block: usual('block', ofBlock),
    address: usual('address', ofAddress),
  };
};
