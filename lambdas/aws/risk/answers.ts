/** The answers of CAMARA SIM Swap 2.1: https://github.com/camaraproject/SimSwap/blob/r3.3/code/API_definitions/sim-swap.yaml */

import type { RiskAnswer, UnknownReason } from '../../otp/risk/ports.ts';
import type { NumberRiskPolicy, RiskProvider } from '../../policy.ts';
import type { WireAnswer } from './wire.ts';

type Asked = Pick<RiskProvider, 'name' | 'question'> & Pick<NumberRiskPolicy, 'maxAgeHours'>;

const hourMs = 3_600_000;
const dayHours = 24;

/** Reads an answer. Nothing that is not said clearly is taken for clean. */
export const readAnswer = (asked: Asked, { status, body }: WireAnswer, nowMs: number): RiskAnswer => {
  const unknown = (reason: UnknownReason): RiskAnswer => ({ kind: 'unknown', provider: asked.name, reason });
  if (status !== 200) return unknown(reasonOf(status, body?.['code']));
  if (body === undefined) return unknown('unavailable');
  return asked.question === 'check' ? readCheck(asked, body, unknown) : readDate(asked, body, nowMs, unknown);
};

type Unknown = (reason: UnknownReason) => RiskAnswer;
type Body = Readonly<Record<string, unknown>>;

const readCheck = ({ name: provider }: Asked, { swapped }: Body, unknown: Unknown): RiskAnswer => {
  if (typeof swapped !== 'boolean') return unknown('unavailable');
  return swapped ? { kind: 'swapped', provider } : { kind: 'clean', provider };
};

const readDate = (
  { name: provider, maxAgeHours }: Asked,
  { latestSimChange, monitoredPeriod }: Body,
  nowMs: number,
  unknown: Unknown,
): RiskAnswer => {
  if (latestSimChange === null) {
    // Without a swap in the days that the operator watches. Fewer days than are asked for say too little.
    const covers = typeof monitoredPeriod === 'number' && monitoredPeriod * dayHours >= maxAgeHours;
    return covers ? { kind: 'clean', provider } : unknown('not-known');
  }
  const swappedAtMs = timeIn(latestSimChange);
  if (swappedAtMs === undefined) return unknown('unavailable');
  // A clock of the operator that is ahead of ours makes no swap older.
  return nowMs - swappedAtMs <= maxAgeHours * hourMs
    ? { kind: 'swapped', provider, swappedAtMs: Math.min(swappedAtMs, nowMs) }
    : { kind: 'clean', provider };
};

/** RFC 3339, with a zone, and with as many decimals as an operator likes. */
const dateTime = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

const timeIn = (value: unknown): number | undefined => {
  const parts = typeof value === 'string' ? dateTime.exec(value) : null;
  if (parts === null) return undefined;
  const [, date, time, decimals = '', zone = ''] = parts;
  const ms = Date.parse(`${date}T${time}${decimals.slice(0, 4)}${zone.toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : ms;
};

/** Codes by which an operator says that it has no answer about this number. */
const notKnown = ['NOT_FOUND', 'IDENTIFIER_NOT_FOUND', 'SERVICE_NOT_APPLICABLE'];

const reasonOf = (status: number, code: unknown): UnknownReason => {
  if (status === 401) return 'no-token';
  if (status === 429) return 'throttled';
  // A 404 without such a code is that of a gateway: the root in the settings is wrong.
  if (status === 404 || status === 422) return notKnown.includes(String(code)) ? 'not-known' : 'misconfigured';
  return status >= 400 && status < 500 ? 'misconfigured' : 'unavailable';
};
