/** The numbers that asked and verified from an IP. A number is named by twelve characters of its keyed hash. */
export type IpHistory = {
  /** Numbers that verified from there, until they are forgotten. */
  readonly verifiers: readonly string[];
  /** Unverified numbers that asked from there today (UTC), and the day before: the first `maxAskersPerDay` of each. */
  readonly askersToday: readonly string[];
  readonly askersYesterday: readonly string[];
};

export const noIpHistory: IpHistory = { verifiers: [], askersToday: [], askersYesterday: [] };

/** Askers that an IP is remembered by: a sample of the day, of the same size for a home and for a carrier's gateway. */
export const maxAskersPerDay = 40;

/** 72 bits of a keyed hash: enough to tell the numbers of one IP apart. */
const nameLength = 12;
export const nameOfNumber = (phoneKey: string): string => phoneKey.slice(0, nameLength);

/** Failures that an IP may have without a verification, and for each verification. */
const failuresAtFirst = 4;
const failuresPerVerifier = 2;

/**
 * Whether most of the numbers behind an IP verify. A number of verifications alone could be bought: three SMS would make
 * any IP trusted for a month (ADR 58).
 */
export const isTrustedIp = (
  { verifiers, askersToday, askersYesterday }: IpHistory,
  { trustedAfter }: { readonly trustedAfter: number },
): boolean => {
  if (new Set(verifiers).size < trustedAfter) return false;
  return failuresLeft({ verifiers, askersToday, askersYesterday }) >= 0;
};

/** How many more of its numbers may fail before an IP is over what its verifications allow. Below zero: it is. */
const failuresLeft = ({ verifiers, askersToday, askersYesterday }: IpHistory): number => {
  const verified = new Set(verifiers);
  const failed = new Set([...askersToday, ...askersYesterday].filter((asker) => !verified.has(asker)));
  return Math.floor(failuresAtFirst + failuresPerVerifier * verified.size) - failed.size;
};

/**
 * How many askers a trusted IP may have today before it is trusted no more, if none of those to come verifies. Requests
 * that come at once have all read that it is trusted. The write of each is held to this, so that they get no more than one
 * after the other. `undefined`: the day's set is full before.
 */
export const maxAskersWhileTrusted = (history: IpHistory): number | undefined => {
  const max = history.askersToday.length + failuresLeft(history) + 1;
  return max < maxAskersPerDay ? max : undefined;
};

/** The asker as the day's set is to have it. `undefined`: it is there, or the set is full. */
export const newAsker = (asker: string | undefined, askersToday: readonly string[]): string | undefined =>
  asker === undefined || askersToday.includes(asker) || askersToday.length >= maxAskersPerDay ? undefined : asker;
