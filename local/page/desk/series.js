// @ts-check

/**
 * A point of a line: so many by this time.
 *
 * @typedef {readonly [atMs: number, count: number]} Point
 * @typedef {'requests' | 'approved' | 'refused'} Measure
 * @typedef {Record<Measure, Point[]>} Lines
 */

const timeBucketMs = 600_000;
const slotMs = 10_000;
const maxPolled = 600;

/** @type {readonly Measure[]} */
export const measures = ['requests', 'approved', 'refused'];

/**
 * The lines of a finding's traffic. The API has ten minutes and ten seconds; each further look adds a point of its own.
 */
export const createSeries = () => {
  /** @type {Map<number, Record<Measure, number>>} */
  const timeBuckets = new Map();
  /** @type {Lines | undefined} */
  let history;
  /** @type {{ atMs: number, totals: Record<Measure, number> }[]} */
  let polled = [];
  let lookedMs = 0;

  return {
    /**
     * @param {import('./api.js').Traffic} traffic
     * @param {number} foundMs
     * @param {number} nowMs
     */
    add: (traffic, foundMs, nowMs) => {
      const before = lookedMs;
      lookedMs = nowMs;
      // A time bucket that has left the window of the API stays here: no line falls.
      for (const { from, ...counts } of traffic.byTenMinutes) timeBuckets.set(Date.parse(from), counts);
      history ??= historyOf(traffic, foundMs, nowMs);
      const totals = totalsOf([...timeBuckets.values()]);
      const last = polled.at(-1);
      if (last !== undefined && measures.every((measure) => last.totals[measure] === totals[measure])) return;
      // Until the last look nothing had changed.
      if (last !== undefined && before > last.atMs) polled.push({ atMs: before, totals: last.totals });
      polled.push({ atMs: nowMs, totals });
      if (polled.length > maxPolled) polled = polled.filter((_, nth) => nth % 2 === 0 || nth === polled.length - 1);
    },
    /**
     * @param {number} nowMs
     * @returns {Lines}
     */
    lines: (nowMs) => {
      /** @param {Measure} measure */
      const lineOf = (measure) => {
        /** @type {Point[]} */
        const line = [...(history?.[measure] ?? []), ...polled.map(({ atMs, totals }) => point(atMs, totals[measure]))];
        return [...line, point(nowMs, line.at(-1)?.[1] ?? 0)];
      };
      return { requests: lineOf('requests'), approved: lineOf('approved'), refused: lineOf('refused') };
    },
  };
};

/**
 * @param {number} atMs
 * @param {number} count
 * @returns {Point}
 */
const point = (atMs, count) => [atMs, count];

/** @param {readonly Record<Measure, number>[]} all */
const totalsOf = (all) => {
  /** @param {Measure} measure */
  const total = (measure) => all.reduce((sum, each) => sum + each[measure], 0);
  return { requests: total('requests'), approved: total('approved'), refused: total('refused') };
};

/**
 * What happened before the first look. Refusals have ten minutes only, and begin with the block.
 *
 * @param {import('./api.js').Traffic} traffic
 * @param {number} foundMs
 * @param {number} nowMs
 * @returns {Lines}
 */
const historyOf = ({ byTenMinutes, byTenSeconds }, foundMs, nowMs) => {
  /** @type {Lines} */
  const lines = { requests: [], approved: [], refused: [] };
  const sums = { requests: 0, approved: 0, refused: 0 };
  /** @type {(measure: Measure, fromMs: number, endMs: number, count: number) => void} */
  const rise = (measure, fromMs, endMs, count) => {
    if (count <= 0) return;
    lines[measure].push(point(fromMs, sums[measure]));
    sums[measure] += count;
    lines[measure].push(point(Math.max(fromMs, endMs), sums[measure]));
  };
  for (const { from, ...counts } of byTenMinutes) {
    const fromMs = Date.parse(from);
    const endMs = Math.min(fromMs + timeBucketMs, nowMs);
    const slots = byTenSeconds.filter((slot) => Math.floor((Date.parse(slot.from) - fromMs) / timeBucketMs) === 0);
    /** @type {readonly ('requests' | 'approved')[]} */
    const slotted = ['requests', 'approved'];
    for (const measure of slotted) {
      let rest = counts[measure];
      for (const slot of slots) {
        const slotFromMs = Date.parse(slot.from);
        rise(measure, slotFromMs, Math.min(slotFromMs + slotMs, nowMs), slot[measure]);
        rest -= slot[measure];
      }
      rise(measure, slots.length > 0 ? endMs : fromMs, endMs, rest);
    }
    rise('refused', Math.min(Math.max(fromMs, foundMs), endMs), endMs, counts.refused);
  }
  return lines;
};

/** A pause is as wide as this at most, so that seconds of an attack stay visible beside quiet hours. */
const widestMs = 10_000;

/**
 * The times at which a line bends, the first and the last included.
 *
 * @param {Lines} lines
 * @param {number} foundMs
 * @param {number} nowMs
 */
export const bendsOf = (lines, foundMs, nowMs) => {
  const times = measures.flatMap((measure) => lines[measure].map(([atMs]) => atMs));
  return [...new Set([...times, foundMs, nowMs])].filter((atMs) => atMs <= nowMs).toSorted((one, other) => one - other);
};

/**
 * The place of a time between the first bend (0) and the last (1). Long pauses are shortened.
 *
 * @param {readonly number[]} bends
 * @returns {(atMs: number) => number}
 */
export const placesOf = (bends) => {
  let sum = 0;
  const places = bends.map((atMs, nth) => {
    sum += nth === 0 ? 0 : Math.min(widestMs, atMs - (bends[nth - 1] ?? atMs));
    return sum;
  });
  return (atMs) => (sum === 0 ? 1 : (places[bends.findLastIndex((bend) => bend <= atMs)] ?? 0) / sum);
};

/**
 * The count of a line at a time, along its straight parts.
 *
 * @param {readonly Point[]} line
 * @param {number} atMs
 */
export const countAt = (line, atMs) => {
  const next = line.findIndex(([at]) => at > atMs);
  const [beforeMs, before] = line[next === -1 ? line.length - 1 : next - 1] ?? [atMs, 0];
  const [afterMs, after] = line[next] ?? [atMs, before];
  if (next === -1 || afterMs === beforeMs) return before;
  return next === 0 ? 0 : before + ((after - before) * (atMs - beforeMs)) / (afterMs - beforeMs);
};
