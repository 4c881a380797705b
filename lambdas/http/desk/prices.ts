import type { PriceReport, PriceRow } from '../../desk/prices/report.ts';
import { timeText as time } from '../../desk/times.ts';
import type { Reply } from '../problem.ts';

const usd = (microUsd: number): number => microUsd / 1_000_000;

const rowBody = (row: PriceRow) => ({
  country: row.country,
  route: row.route,
  channel: row.channel,
  messages: row.messages,
  ...(row.partsDriftPercent === undefined
    ? {}
    : { parts: { estimated: row.estimatedParts, real: row.realParts, driftPercent: row.partsDriftPercent } }),
  priceUsd: { estimated: usd(row.estimatedMicroUsd), real: usd(row.realMicroUsd), driftPercent: row.driftPercent },
  state: row.state,
});

export const answerPrices = ({ hasReceipts, state, sinceMs, rows, changes, unreadable }: PriceReport): Reply => ({
  status: 200,
  body: {
    state,
    hasReceipts,
    since: time(sinceMs),
    prices: rows.map(rowBody),
    changes,
    ...(unreadable === 0 ? {} : { unreadable }),
  },
});
