/** Attacks that learn from refusals. */

import { plannedMessages } from '../kinds.ts';
import type { Caller } from '../world.ts';
import { anyNumber, anyTarget, ask, type Play, type Scene } from './scene.ts';

const [fastestMs, slowestMs] = [1000, 600_000];
const bravery = 20;

/**
 * One a second, until the planned messages are sent or a day is over. A refusal halves the rate and moves to the next place. Twenty
 * messages in a row double the rate.
 */
const learning = (scene: Scene, callerIn: (place: number) => Caller | undefined) => {
  const { stage, attack } = scene;
  const planned = plannedMessages[attack.family] ?? 0;
  let [gapMs, place, sent, inARow] = [fastestMs, 0, 0, 0];

  const learn = (isSent: boolean) => {
    if (!isSent) {
      [gapMs, place, inARow] = [Math.min(slowestMs, gapMs * 2), place + 1, 0];
      return;
    }
    [sent, inARow] = [sent + 1, inARow + 1];
    if (inARow % bravery === 0) gapMs = Math.max(fastestMs, gapMs / 2);
  };

  const next = (atMs: number) => {
    if (atMs > attack.endMs || sent >= planned) return;
    stage.at(atMs, () => {
      const caller = callerIn(place);
      if (caller === undefined) return;
      learn(ask(scene, caller) !== undefined);
      next(atMs + gapMs);
    });
  };
  next(attack.startMs);
};

/** A11: stays in one prefix until it is refused, then takes the next, then another country. */
export const adaptive: Play = (scene) => {
  const { attack, random, rented } = scene;
  const targets = attack.countries.flatMap((country) =>
    random.shuffled(country.prefixes).map((prefix) => ({ country, prefix })),
  );
  learning(scene, (place) => {
    const target = targets[place % targets.length];
    const address = rented(random.below(20_000));
    return target && anyNumber(target.country, target.prefix, random, address);
  });
};

const hopIps = 100_000;

/** A20: takes another country, prefix, range and network for each message. Some targets are real customers. */
export const hopping: Play = (scene) => {
  const { attack, random, rented } = scene;
  learning(scene, () => anyTarget(scene, random.pick(attack.countries), rented(random.below(hopIps))));
};
