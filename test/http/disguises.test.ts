/** No stranger can stop your SMS: further ways in which an attacker may try, through limits, headers, networks and floods. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tally, wordOf } from './client.ts';
import { openTown, type Town } from './town.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.stop());

/** People who have verified at home, one after the other, a day ago. */
const holders = async (count: number, range: string, homeOf: (nth: number) => string) => {
  const people: { readonly phoneNumber: string; readonly home: string }[] = [];
  for (let nth = 0; nth < count; nth += 1) {
    const person = { phoneNumber: town.newNumber(range), home: homeOf(nth) };
    expect(await town.signIn(person.phoneNumber, person.home)).toBe('approved');
    people.push(person);
    town.later(2 * minuteMs);
  }
  await town.settle();
  town.later(24 * hourMs);
  return people;
};
const holder = async () => {
  const [person] = await holders(1, '+91981240', town.newIp);
  return person ?? expect.fail('There is nobody.');
};

describe('the SMS of a number are its holder’s at home:', () => {
  test('the holder waits for no cooldown of a stranger', async () => {
    const { phoneNumber, home } = await holder();
    expect((await town.ask(phoneNumber, town.newIp())).status).toBe(201);
    town.later(1000);
    expect(await town.signIn(phoneNumber, home)).toBe('approved');
  });

  test('strangers who take all SMS of ten minutes take none of the holder’s', async () => {
    const { phoneNumber, home } = await holder();
    let answer = await town.ask(phoneNumber, town.newIp());
    while (answer.body['limit'] !== 'phone-10m') {
      town.later(Number(answer.headers.get('retry-after') ?? 1) * 1000);
      answer = await town.ask(phoneNumber, town.newIp());
    }
    expect(await town.signIn(phoneNumber, home)).toBe('approved');
  });

  test('strangers who take all SMS of a day leave three to the holder', async () => {
    const { phoneNumber, home } = await holder();
    let answer = await town.ask(phoneNumber, town.newIp());
    while (answer.body['limit'] !== 'phone-24h') {
      town.later(Number(answer.headers.get('retry-after') ?? 1) * 1000);
      answer = await town.ask(phoneNumber, town.newIp());
    }
    for (let nth = 1; nth <= 2; nth += 1) {
      expect(wordOf(await town.ask(phoneNumber, home))).toBe('pending');
      town.later(2 * minuteMs);
    }
    expect(await town.signIn(phoneNumber, home)).toBe('approved');
  });

  test('strangers who use up the rate of an IP hold up nobody who has verified there', async () => {
    const cafe = town.newIp();
    const [person] = await holders(1, '+91981240', () => cafe);
    let answer = await town.ask(town.newNumber('+91982220'), cafe);
    while (answer.body['limit'] !== 'ip') answer = await town.ask(town.newNumber('+91982220'), cafe);
    expect(await town.signIn(person?.phoneNumber ?? '', cafe)).toBe('approved');
  });
});

describe('strangers who ask in the names of customers', () => {
  test('stop none of them at home, and make nobody’s codes longer there', async () => {
    const people = await holders(16, '+91981240', town.newIp);
    for (const { phoneNumber } of people) {
      for (const ip of [town.newIp(), town.newIp()]) {
        const answer = await town.askWhenAllowed(phoneNumber, ip);
        if (answer.status === 201) await town.guessWrongly(phoneNumber, answer, 3);
        await town.settle();
      }
    }
    const answers = [];
    for (const { phoneNumber, home } of people) {
      const answer = await town.ask(phoneNumber, home);
      answers.push([wordOf(answer), answer.body['codeLength'], await town.typeIn(phoneNumber, answer)]);
    }
    expect(answers).toEqual(people.map(() => ['pending', 6, 'approved']));
  });

  test('from two networks make no codes of others in the country longer', async () => {
    const [first, second] = [town.newIp(), town.newIp()].map((ip) => ip.replace(/\.7$/, ''));
    for (let nth = 0; nth < 20; nth += 1) {
      const number = town.newNumber(`+9199${300 + nth}0`);
      const answer = await town.ask(number, `${nth % 2 === 0 ? first : second}.${nth + 10}`);
      if (answer.status === 201) await town.guessWrongly(number, answer, 4);
      town.later(minuteMs);
      await town.settle();
    }
    const elsewhere = await town.ask(town.newNumber('+91981240'), town.newIp());
    expect(elsewhere.body).toMatchObject({ status: 'pending', codeLength: 6, attemptsRemaining: 5 });
  });
});

describe('a header names no other IP:', () => {
  const named = (ip: string) => ({
    'x-forwarded-for': ip,
    forwarded: `for=${ip}`,
    'x-real-ip': ip,
    'cf-connecting-ip': ip,
    'true-client-ip': ip,
    'x-client-ip': ip,
  });

  test('a stranger who names the IP of an office uses up nothing of it', async () => {
    const [office, stranger] = [town.newIp(), town.newIp()];
    for (let nth = 0; nth < 8; nth += 1) {
      const number = town.newNumber(`+9199215${nth}`);
      const answer = await town.ask(number, stranger, named(office));
      if (answer.status === 201) await town.guessWrongly(number, answer, 5);
      town.later(minuteMs);
      await town.settle();
    }
    const words = [];
    for (let nth = 0; nth < 5; nth += 1) words.push(wordOf(await town.ask(town.newNumber('+91982220'), office)));
    expect(words).toEqual(Array(5).fill('pending'));
  });

  test('a stranger who names another IP each time has the rate of one', async () => {
    const stranger = town.newIp();
    const words = [];
    for (let nth = 0; nth < 12; nth += 1)
      words.push(wordOf(await town.ask(town.newNumber(`+9198${300 + nth}0`), stranger, named(town.newIp()))));
    expect(tally(words)).toEqual({ pending: 5, 'too-many-requests': 7 });
  });
});

describe('an attacker of a range', () => {
  test('who takes every probe keeps it restricted for four hours at most, for two SMS an hour', async () => {
    const range = '+91981240';
    expect(await town.pump([range], 60, 2000)).toBeLessThan(60);
    const ask = async () => (await town.ask(town.newNumber(range), town.newIp())).status === 201;
    let [sent, minutes] = [0, 0];
    // One passes as a probe. If two do, the restriction is over.
    for (let isOver = false; !isOver && minutes < 5 * 60; minutes += 1.5) {
      town.later(1.5 * minuteMs);
      const passed = [await ask(), await ask()].filter((each) => each).length;
      isOver = passed === 2;
      sent += isOver ? 0 : passed;
      await town.settle();
    }
    expect(minutes).toBeLessThanOrEqual(4 * 60 + 15);
    expect(sent).toBeLessThanOrEqual(8);
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('stops no trusted number of it, wherever its holder is', async () => {
    const range = '+91981240';
    const people = await holders(5, range, town.newIp);
    expect(await town.pump([range], 60, 2000)).toBeLessThan(60);
    const words = [];
    for (const { phoneNumber } of people) words.push(await town.signIn(phoneNumber, town.newIp()));
    expect(words).toEqual(people.map(() => 'approved'));
  });
});

describe('a flood of refused requests', () => {
  test('from an office stops nobody there, whether known or new', async () => {
    const office = town.newIp();
    const people = await holders(5, '+91981240', () => office);
    const victim = town.newNumber('+91985550');
    for (let nth = 0; nth < 150; nth += 1) await town.ask(victim, office);
    await town.settle();
    for (const { phoneNumber } of people) expect(await town.signIn(phoneNumber, office)).toBe('approved');
    expect(await town.newcomer('+91986660', office)).toBe('approved');
  });
});

describe('strangers who spend the hour of a country', () => {
  test('leave its last fifth to trusted numbers', async () => {
    // The suite’s cap for GB is four SMS an hour.
    const [person] = await holders(1, '+44740012', town.newIp);
    const words = [];
    for (let nth = 0; nth < 5; nth += 1) words.push(wordOf(await town.ask(town.newNumber('+44740013'), town.newIp())));
    expect(tally(words)).toEqual({ pending: 3, 'spend-cap-reached': 2 });
    expect(await town.signIn(person?.phoneNumber ?? '', person?.home ?? '')).toBe('approved');
  });
});
