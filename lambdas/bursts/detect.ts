import { Unavailable } from '../otp/ports.ts';
import type { TrafficEvent } from './counts/events.ts';
import { isNewAndSevere } from './findings/campaign.ts';
import type { Deployment } from './findings/commands.ts';
import { decide, mayCountInCampaign, type RulingDecision, rulingAfter } from './findings/decision.ts';
import type { JudgeSettings } from './judge/evaluation.ts';
import { judgeTraffic } from './judge/judge-traffic.ts';
import type { Ruling } from './judge/ruling.ts';
import { keysOf } from './judge/subjects.ts';
import { isKnownAtRisk } from './judge/swapped-number.ts';
import type { DetectorPorts, DetectorStore } from './ports.ts';

export type DetectorSettings = JudgeSettings & { readonly deployment: Deployment };

/**
 * Counts events, and acts on them: finds bursts, blocks them, and notifies staff.
 *
 * Each event is counted once, and all that follows is a function of what the tables hold. A batch that comes again, in
 * whatever order, leads to the same rulings.
 */
export const detectBursts =
  ({ now, store, launches, notify }: DetectorPorts, settings: DetectorSettings) =>
  async (events: readonly TrafficEvent[]): Promise<readonly Ruling[]> => {
    if (events.length === 0) return [];
    const keys = keysOf(events);
    // One time for the whole batch: its entries in the trail say as of when it was judged.
    const nowMs = now();
    const [{ facts, runningSinceMs }, announced = []] = await Promise.all([
      store.count(events, keys, nowMs),
      keys.length === 0 ? undefined : launches?.(),
    ]);
    if (keys.length === 0 && events.every(({ risk }) => risk === undefined)) return [];
    const moment = { nowMs, runningSinceMs, launches: announced };
    const { rolledUp, renewed, rulings } = judgeTraffic(events, facts, settings, moment);
    const failures: unknown[] = [];
    const attempt = <T>(write: Promise<T>) => write.catch((cause: unknown) => void failures.push(cause));
    // Blocks first, because every second of a burst costs money. One that fails keeps no other from being committed.
    const committed = await commitAll(store, rulings, settings.deployment, attempt);
    await Promise.all([
      ...renewed.map((each) => attempt(store.commit({ kind: 'renewal', ...each }))),
      ...rolledUp.map((each) => attempt(store.rollUp(each))),
    ]);
    await notify(committed.flatMap(({ step }) => step.notification ?? []));
    if (failures.length > 0) throw failures[0];
    return committed.map(({ ruling }) => ruling);
  };

type Attempt = <T>(write: Promise<T>) => Promise<T | undefined>;

/** Commits rulings beside each other, except new severe ones: they count each other, one after the other. */
const commitAll = async (
  store: DetectorStore,
  rulings: readonly Ruling[],
  deployment: Deployment,
  attempt: Attempt,
): Promise<readonly RulingDecision[]> => {
  const decisions = new Map<Ruling, RulingDecision>();
  const commit = async (ruling: Ruling): Promise<void> => {
    const decision = await attempt(commitRuling(store, ruling, deployment));
    if (decision !== undefined) decisions.set(ruling, decision);
  };
  const others = Promise.all(rulings.filter((ruling) => !isNewAndSevere(ruling)).map(commit));
  for (const ruling of rulings.filter(isNewAndSevere)) await commit(ruling);
  await others;
  return rulings.flatMap((ruling) => decisions.get(ruling) ?? []);
};

const maxTries = 8;

/**
 * Reads the case of a ruling, decides what the ruling leads to, and commits that: again, if another writer came first.
 *
 * @returns the decision; `undefined` if the key is blocked already, or staff want no block, or know of the number.
 */
export const commitRuling = async (
  store: Pick<DetectorStore, 'readCase' | 'commit'>,
  judged: Ruling,
  deployment: Deployment,
): Promise<RulingDecision | undefined> => {
  let ruling: Ruling | undefined = judged;
  for (let tries = 0; tries < maxTries && ruling !== undefined; tries += 1) {
    const facts = await store.readCase(ruling.uid, { withCampaign: mayCountInCampaign(ruling) });
    if (isKnownAtRisk(ruling, facts.before)) return undefined;
    const decision = decide(ruling, facts, deployment);
    const outcome = await store.commit(decision);
    if (outcome === 'committed') return decision;
    ruling = rulingAfter(ruling, outcome);
  }
  if (ruling === undefined) return undefined;
  // Other writers kept changing the case. The stream brings its records again.
  throw new Unavailable('DynamoDB TransactWriteItems');
};
