/** When something happened to a verification: an SMS went out, it was approved, a guess was wrong. */
export type Moment = {
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Twelve characters of the record's key. Empty: an item from before ADR 43, which does not say. */
  readonly verification: string;
  /** The request came from a network from which the number has verified. */
  readonly pair?: true | undefined;
  /** A call, not an SMS. */
  readonly call?: true | undefined;
  /** Of a guess: which of its verification it was. Those from before ADR 66 do not say. */
  readonly nth?: number | undefined;
};

/** 72 bits of a hash that no caller can choose: enough to tell the verifications of one number apart. */
const nameLength = 12;

/** @param key key of the verification's record. */
export const momentOf = (key: string, atMs: number, isPair = false, isCall = false): Moment => ({
  atMs,
  verification: key.slice(0, nameLength),
  ...(isPair ? { pair: true } : {}),
  ...(isCall ? { call: true } : {}),
});

/** The moments that remain within a time and a number of them: the newest, oldest first. */
export const newestOf = (moments: readonly Moment[], sinceMs: number, max: number): readonly Moment[] =>
  moments
    .filter(({ atMs }) => atMs > sinceMs)
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-max);
