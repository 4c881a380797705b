import { itemKinds } from '../../contract.ts';
import type { PortNotice, RiskAnswer, UnknownReason } from '../../otp/risk/ports.ts';
import { type Item, numberAt, values } from '../dynamo/items.ts';

const { guards: kinds } = itemKinds;

/** How long an answer about a SIM is good. */
export const riskCacheSeconds = 600;

// The answer of a provider about the SIM of a number.
export const riskKey = (phoneKey: string): string => `${kinds['sim-swap'].pk}${phoneKey}`;

export const riskItem = (phoneKey: string, answer: RiskAnswer, askedAtMs: number): Item =>
  values({
    pk: riskKey(phoneKey),
    kind: answer.kind,
    provider: answer.provider,
    swappedAt: answer.kind === 'swapped' ? answer.swappedAtMs : undefined,
    reason: answer.kind === 'unknown' ? answer.reason : undefined,
    askedAt: askedAtMs,
    expiresAt: Math.floor(askedAtMs / 1000) + riskCacheSeconds,
  });

/** The answer while it is good. An item that is no answer is none. */
export const readRisk = (item: Item | undefined, nowMs: number): RiskAnswer | undefined => {
  if (item === undefined || (numberAt(item, 'expiresAt') ?? 0) * 1000 <= nowMs) return undefined;
  const provider = item['provider']?.S ?? '';
  const kind = item['kind']?.S;
  if (kind === 'clean') return { kind, provider };
  if (kind === 'swapped') return { kind, provider, swappedAtMs: numberAt(item, 'swappedAt') };
  if (kind === 'unknown') return { kind, provider, reason: (item['reason']?.S ?? 'not-known') as UnknownReason };
  return undefined;
};

// A carrier's notice that a number was ported.
export const portNoticeKey = (phoneKey: string): string => `${kinds['port-notice'].pk}${phoneKey}`;

export const portNoticeItem = (phoneKey: string, notice: PortNotice): Item =>
  values({
    pk: portNoticeKey(phoneKey),
    notedAt: notice.notedAtMs,
    portedAt: notice.portedAtMs,
    author: notice.by,
    reason: notice.reason,
    expiresAt: Math.ceil(notice.untilMs / 1000),
  });

/** The notice while it holds. */
export const readPortNotice = (item: Item | undefined, nowMs: number): PortNotice | undefined => {
  const untilMs = (numberAt(item, 'expiresAt') ?? 0) * 1000;
  if (item === undefined || untilMs <= nowMs) return undefined;
  return {
    notedAtMs: numberAt(item, 'notedAt') ?? 0,
    portedAtMs: numberAt(item, 'portedAt'),
    untilMs,
    by: item['author']?.S ?? '',
    reason: item['reason']?.S ?? '',
  };
};
