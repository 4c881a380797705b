import type { Where } from './visit.ts';

/** How far a play is, for the page and for scripts. */
export type Progress = {
  readonly id: string;
  readonly play: string;
  readonly title: string;
  /** RFC 3339 UTC, by the clock of the functions. */
  readonly startedAt: string;
  readonly state: 'running' | 'done' | 'stopped' | 'failed';
  /** Before the attack, while it goes on, and after it. */
  readonly phase: 'before' | 'during' | 'after';
  readonly where: Where;
  readonly attack: {
    /** Requests for an SMS, resends included. */
    readonly asked: number;
    readonly sent: number;
    readonly refused: number;
    /** Codes that the attacker typed in rightly. */
    readonly entered: number;
  };
  readonly neighbors: {
    readonly asked: number;
    /** Those who typed their code in. */
    readonly served: number;
    readonly refused: number;
  };
  /** By how much the play has moved the clock. */
  readonly movedSeconds: number;
  /** Why it failed. */
  readonly error?: string;
};

export type Side = 'attack' | 'neighbors';

/** Counts while a play runs. */
export type Tally = {
  phase: Progress['phase'];
  readonly attack: { asked: number; sent: number; refused: number; entered: number };
  readonly neighbors: { asked: number; served: number; refused: number };
  movedMs: number;
};

export const newTally = (): Tally => ({
  phase: 'before',
  attack: { asked: 0, sent: 0, refused: 0, entered: 0 },
  neighbors: { asked: 0, served: 0, refused: 0 },
  movedMs: 0,
});

export const countAsk = (tally: Tally, side: Side, isSent: boolean): void => {
  tally[side].asked += 1;
  if (!isSent) tally[side].refused += 1;
  else if (side === 'attack') tally.attack.sent += 1;
};

export const countEntered = (tally: Tally, side: Side): void => {
  if (side === 'attack') tally.attack.entered += 1;
  else tally.neighbors.served += 1;
};
