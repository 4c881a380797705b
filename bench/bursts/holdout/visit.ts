/** How somebody gets a code and enters it, or does not: waits, asks again, mistypes, gives up. */

import type { Visible } from '../contenders/contender.ts';
import type { Random } from '../play/random.ts';
import type { Asker, Stage } from '../play/stage.ts';
import type { TrapKind } from './calendar.ts';
import type { HoldoutLabel, HoldoutLedger } from './ledger.ts';
import { type HoldoutWorld, ipOf, type Person } from './world.ts';

export type HoldoutStage = Stage<HoldoutLabel, HoldoutLedger>;

/** How SMS get through to a carrier's subscribers at a time. */
export type Health = {
  /** Of the SMS that would arrive in calm. */
  readonly arrives: number;
  /** Times the usual delivery time. */
  readonly slowness: number;
  /** What they suffer from, if they do. */
  readonly trap?: TrapKind;
};

export type HealthOf = (person: Person, atMs: number) => Health;

export type Scene = {
  readonly stage: HoldoutStage;
  readonly world: HoldoutWorld;
  readonly healthOf: HealthOf;
};

export type Visit = {
  readonly person: Person;
  readonly random: Random;
  readonly application: string;
  /** Times the carrier's conversion: how much people want what the code is for. */
  readonly resolve?: number;
  readonly trap?: TrapKind;
  /** Where all of a trap come from; elsewhere people are where they are. */
  readonly ip?: string;
  /** More requests that a faulty app makes with the first, a moment later. */
  readonly echoes?: number;
};

const codeLivesSeconds = 300;
/** Of those whose code comes in the end, the first SMS is lost for so many, and so on. */
const isLostAgain = 0.13;
const maxSms = 5;
const resends = 0.7;
const mistypes = 0.035;

/** Nearly all type within half a minute; some look for the phone first, a few get around to it much later. */
const typingSeconds = (random: Random): number => {
  const manner = random.unit();
  if (manner < 0.74) return random.logNormal(9, 0.5);
  if (manner < 0.95) return random.logNormal(38, 0.6);
  return 60 * (1 - random.unit()) ** (-1 / 1.2);
};

type Temper = {
  /** Which SMS reaches the person, from 1; none for who would not enter it, or whom none reaches. */
  readonly reachedBy: number;
  /** SMS that are waited for before the person gives up. */
  readonly patience: number;
  /** Refusals that are taken before the person gives up. */
  readonly stubbornness: number;
};

const temperOf = ({ person, random, resolve = 1 }: Visit): Temper => {
  const comesThrough = random.happens(Math.min(0.985, person.carrier.conversion * resolve));
  let lost = 1;
  while (lost < maxSms - 1 && random.happens(isLostAgain)) lost += 1;
  const wandersOff = random.happens(0.45);
  const tries = random.pick([1, 2, 2, 3, 4]);
  return {
    reachedBy: comesThrough ? lost : Number.POSITIVE_INFINITY,
    patience: comesThrough ? Math.max(lost, random.pick([2, 3, 4, maxSms])) : wandersOff ? 1 : tries,
    stubbornness: random.pick([1, 2, 2, 3, 4]),
  };
};

/** Begins a visit now. */
export const visit = ({ stage, world, healthOf }: Scene, planned: Visit): void => {
  const { person, random, application, echoes = 0 } = planned;
  const temper = temperOf(planned);
  const startedMs = stage.now();
  const trap = planned.trap ?? healthOf(person, startedMs).trap;
  const label: HoldoutLabel = trap === undefined ? { legit: true } : { legit: true, trap };
  const asker: Asker = {
    phone: person.phone,
    range: person.range,
    prefix: person.prefix,
    country: person.land,
    ip: planned.ip ?? ipOf(world, person, random),
    verifiedBefore: person.verifiedBefore,
    application,
  };
  let [sms, refusals, isSettled] = [0, 0, false];

  const after = (seconds: number, act: () => void) => stage.at(stage.now() + Math.round(1000 * seconds), act);

  const settle = (isDelivered: boolean) => {
    if (isSettled) return;
    isSettled = true;
    stage.ledger.settled({ land: person.land, ip: asker.ip, trap, startedMs }, isDelivered);
  };

  const type = (attempt: Visible) => {
    const isRight = () => {
      stage.verify(attempt);
      stage.ledger.entered();
    };
    if (!random.happens(mistypes)) return isRight();
    stage.guessWrong(attempt, label);
    after(random.between(5, 20), isRight);
  };

  /** Nothing came: another SMS for the same verification, or all from the start. */
  const again = (attempt: Visible) => {
    if (sms >= temper.patience) return;
    if (!random.happens(resends)) return ask();
    if (stage.resend(attempt, label) === 'sent') sent(attempt);
    else refused(() => again(attempt));
  };

  const sent = (attempt: Visible) => {
    settle(true);
    sms += 1;
    const health = healthOf(person, stage.now());
    const arrives = sms >= temper.reachedBy && random.happens(health.arrives);
    const deliverySeconds = health.slowness * random.logNormal(person.carrier.deliverySeconds, 0.8);
    const seconds = deliverySeconds + typingSeconds(random);
    const patienceSeconds = random.between(30, 85);
    // Who waits for what is late asks again meanwhile, and the first code is void by then.
    const isInTime = arrives && seconds < codeLivesSeconds && deliverySeconds < patienceSeconds;
    if (isInTime) after(seconds, () => type(attempt));
    else after(patienceSeconds, () => again(attempt));
  };

  const refused = (retry: () => void) => {
    refusals += 1;
    if (refusals > temper.stubbornness) return settle(false);
    after(random.between(15, 130), retry);
  };

  const ask = () => {
    const attempt = stage.ask(asker, label);
    if (attempt === undefined) refused(ask);
    else sent(attempt);
  };

  ask();
  for (let echo = 0; echo < echoes; echo += 1)
    after(random.between(0.2, 4) * (echo + 1), () => {
      if (stage.ask(asker, label) !== undefined) settle(true);
    });
};
