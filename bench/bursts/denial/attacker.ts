/**
 * An attacker who wants others refused. It has SMS for each hour, and as many refused requests as it likes. It saves SMS
 * while requests are refused, and spends them when they are let through. It tries several tactics, and keeps to the one
 * by which most of its requests are refused per SMS.
 */

import type { Visible } from '../contenders/contender.ts';
import type { Label } from '../play/book.ts';
import type { Random } from '../play/random.ts';
import type { Stage } from '../play/stage.ts';
import type { Address } from '../traffic/addresses.ts';
import { hourMs, minuteMs } from '../traffic/kinds.ts';
import type { Caller } from '../traffic/world.ts';

export type Means = {
  readonly stage: Stage;
  readonly random: Random;
  readonly startMs: number;
  readonly endMs: number;
  /** SMS an hour at a time. */
  readonly smsPerHour: (atMs: number) => number;
  /** An address of the attacker by its number, below `ips`. */
  readonly address: (number: number) => Address;
  readonly ips: number;
  /** A number that nobody knows in the target, one of a customer, or the victim's own. */
  readonly unknown: (address: Address) => Caller;
  readonly customer: (address: Address) => Caller;
  /** Whether it can read the SMS of unknown numbers: they are its own, or a victim's. */
  readonly canEnter: boolean;
  /** One number of the attacker: after its few SMS, each request for it is refused and costs nothing. */
  readonly own: Caller;
};

export const denialLabel: Label = { legit: false, family: 'denial', attack: 'denial' };

const wrongCodes = 5;

const guess = ({ stage }: Means, attempt: Visible | undefined) => {
  for (let count = 0; attempt !== undefined && count < wrongCodes; count += 1) stage.guessWrong(attempt, denialLabel);
};

/** The ways of an attacker to spend SMS. Each asks once. */
const tactics: Readonly<Record<string, (means: Means, address: Address) => Visible | undefined>> = {
  unknown: (means, address) => means.stage.ask(means.unknown(address), denialLabel),
  customers: (means, address) => means.stage.ask(means.customer(address), denialLabel),
  guesses: (means, address) => {
    const attempt = means.stage.ask(means.unknown(address), denialLabel);
    guess(means, attempt);
    return attempt;
  },
  resends: (means, address) => {
    const attempt = means.stage.ask(means.unknown(address), denialLabel);
    if (attempt !== undefined)
      means.stage.at(means.stage.now() + 31_000, () => means.stage.resend(attempt, denialLabel));
    return attempt;
  },
  entered: (means, address) => {
    const attempt = means.stage.ask(means.unknown(address), denialLabel);
    if (attempt !== undefined) means.stage.at(means.stage.now() + 15_000, () => means.stage.verify(attempt));
    return attempt;
  },
};

/** A tactic is tried for so long, then judged. */
const episodeMs = 20 * minuteMs;
const stepMs = 5000;
const freeEveryMs = 10_000;

type Effect = { asked: number; refused: number; spent: number };

/** The share of the requests that were refused, by what that cost. */
const worth = ({ asked, refused, spent }: Effect): number => (asked === 0 ? 0 : refused / asked / Math.max(1, spent));

export const attacks = (means: Means): void => {
  const { stage, random, startMs, endMs, smsPerHour, address, ips, own, canEnter } = means;
  const names = Object.keys(tactics).filter((name) => canEnter || name !== 'entered');
  const found = new Map(names.map((name) => [name, { asked: 0, refused: 0, spent: 0 }]));
  let [sms, name, until, isRefused, freeMs] = [smsPerHour(startMs), names[0] ?? '', startMs + episodeMs, false, 0];

  const best = (): string => {
    const untried = names.find((each) => found.get(each)?.asked === 0);
    if (untried !== undefined) return untried;
    return names.toSorted((one, other) => worth(of(other)) - worth(of(one)))[0] ?? name;
  };
  const of = (each: string): Effect => found.get(each) ?? { asked: 0, refused: 0, spent: 0 };

  const asks = (number: number) => {
    const isSent = tactics[name]?.(means, address(number)) !== undefined;
    const effect = of(name);
    effect.asked += 1;
    isRefused = !isSent;
    if (isSent) [sms, effect.spent] = [sms - 1, effect.spent + 1];
    else effect.refused += 1;
  };

  const step = () => {
    const nowMs = stage.now();
    if (nowMs >= endMs) return;
    sms = Math.min(smsPerHour(nowMs), sms + (smsPerHour(nowMs) * stepMs) / hourMs);
    if (nowMs >= until) [name, until] = [best(), nowMs + episodeMs];
    // Refused requests cost nothing: they go on from one IP, and from others only with SMS to lose.
    if (isRefused && nowMs >= freeMs) {
      freeMs = nowMs + freeEveryMs;
      asks(sms >= 1 ? random.below(ips) : 0);
    } else if (nowMs >= freeMs) {
      freeMs = nowMs + freeEveryMs;
      stage.ask(own, denialLabel);
    }
    for (let count = 0; !isRefused && sms >= 1 && count < 10; count += 1) asks(random.below(ips));
    stage.at(nowMs + stepMs, step);
  };
  stage.at(startMs, step);
};
