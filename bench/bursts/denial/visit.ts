/** A person of the target: asks, and asks again for ten minutes. */

import type { Label } from '../play/book.ts';
import type { Random } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import { minuteMs } from '../traffic/kinds.ts';
import { temperOf } from '../traffic/person.ts';
import { type Caller, usualHabits } from '../traffic/world.ts';

const patienceMs = 10 * minuteMs;
const asksAgainMs = minuteMs;
const label: Label = { legit: true };

export type Visit = {
  /** Share of the people who enter their code. */
  readonly conversion: number;
  /** Learns whether an SMS was sent within ten minutes. */
  readonly onEnd: (isServed: boolean) => void;
};

export const visits = (stage: Stage, caller: Caller, random: Random, { conversion, onEnd }: Visit): void => {
  const startedMs = stage.now();
  const { entersAfterMs } = temperOf(random, usualHabits, conversion);

  const asks = (): void => {
    const attempt = stage.ask(caller, label);
    if (attempt !== undefined) {
      onEnd(true);
      if (entersAfterMs < Number.POSITIVE_INFINITY) stage.at(stage.now() + entersAfterMs, () => stage.verify(attempt));
      return;
    }
    const againMs = stage.now() + Math.min(asksAgainMs, Math.max(1000, stage.waitMs()));
    if (againMs > startedMs + patienceMs) onEnd(false);
    else stage.at(againMs, asks);
  };
  asks();
};
