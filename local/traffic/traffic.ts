import { randomUUID } from 'node:crypto';
import { type AppSetup, appOf } from './app.ts';
import { placesOf } from './places.ts';
import { type PlayerPorts, perform } from './player.ts';
import { type Play, plays } from './plays.ts';
import { newTally, type Progress, type Tally } from './progress.ts';
import type { Where } from './visit.ts';

export type Traffic = {
  readonly plays: () => readonly Pick<Play, 'play' | 'title' | 'detail' | 'kind'>[];
  readonly running: () => readonly Progress[];
  readonly start: (play: string, options?: { readonly isHurried?: boolean }) => Promise<Started>;
  /** Ends the play that runs, after the act in hand. @returns its progress; `undefined` if none runs. */
  readonly stop: () => Promise<Progress | undefined>;
  readonly find: (id: string) => Progress | undefined;
  readonly clear: () => Promise<void>;
};

export type Started =
  | { readonly kind: 'started'; readonly progress: Progress }
  | { readonly kind: 'running'; readonly progress: Progress }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'impossible'; readonly detail: string };

export type TrafficSetup = AppSetup &
  Pick<PlayerPorts, 'clock' | 'settle' | 'strike'> & {
    /** What keeps a play from this instance. */
    readonly facts: () => Promise<{
      readonly limits: boolean;
      readonly countries: readonly string[];
      readonly applications: readonly { readonly kind: string }[];
    }>;
  };

/** The latest plays are remembered. */
const maxPlayed = 50;
/** A play that takes longer than this ends. */
const longestMs = 60_000;

type Run = {
  readonly id: string;
  readonly play: Play;
  readonly startedAt: string;
  readonly where: Where;
  readonly tally: Tally;
  readonly ending: AbortController;
  state: Progress['state'];
  error?: string;
  ended?: Promise<void>;
};

/** Plays attacks and legitimate traffic against this instance, one play at a time. */
export const createTraffic = (setup: TrafficSetup): Traffic => {
  let runs: readonly Run[] = [];
  let count = 0;
  const current = () => runs.find(({ state }) => state === 'running');
  const begin = (play: Play, isHurried: boolean): Run => {
    const script = play.script(placesOf(count));
    count += 1;
    const run: Run = {
      id: randomUUID(),
      play,
      startedAt: new Date(setup.clock.now()).toISOString(),
      where: script.where,
      tally: newTally(),
      ending: new AbortController(),
      state: 'running',
    };
    const { signal } = run.ending;
    const app = appOf(setup);
    const timer = setTimeout(() => run.ending.abort(tooLong), longestMs);
    run.ended = perform(script, run.tally, { ...setup, app, signal, isHurried })
      .then(
        () => endAs(run, undefined),
        (error: unknown) => endAs(run, error),
      )
      .finally(() => clearTimeout(timer));
    runs = [run, ...runs].slice(0, maxPlayed);
    return run;
  };
  const stop = async () => {
    const run = current();
    run?.ending.abort(asked);
    await run?.ended;
    return run === undefined ? undefined : progressOf(run);
  };
  return {
    plays: () => plays.map(({ play, title, detail, kind }) => ({ play, title, detail, kind })),
    running: () => runs.filter(({ state }) => state === 'running').map(progressOf),
    start: async (name, { isHurried = false } = {}) => {
      const play = plays.find((known) => known.play === name);
      if (play === undefined) return { kind: 'unknown' };
      const detail = whyNot(play, await setup.facts());
      if (detail !== undefined) return { kind: 'impossible', detail };
      const other = current();
      if (other !== undefined) return { kind: 'running', progress: progressOf(other) };
      return { kind: 'started', progress: progressOf(begin(play, isHurried)) };
    },
    stop,
    find: (id) => {
      const run = runs.find((known) => known.id === id);
      return run === undefined ? undefined : progressOf(run);
    },
    clear: async () => {
      await stop();
      runs = [];
    },
  };
};

const asked = 'asked';
const tooLong = 'too long';

const endAs = (run: Run, error: unknown): void => {
  const { aborted, reason } = run.ending.signal;
  if (aborted && reason === asked) {
    run.state = 'stopped';
    return;
  }
  const isFailed = aborted || error !== undefined;
  run.state = isFailed ? 'failed' : 'done';
  if (aborted) run.error = `The play took longer than ${longestMs / 1000} seconds.`;
  else if (error !== undefined) run.error = error instanceof Error ? error.message : String(error);
};

const whyNot = (
  play: Play,
  { limits, countries, applications }: Awaited<ReturnType<TrafficSetup['facts']>>,
): string | undefined => {
  if (!limits) return 'This local mode has no limits and no detector. Start it without --no-limits.';
  const missing = play.countries.filter((country) => !countries.includes(country));
  if (missing.length > 0)
    return `The settings have no SMS to ${missing.join(', ')}. Start with --allow-all-countries, or play another.`;
  if (applications[0]?.kind !== 'public')
    return 'The player is end users, who call a public application. The settings have none.';
  return undefined;
};

const progressOf = ({ id, play, startedAt, where, tally, state, error }: Run): Progress => ({
  id,
  play: play.play,
  title: play.title,
  startedAt,
  state,
  phase: tally.phase,
  where,
  attack: { ...tally.attack },
  neighbors: { ...tally.neighbors },
  movedSeconds: Math.round(tally.movedMs / 1000),
  ...(error === undefined ? {} : { error }),
});
