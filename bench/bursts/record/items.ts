/** Items that a run of the bench would have left in the tables, as an export finds them. */

import { unmarshall } from '@aws-sdk/util-dynamodb';
import { actionItem } from '../../../lambdas/aws/tables/security/actions.ts';
import { auditItem } from '../../../lambdas/aws/tables/security/audit.ts';
import { attributesOfCase } from '../../../lambdas/aws/tables/security/cases.ts';
import { historyText } from '../../../lambdas/aws/tables/traffic.ts';
import { auditEntryOf } from '../../../lambdas/bursts/audit.ts';
import { type BatchPlace, placesOf } from '../../../lambdas/bursts/counts/batch.ts';
import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { areOfNumber, everywhere, nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import type { Launch } from '../../../lambdas/bursts/evidence/launches.ts';
import type { RulingDecision } from '../../../lambdas/bursts/findings/decision.ts';
import { itemKinds } from '../../../lambdas/contract.ts';
import type { ExportedTable, FoundItem } from '../../../lambdas/desk/exports/export.ts';
import type { Rename } from '../../../lambdas/desk/exports/pseudonyms.ts';
import type { MemoryBursts } from '../../../replay/memory/memory-bursts.ts';

const { security, traffic } = itemKinds;

const found = (table: ExportedTable, item: Parameters<typeof unmarshall>[0]): FoundItem => {
  const { pk, sk, ...attributes } = unmarshall(item) as { readonly pk: string; readonly sk: string };
  return { table, pk, sk, attributes };
};

export const itemsOfBatch = (events: readonly TrafficEvent[], nowMs: number): readonly FoundItem[] => {
  const places: ReadonlyMap<string, BatchPlace> = placesOf(events, nowMs);
  return events.map((event) => found('security', auditItem(auditEntryOf(event, 400, places.get(event.id)))));
};

/** Numbers of the bench are no keyed hashes, which an export would find in a text. */
const nameIn = ({ key }: RulingDecision, rename: Rename): string =>
  key.level === 'phone' || key.level === 'ip' || areOfNumber(key) ? rename(key.of) : key.of;

/** The findings as their last changes left them. */
export const itemsOfFindings = (
  decisions: readonly RulingDecision[],
  { caseOf }: Pick<MemoryBursts, 'caseOf'>,
  rename: Rename,
): readonly FoundItem[] =>
  [...new Map(decisions.map((decision) => [decision.ruling.uid, decision]))].flatMap(([uid, decision]) => {
    const last = caseOf(uid);
    if (last === undefined) return [];
    const attributes = { ...attributesOfCase(last, decision.step.finding, 90), of: nameIn(decision, rename) };
    return [{ table: 'security', pk: security.finding.pk, sk: uid, attributes }];
  });

export const itemsOfLaunches = (launches: readonly Launch[]): readonly FoundItem[] =>
  launches.map(({ level, of, fromMs, untilMs, expected, reason }) => {
    const about = { principal: 'bench', reason, about: `${level} ${of}`, level, of, untilMs, expected };
    const id = `launch-${level}-${of}`;
    return found('security', actionItem({ id, atMs: fromMs, action: 'announce-launch', ...about }, 400));
  });

const groups: readonly string[] = ['country', 'prefix', 'range', 'new-network'];

/** The past as the detector knows it, and since when it runs. */
export const itemsOfPast = (bursts: MemoryBursts, nowMs: number): readonly FoundItem[] => {
  const { runningSinceMs } = bursts.atOnce.count([], [{ level: 'everywhere', of: everywhere }], nowMs);
  const histories = bursts
    .keys()
    .filter(({ level }) => groups.includes(level))
    .flatMap((key): readonly FoundItem[] => {
      const history = bursts.historyOf(key);
      const { sk } = traffic.history;
      return history === undefined
        ? []
        : [{ table: 'traffic', pk: nameOf(key), sk, attributes: { history: historyText(history) } }];
    });
  const { pk, sk } = traffic.running;
  return [...histories, { table: 'traffic', pk, sk, attributes: { since: runningSinceMs } }];
};
