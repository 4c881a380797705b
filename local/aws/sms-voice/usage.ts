export type SpendChannel = 'text' | 'voice' | 'notify';

/** The usage of an account: calls and messages by name, and money of the month. */
export type Usage = {
  /** How often a name was noted within so many milliseconds until now. */
  readonly within: (name: string, ms: number) => number;
  /** Notes a name, and forgets what is older than so many milliseconds. */
  readonly note: (name: string, keptMs: number) => void;
  /** Spent in this month (UTC). */
  readonly spentUsd: (channel: SpendChannel) => number;
  readonly spend: (channel: SpendChannel, usd: number) => void;
  readonly clear: () => void;
};

/**
 * Counts by the given clock. A day is any 24 hours: AWS does not say when its days begin, and no calendar day lets through more
 * than that.
 */
export const createUsage = (now: () => number): Usage => {
  const noted = new Map<string, readonly number[]>();
  const spent = new Map<string, number>();
  const since = (name: string, ms: number) => (noted.get(name) ?? []).filter((at) => at > now() - ms);
  const monthOf = (channel: SpendChannel) => `${channel} ${new Date(now()).toISOString().slice(0, 7)}`;
  return {
    within: (name, ms) => since(name, ms).length,
    note: (name, keptMs) => void noted.set(name, [...since(name, keptMs), now()]),
    spentUsd: (channel) => spent.get(monthOf(channel)) ?? 0,
    spend: (channel, usd) => void spent.set(monthOf(channel), (spent.get(monthOf(channel)) ?? 0) + usd),
    clear: () => {
      noted.clear();
      spent.clear();
    },
  };
};
