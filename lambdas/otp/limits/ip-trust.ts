/** Who asked and who verified from an IP. A number is named by twelve characters of its keyed hash. */
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
const failuresAtFirst = 2;
const failuresPerVerifier = 0.5;

/**
 * Whether most of the numbers behind an IP verify. A number of verifications alone could be bought: three SMS would make
 * any IP trusted for a month (ADR 58).
 */
export const isTrustedIp = (
  { verifiers, askersToday, askersYesterday }: IpHistory,
  { trustedAfter }: { readonly trustedAfter: number },
): boolean => {
  const verified = new Set(verifiers);
  if (verified.size < trustedAfter) return false;
  const failed = new Set([...askersToday, ...askersYesterday].filter((asker) => !verified.has(asker)));
  return failed.size <= failuresAtFirst + failuresPerVerifier * verified.size;
};

/** The asker as the day's set is to have it. `undefined`: it is there, or the set is full. */
export const newAsker = (asker: string | undefined, askersToday: readonly string[]): string | undefined =>
  asker === undefined || askersToday.includes(asker) || askersToday.length >= maxAskersPerDay ? undefined : asker;
