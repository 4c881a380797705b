/** No stranger can stop your SMS: each way in which the detector once could be turned against people, as a promise. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wordOf } from './client.ts';
import { everyMinute, openTown, type Town } from './town.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.stop());

/** Somebody who has verified at home, a day ago. */
const holder = async (phoneNumber: string, home: string): Promise<void> => {
  expect(await town.signIn(phoneNumber, home)).toBe('approved');
  await town.settle();
  town.later(24 * hourMs);
};

/** Strangers, each from an IP of their own, ask six times in the name of a number. They have twelve guesses in all. */
const strangersGuess = async (phoneNumber: string) => {
  let guesses = 0;
  for (let nth = 0; nth < 6; nth += 1) {
    const answer = await town.askWhenAllowed(phoneNumber, town.newIp());
    expect(answer.status).toBe(201);
    const attempts = Number(answer.body['attemptsRemaining']);
    await town.guessWrongly(phoneNumber, answer, attempts);
    guesses += attempts;
    await town.settle();
  }
  expect(guesses).toBe(12);
  // Longer than any cooldown, so that nothing but a block could refuse.
  town.later(2 * minuteMs);
};

describe('wrong codes never stop the SMS of a number:', () => {
  const victim = '+919812401000';

  test('after six SMS and twelve wrong codes of strangers its holder signs in at home, with the usual code', async () => {
    const home = town.newIp();
    await holder(victim, home);
    await strangersGuess(victim);
    const answer = await town.ask(victim, home);
    expect(wordOf(answer)).toBe('pending');
    expect(answer.body).toMatchObject({ codeLength: 6, attemptsRemaining: 5 });
    expect(await town.typeIn(victim, answer)).toBe('approved');
  });

  test('after these, its holder gets an SMS from a new place as well', async () => {
    await holder(victim, town.newIp());
    await strangersGuess(victim);
    expect(await town.signIn(victim, town.newIp())).toBe('approved');
  });

  test('a number that nobody knows gets its SMS after these, too', async () => {
    await strangersGuess(victim);
    expect(await town.signIn(victim, town.newIp())).toBe('approved');
  });

  test('refused requests in its name change nothing', async () => {
    const [home, stranger] = [town.newIp(), town.newIp()];
    await holder(victim, home);
    await strangersGuess(victim);
    await everyMinute(town, 60, async (minute) => {
      if (minute % 2 === 0) await town.ask(victim, stranger);
    });
    expect(await town.signIn(victim, home)).toBe('approved');
  });
});

/** For a quarter of an hour, the first to ask each minute is somebody new. A stranger's requests come behind. */
const refusedRequests = (newcomer: () => Promise<unknown>, ask: () => Promise<unknown>, perMinute = 1) =>
  everyMinute(town, 16, async () => {
    await newcomer();
    for (let nth = 0; nth < perMinute; nth += 1) await ask();
  });

describe('refused requests prolong nothing:', () => {
  test('a restricted range is open again a quarter of an hour after the last SMS of the attack', async () => {
    const range = '+91981240';
    expect(await town.pump([range], 60, 2000)).toBeLessThan(60);
    const stranger = town.newIp();
    const ask = () => town.ask(town.newNumber(range), stranger);
    await refusedRequests(() => town.newcomer(range), ask);
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('so is an office', async () => {
    const office = town.newIp();
    for (const range of ['+91983110', '+91983220', '+91983330']) await town.newcomer(range, office);
    await guessesInOffice(office);
    const ask = () => town.ask(town.newNumber('+91984440'), office);
    await refusedRequests(() => town.newcomer('+91984550', office), ask);
    expect(await town.newcomer('+91984550', office)).toBe('approved');
  });

  test('so is a country', async () => {
    const areas = ['+1212', '+1310', '+1415', '+1646', '+1718', '+1206'];
    for (const area of areas) expect(await town.newcomer(`${area}456`)).toBe('approved');
    for (const area of areas) expect(await town.newcomer(`${area}457`)).toBe('approved');
    town.later(24 * hourMs);
    // Each message to a range of its own.
    for (let nth = 0; nth < 120; nth += 1) {
      await town.ask(town.newNumber(`${areas[nth % areas.length]}${620 + (nth % 80)}`), town.newIp());
      town.later(2000);
      await town.settle();
    }
    const elsewhere = '+1713456';
    expect(wordOf(await town.ask(town.newNumber(elsewhere), town.newIp()))).toBe('destination-suspended');
    const strangers = [town.newIp(), town.newIp(), town.newIp()];
    let nth = 0;
    const ask = () => town.ask(town.newNumber(`${areas[nth % 6]}789`), strangers[nth++ % 3] ?? '');
    await refusedRequests(() => town.newcomer(elsewhere), ask, 6);
    expect(await town.newcomer(elsewhere)).toBe('approved');
  });
});

/** One person behind an IP asks for eight numbers, and enters forty wrong codes. */
const guessesInOffice = async (office: string) => {
  for (let nth = 0; nth < 8; nth += 1) {
    const number = town.newNumber(`+9199215${nth}`);
    const answer = await town.ask(number, office);
    await town.guessWrongly(number, answer, 5);
    town.later(minuteMs);
  }
  await town.settle();
};

describe('one person in an office', () => {
  test('stops nobody who has verified there, and makes the codes of nobody else longer', async () => {
    const office = town.newIp();
    const colleagues = ['+91983110', '+91983220', '+91983330', '+91983440'].map(town.newNumber);
    for (const each of colleagues) await holder(each, office);
    await guessesInOffice(office);
    for (const each of colleagues) {
      const answer = await town.ask(each, office);
      expect([wordOf(answer), answer.body['codeLength']]).toEqual(['pending', 6]);
      expect(await town.typeIn(each, answer)).toBe('approved');
    }
    const elsewhere = await town.ask(town.newNumber('+91986660'), town.newIp());
    expect(elsewhere.body).toMatchObject({ status: 'pending', codeLength: 6, attemptsRemaining: 5 });
  });
});

/** Somebody whose SMS are late asks again whenever the service allows it. */
const asksAgain = async (phoneNumber: string, ip: string, times: number) => {
  for (let nth = 0; nth < times; nth += 1) {
    expect(wordOf(await town.askWhenAllowed(phoneNumber, ip))).toBe('pending');
    await town.settle();
  }
};

/** A day on which people of the prefix verify. */
const usualDay = async (prefix: string) => {
  for (let nth = 0; nth < 48; nth += 1) {
    expect(await town.newcomer(`${prefix}${nth % 10}${nth % 7}`)).toBe('approved');
    town.later(hourMs / 2);
    await town.settle();
  }
};

describe('one person whose SMS are late', () => {
  test('stops no neighbor by asking eight times', async () => {
    const range = '+91981249';
    await usualDay('+919812');
    await asksAgain(town.newNumber(range), town.newIp(), 8);
    town.later(5 * minuteMs);
    await town.settle();
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('stops no neighbor by asking twice where another range of the prefix was attacked in the morning', async () => {
    const [attacked, range] = ['+91981248', '+91981249'];
    await usualDay('+919812');
    expect(await town.pump([attacked], 60, 2000)).toBeLessThan(60);
    town.later(2 * hourMs);
    await asksAgain(town.newNumber(range), town.newIp(), 2);
    town.later(2 * minuteMs);
    await town.settle();
    expect(await town.newcomer(range)).toBe('approved');
  });
});

describe('the people of an attacked gateway and range', () => {
  test('who have verified there get their codes, all of them, while the attack goes on', async () => {
    const [gateway, range] = [town.newIp(), '+91981240'];
    const people = Array.from({ length: 12 }, () => town.newNumber(range));
    for (const each of people) {
      expect(await town.signIn(each, gateway)).toBe('approved');
      town.later(2 * minuteMs);
    }
    town.later(24 * hourMs);
    const words: unknown[] = [];
    for (const each of people) {
      // A hundred SMS an hour, half of them from behind the gateway, and guesses at each.
      for (let nth = 0; nth < 8; nth += 1) {
        const number = town.newNumber(range);
        const answer = await town.ask(number, nth % 2 === 0 ? gateway : town.newIp());
        if (answer.status === 201) await town.guessWrongly(number, answer, 5);
        town.later(37_000);
        await town.settle();
      }
      words.push(await town.signIn(each, gateway));
    }
    expect(words).toEqual(people.map(() => 'approved'));
  });
});
