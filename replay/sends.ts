import type { TrafficEvent } from '../lambdas/bursts/counts/events.ts';
import { type Block, holdingBlocks, probesFor } from '../lambdas/otp/limits/blocks.ts';
import type { Trust } from '../lambdas/otp/limits/trust.ts';
import { type HeldLevel, heldLevels } from '../lambdas/policy.ts';
import type { MemoryBursts } from './memory/memory-bursts.ts';

/** Requests and resends that were sent, and those that a block refused. Other limits know nothing of thresholds. */
export const isDecidedByBlocks = ({ kind, limit }: TrafficEvent): boolean =>
  kind === 'started' || kind === 'resent' || (kind === 'refused' && limit?.startsWith('block-') === true);

const trustOf = ({ unverified, pair, trustedIp, subject }: TrafficEvent): Trust => ({
  isTrustedNumber: !unverified,
  isPair: pair === true,
  isTrustedIp: trustedIp === true,
  isSharedIp: subject.sharedIp === true,
});

const keysAt = ({ subject }: TrafficEvent): Readonly<Record<HeldLevel, string>> => ({
  ...{ phone: subject.phoneKey, ip: subject.ip, range: subject.range },
  ...{ prefix: subject.prefix, country: subject.country, 'new-network': subject.country },
});

/** Whether the blocks of a replay would refuse the recorded requests, by the code of the send path. */
export const sendsIn = (bursts: MemoryBursts) => {
  const probed = new Map<string, number>();
  const networks = new Map<string, number>();

  const blocksFor = (event: TrafficEvent, nowMs: number): readonly Block[] => {
    const keys = keysAt(event);
    return heldLevels.flatMap((level): Block[] => {
      const of = keys[level];
      const held = bursts.heldOn({ level, of }, nowMs);
      if (held === undefined) return [];
      const { untilMs, isRestriction, probeIntervalMs } = held;
      const restriction = isRestriction ? ({ restriction: true } as const) : {};
      const probedAtMs = probed.get(`${level} ${of}`);
      return [{ level, of, until: untilMs / 1000, reason: '', by: '', ...restriction, probeIntervalMs, probedAtMs }];
    });
  };

  const note = (levels: readonly { readonly level: HeldLevel; readonly of: string }[], event: TrafficEvent): void => {
    for (const { level, of } of levels) probed.set(`${level} ${of}`, event.atMs);
    networks.set(event.subject.network, event.atMs);
  };

  return {
    /** To be asked of each request in the order of their times. */
    isRefused: (event: TrafficEvent): boolean => {
      const nowMs = event.atMs;
      const blocks = blocksFor(event, nowMs);
      // A refusal does not say whose request it was: any block on its groups is taken to refuse it.
      if (event.kind === 'refused') return blocks.length > 0;
      const trust = trustOf(event);
      const holding = holdingBlocks(blocks, trust, nowMs);
      if (holding.length === 0) return false;
      if (holding.every(({ level }) => event.probes?.includes(level) === true)) {
        note(holding, event);
        return false;
      }
      const networkProbedAtMs = networks.get(event.subject.network) ?? 0;
      const taken = probesFor(holding, { blocks: holding, networkProbedAtMs }, event.subject, trust, nowMs);
      if (taken !== undefined) note(taken.probes, event);
      return taken === undefined;
    },
  };
};
