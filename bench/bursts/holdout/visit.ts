/** One visit: a person asks for a code, waits, mistypes, enters it, asks again, or gives up. */

import type { Visible } from '../contenders/contender.ts';
import type { Random } from '../play/random.ts';
import type { Asker, Stage } from '../play/stage.ts';
import type { TrapKind } from './calendar.ts';
import type { HoldoutLabel, HoldoutLedger } from './ledger.ts';
import { type HoldoutWorld, ipOf, type Person } from './world.ts';

export type HoldoutStage = Stage<HoldoutLabel, HoldoutLedger>;

/** How well SMS reach the subscribers of a carrier at a time. */
export type Health = {
  /** Share of the SMS that arrive, of those that would otherwise. */
  readonly arrives: number;
  /** Factor of the usual delivery time. */
  readonly slowness: number;
  /** The trap that causes it. */
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
  /** Factor of the carrier's conversion: how much people want what the code is for. */
  readonly resolve?: number;
  readonly trap?: TrapKind;
  /** The IP that all people of a trap share. Without it, each person has their own. */
  readonly ip?: string;
  /** Further requests that a faulty app sends within seconds of the first. */
  readonly echoes?: number;
};

const codeLifetimeSeconds = 300;
/** Share of the people whose next SMS is lost, although a code reaches them in the end. */
const isLostAgain = 0.13;
const maxSms = 5;
const resends = 0.7;
const mistypes = 0.035;

/** Most people type within half a minute. Some look for the phone first, a few type minutes later. */
const typingSeconds = (random: Random): number => {
  const manner = random.unit();
  if (manner < 0.74) return random.logNormal(9, 0.5);
  if (manner < 0.95) return random.logNormal(38, 0.6);
  return 60 * (1 - random.unit()) ** (-1 / 1.2);
};

type Temper = {
  /** Number of the SMS that reaches the person, from 1. Infinity if no code is ever entered. */
  readonly reachedBy: number;
  /** SMS that the person waits for before giving up. */
  readonly patience: number;
  /** Refusals after which the person still tries again. */
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

type Answer = {
  /** The code is typed before it expires and before the person asks for another. */
  readonly isInTime: boolean;
  readonly typedAfterSeconds: number;
  readonly asksAgainAfterSeconds: number;
};

/** How the person answers an SMS that goes out now. */
const answerTo = ({ person, random }: Visit, { arrives, slowness }: Health, isReached: boolean): Answer => {
  const isDelivered = isReached && random.happens(arrives);
  const deliverySeconds = slowness * random.logNormal(person.carrier.deliverySeconds, 0.8);
  const typedAfterSeconds = deliverySeconds + typingSeconds(random);
  const asksAgainAfterSeconds = random.between(30, 85);
  // The next code makes the first one void.
  const isInTime = isDelivered && typedAfterSeconds < codeLifetimeSeconds && deliverySeconds < asksAgainAfterSeconds;
  return { isInTime, typedAfterSeconds, asksAgainAfterSeconds };
};

const askerOf = (world: HoldoutWorld, { person, ip, random, application }: Visit): Asker => ({
  phone: person.phone,
  range: person.range,
  prefix: person.prefix,
  country: person.land,
  ip: ip ?? ipOf(world, person, random),
  verifiedBefore: person.verifiedBefore,
  application,
});

const after = (stage: HoldoutStage, seconds: number, act: () => void) =>
  stage.at(stage.now() + Math.round(1000 * seconds), act);

/** Types the code, sometimes a wrong one first. */
const type = (stage: HoldoutStage, attempt: Visible, label: HoldoutLabel, random: Random) => {
  const enter = () => {
    stage.verify(attempt);
    stage.ledger.entered();
  };
  if (!random.happens(mistypes)) return enter();
  stage.guessWrong(attempt, label);
  after(stage, random.between(5, 20), enter);
};

/** Begins a visit now. */
export const visit = ({ stage, world, healthOf }: Scene, planned: Visit): void => {
  const { person, random, echoes = 0 } = planned;
  const temper = temperOf(planned);
  const startedMs = stage.now();
  const trap = planned.trap ?? healthOf(person, startedMs).trap;
  const label: HoldoutLabel = trap === undefined ? { legit: true } : { legit: true, trap };
  const asker = askerOf(world, planned);
  let [sms, refusals, isSettled] = [0, 0, false];

  const settle = (isDelivered: boolean) => {
    if (isSettled) return;
    isSettled = true;
    stage.ledger.settled({ land: person.land, ip: asker.ip, trap, startedMs }, isDelivered);
  };

  /** Without a code: asks for another SMS of the same verification, or begins anew. */
  const again = (attempt: Visible) => {
    if (sms >= temper.patience) return;
    if (!random.happens(resends)) return ask();
    if (stage.resend(attempt, label) === 'sent') sent(attempt);
    else refused(() => again(attempt));
  };

  const sent = (attempt: Visible) => {
    settle(true);
    sms += 1;
    const answer = answerTo(planned, healthOf(person, stage.now()), sms >= temper.reachedBy);
    if (answer.isInTime) after(stage, answer.typedAfterSeconds, () => type(stage, attempt, label, random));
    else after(stage, answer.asksAgainAfterSeconds, () => again(attempt));
  };

  const refused = (retry: () => void) => {
    refusals += 1;
    if (refusals > temper.stubbornness) return settle(false);
    after(stage, random.between(15, 130), retry);
  };

  const ask = () => {
    const attempt = stage.ask(asker, label);
    if (attempt === undefined) refused(ask);
    else sent(attempt);
  };

  const echo = () => {
    if (stage.ask(asker, label) !== undefined) settle(true);
  };

  ask();
  for (let index = 0; index < echoes; index += 1) after(stage, random.between(0.2, 4) * (index + 1), echo);
};
