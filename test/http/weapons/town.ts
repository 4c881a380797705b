import { expect, inject } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { wrongCode } from '../../fakes/world.ts';
import { type Answer, clientOf, openStack, wordOf } from '../client.ts';
import { openSettling } from './settling.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
/** Draws of probes depend on the time itself, and counts on its place in ten minutes, an hour and a day. */
const firstMs = Date.UTC(2030, 0, 7, 9);

/**
 * A running service that people and strangers use over HTTP.
 *
 * - Its clock stands still, except when a test moves it, and begins at the same time in each run.
 * - `settle` waits until the detector has acted on all that happened before. So no test waits for luck.
 * - Its detector has run for eight days, so no level is still record-only. People of the country have verified.
 */
export const openTown = async () => {
  const { stack, settle } = await openSettling((options) => openStack(inject('strictBundles'), options));
  const town = { ...peopleOf(stack, settle), settle };
  let release = () => {};
  const held = stack.clock.holdDuring(() => new Promise<void>((resolve) => (release = resolve)));
  const stop = async () => {
    release();
    await held;
    await stack.stop();
  };
  town.later(firstMs - stack.clock.now());
  expect(await town.newcomer('+91700000')).toBe('approved');
  // The detector counts its days from its first event. One that it reads a week late would leave it new.
  await settle();
  town.later(7 * dayMs);
  for (let nth = 0; nth < 8; nth += 1) {
    expect(await town.newcomer(`+917${nth}0000`)).toBe('approved');
    town.later(dayMs / 8);
  }
  await settle();
  return { ...town, ...attacksOf(town), stop };
};

export type Town = Awaited<ReturnType<typeof openTown>>;

type People = ReturnType<typeof peopleOf> & { readonly settle: () => Promise<void> };

/** Everything that people do, honest or not. */
const peopleOf = (stack: LocalStack, settle: () => Promise<void>) => {
  const app = clientOf(stack);
  let [ips, numbers] = [0, 0];
  const later = (ms: number) => stack.clock.advance(ms);
  /** Waits for a time of the day (UTC), on which counts depend. The tests before take as long as their probes are drawn. */
  const laterAt = (ofDayMs: number) => later((ofDayMs - (stack.clock.now() % dayMs) + dayMs) % dayMs);
  /** An IP in a network that nobody has used. */
  const newIp = (): string => {
    ips += 1;
    return `10.${Math.floor(ips / 250)}.${ips % 250}.7`;
  };
  /** A number of the range that nobody has used. */
  const newNumber = (range: string): string => {
    numbers += 1;
    return `${range}${numbers + 1000}`;
  };
  const ask = (phoneNumber: string, ip: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    app.request({ phoneNumber }, { 'x-local-source-ip': ip, ...headers });
  /** Asks as soon as the limits of number and IP allow it. It waits for no block. */
  const askWhenAllowed = async (phoneNumber: string, ip: string): Promise<Answer> => {
    const answer = await ask(phoneNumber, ip);
    if (answer.status === 201 || wordOf(answer) === 'destination-suspended') return answer;
    later(Number(answer.headers.get('retry-after')) * 1000);
    await settle();
    return await ask(phoneNumber, ip);
  };
  /** The code of the last SMS, of whatever length. */
  const codeOf = (phoneNumber: string): string =>
    /\b\d{6,10}\b/.exec(stack.messages(phoneNumber)[0]?.text ?? '')?.[0] ?? '';
  const typeIn = async (phoneNumber: string, { body }: Answer): Promise<unknown> =>
    wordOf(await app.check(String(body['id']), { code: codeOf(phoneNumber) }));
  const guessWrongly = async (phoneNumber: string, { body }: Answer, times: number): Promise<void> => {
    for (let nth = 1; nth <= times; nth += 1)
      await app.check(String(body['id']), { code: wrongCode(codeOf(phoneNumber), nth) });
  };
  /** Has the code sent again, as soon as that is allowed. */
  const resend = async ({ body }: Answer): Promise<unknown> => {
    later(30_000);
    return wordOf(await app.resend(String(body['id'])));
  };
  /** The outcome for a person who asks for a code and types it in: `approved`, or why not. */
  const signIn = async (phoneNumber: string, ip: string): Promise<unknown> => {
    const answer = await ask(phoneNumber, ip);
    return answer.status === 201 ? await typeIn(phoneNumber, answer) : wordOf(answer);
  };
  /** Somebody new asks, from a network of their own if no IP is given, and types in the code that comes. */
  const newcomer = (range: string, ip = newIp()): Promise<unknown> => signIn(newNumber(range), ip);
  return { later, laterAt, newIp, newNumber, ask, askWhenAllowed, resend, typeIn, guessWrongly, signIn, newcomer };
};

/** People who have verified at home, and strangers who attack. */
const attacksOf = ({ later, newIp, newNumber, ask, guessWrongly, signIn, settle }: People) => ({
  /** People who have verified, each from an IP, a day ago. */
  holders: async (count: number, range: string, ipOf: (nth: number) => string = newIp) => {
    const people: { readonly phoneNumber: string; readonly home: string }[] = [];
    for (let nth = 0; nth < count; nth += 1) {
      const person = { phoneNumber: newNumber(range), home: ipOf(nth) };
      expect(await signIn(person.phoneNumber, person.home)).toBe('approved');
      people.push(person);
      later(2 * minuteMs);
    }
    await settle();
    later(dayMs);
    return people;
  },
  /** Sends to new numbers of a range, each from a new network, until one is refused. */
  pump: async (range: string): Promise<void> => {
    for (let sent = 0; sent < 60; sent += 1) {
      const answer = await ask(newNumber(range), newIp());
      if (answer.status !== 201) return;
      later(2000);
      await settle();
    }
    throw new Error(`60 SMS went into ${range}, and nobody stopped them.`);
  },
  /** One person behind an IP asks for eight numbers, and enters five wrong codes for each. */
  guessFrom: async (ip: string, headers: Readonly<Record<string, string>> = {}): Promise<void> => {
    for (let nth = 0; nth < 8; nth += 1) {
      const number = newNumber(`+9199215${nth}`);
      const answer = await ask(number, ip, headers);
      if (answer.status === 201) await guessWrongly(number, answer, 5);
      later(minuteMs);
      await settle();
    }
  },
  /** Plays something each minute of a time. */
  everyMinute: async (minutes: number, act: (minute: number) => Promise<unknown>): Promise<void> => {
    for (let minute = 1; minute <= minutes; minute += 1) {
      later(minuteMs);
      await act(minute);
      await settle();
    }
  },
});
