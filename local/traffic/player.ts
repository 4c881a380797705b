import { setTimeout as sleep } from 'node:timers/promises';
import type { App, Asked } from './app.ts';
import { countAsk, countEntered, type Side, type Tally } from './progress.ts';
import type { CodeUse, Outcome, Script, Visit } from './visit.ts';

export type PlayerPorts = {
  readonly app: App;
  readonly clock: { readonly now: () => number; readonly advance: (ms: number) => void };
  /** Waits until the detector has acted on all that happened before. */
  readonly settle: () => Promise<void>;
  /** Calls the functions that have a schedule. */
  readonly strike: () => Promise<void>;
  readonly signal: AbortSignal;
  /** Whether the clock moves in place of each wait. */
  readonly isHurried: boolean;
};

/** Longer gaps are no wait: the clock moves. */
const longestWaitMs = 250;
/** On so much time, the detector is waited for before the clock moves on. */
const settleEveryMs = 1000;
/** After so much moved time, the schedule is called. A deployment calls it each minute. */
const strikeEveryMs = { watched: 60_000, hurried: 60 * 60_000 };

/**
 * Plays a script over HTTP, one act after the other. Seconds pass as they are; longer times are moves of the clock.
 *
 * Its time is its own: if somebody else moves the clock, the next act comes as long after the last as it would have.
 */
export const perform = async (script: Script, tally: Tally, ports: PlayerPorts): Promise<void> => {
  const acts = openActs();
  const play: Playing = { ports, tally, acts };
  const neighbors = script.neighbors[Symbol.iterator]();
  const [next, answer] = openVisits(script.attack);
  let neighbor = neighbors.next().value;
  const time = openTime(ports, tally, Math.min(next()?.atSeconds ?? 0, neighbor?.atSeconds ?? 0, 0) * 1000);
  while (!ports.signal.aborted) {
    const attacker = next();
    const [byAttacker, byNeighbor] = [atMsOf(attacker), atMsOf(neighbor)];
    const planned = acts.nextAtMs();
    const atMs = Math.min(byAttacker, byNeighbor, planned);
    if (atMs === Number.POSITIVE_INFINITY) break;
    await time.moveTo(atMs);
    if (ports.signal.aborted) break;
    tally.phase = phaseAt(atMs, attacker);
    if (atMs === planned) await acts.take()?.();
    else if (attacker !== undefined && atMs === byAttacker) answer(await visit(play, 'attack', attacker, atMs));
    else if (neighbor !== undefined) {
      await visit(play, 'neighbors', neighbor, atMs);
      neighbor = neighbors.next().value;
    }
  }
  if (!ports.signal.aborted) tally.phase = 'after';
  await ports.settle();
  await ports.strike();
};

const atMsOf = (visited: Visit | undefined): number =>
  visited === undefined ? Number.POSITIVE_INFINITY : visited.atSeconds * 1000;

const phaseAt = (atMs: number, attacker: Visit | undefined): Tally['phase'] => {
  if (atMs < 0) return 'before';
  return attacker === undefined ? 'after' : 'during';
};

/** The next visit of an attack, which learns what became of it. */
const openVisits = (visits: Script['attack']) => {
  let step = visits.next();
  return [
    () => (step.done === true ? undefined : step.value),
    (outcome: Outcome) => {
      step = visits.next(outcome);
    },
  ] as const;
};

type Acts = ReturnType<typeof openActs>;

/** Acts that were planned while others were played. */
const openActs = () => {
  let planned: readonly { readonly atMs: number; readonly act: () => Promise<void> }[] = [];
  return {
    plan: (atMs: number, act: () => Promise<void>) => {
      planned = [...planned, { atMs, act }].toSorted((one, other) => one.atMs - other.atMs);
    },
    nextAtMs: () => planned[0]?.atMs ?? Number.POSITIVE_INFINITY,
    take: () => {
      const [first, ...rest] = planned;
      planned = rest;
      return first?.act;
    },
  };
};

type Playing = { readonly ports: PlayerPorts; readonly tally: Tally; readonly acts: Acts };

const visit = async (play: Playing, side: Side, { phone, ip, use }: Visit, atMs: number): Promise<Outcome> => {
  const asked = await play.ports.app.ask(phone, ip);
  countAsk(play.tally, side, asked !== undefined);
  if (asked === undefined) return 'refused';
  if (use.kind !== 'nothing') play.acts.plan(atMs + use.afterSeconds * 1000, () => goOn(play, side, asked, use, atMs));
  return 'sent';
};

const goOn = async (
  play: Playing,
  side: Side,
  asked: Asked,
  use: Exclude<CodeUse, { kind: 'nothing' }>,
  askedAtMs: number,
): Promise<void> => {
  const { app } = play.ports;
  if (use.kind === 'enter') {
    if (await app.enter(asked)) countEntered(play.tally, side);
    return;
  }
  if (use.kind === 'guess') {
    for (let nth = 1; nth <= use.times; nth += 1) await app.guessWrong(asked, nth);
    return;
  }
  countAsk(play.tally, side, await app.resend(asked));
  const left = { ...use, times: use.times - 1 };
  const atMs = askedAtMs + use.afterSeconds * 1000;
  if (left.times > 0) play.acts.plan(atMs + use.afterSeconds * 1000, () => goOn(play, side, asked, left, atMs));
};

/** The time of a play: that of the machine since its start, and the moves of the clock that it made itself. */
const openTime = ({ clock, settle, strike, signal, isHurried }: PlayerPorts, tally: Tally, fromMs: number) => {
  const startedMs = performance.now();
  let [settledMs, struckMs] = [fromMs, fromMs];
  let startMoveMs = 0;
  const nowMs = () => fromMs + performance.now() - startedMs + tally.movedMs - startMoveMs;
  const move = (ms: number) => {
    clock.advance(ms);
    tally.movedMs += ms;
  };
  const moveTo = async (atMs: number): Promise<void> => {
    const gapMs = atMs - nowMs();
    // A hurried play waits for the detector on a slow machine as well, or it would leave it behind.
    if (!isHurried && gapMs <= 0) return;
    if (!isHurried && gapMs <= longestWaitMs) return void (await sleep(gapMs, undefined, { signal }).catch(() => {}));
    if (atMs - settledMs >= settleEveryMs) {
      await settle();
      settledMs = atMs;
    }
    move(Math.max(0, atMs - nowMs()));
    if (atMs - struckMs < (isHurried ? strikeEveryMs.hurried : strikeEveryMs.watched)) return;
    await strike();
    struckMs = atMs;
  };
  startMoveMs = startOf(clock.now(), fromMs) - clock.now();
  move(startMoveMs);
  return { moveTo };
};

const dayMs = 86_400_000;
/** Late enough in a day (UTC), and early enough in an hour, that most plays are within one of each. */
const hourOfStartMs = 10 * 3_600_000 + 30_000;

/**
 * The time of the first act, so that the attack begins on another day: yesterday's limits, caps and blocks are not those of the
 * play.
 */
const startOf = (nowMs: number, fromMs: number): number => {
  const firstMs = nowMs + dayMs / 2 - fromMs;
  const day = Math.ceil((firstMs - hourOfStartMs) / dayMs);
  return day * dayMs + hourOfStartMs + fromMs;
};
