/** No stranger can stop your SMS: each way in which the detector once could be turned against people, as a promise. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { wordOf } from '../client.ts';
import { hourMs, minuteMs, openTown, type Town } from './town.ts';

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.stop());

const holder = async () => (await town.holders(1, '+91981240'))[0] ?? expect.fail('There is nobody.');

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
  test('a holder at home signs in with the usual code after six SMS and twelve wrong codes of strangers', async () => {
    const { phoneNumber, home } = await holder();
    await strangersGuess(phoneNumber);
    const answer = await town.ask(phoneNumber, home);
    expect(wordOf(answer)).toBe('pending');
    expect(answer.body).toMatchObject({ codeLength: 6, attemptsRemaining: 5 });
    expect(await town.typeIn(phoneNumber, answer)).toBe('approved');
  });

  test('a holder in a new place gets an SMS after these as well', async () => {
    const { phoneNumber } = await holder();
    await strangersGuess(phoneNumber);
    expect(await town.signIn(phoneNumber, town.newIp())).toBe('approved');
  });

  test('a number that nobody knows gets its SMS after these, too', async () => {
    const phoneNumber = town.newNumber('+91981240');
    await strangersGuess(phoneNumber);
    expect(await town.signIn(phoneNumber, town.newIp())).toBe('approved');
  });

  test('refused requests in its name change nothing', async () => {
    const { phoneNumber, home } = await holder();
    const stranger = town.newIp();
    await strangersGuess(phoneNumber);
    await town.everyMinute(60, async (minute) => {
      if (minute % 2 === 0) await town.ask(phoneNumber, stranger);
    });
    expect(await town.signIn(phoneNumber, home)).toBe('approved');
  });
});

/**
 * Somebody new is the first to ask each minute; a stranger's requests come behind, and are refused. A restriction is over
 * when two newcomers pass at the same time, because one alone is a probe.
 *
 * @returns the minutes until then.
 */
const minutesUntilOpen = async (newcomer: () => Promise<unknown>, refused: () => Promise<unknown>): Promise<number> => {
  for (let minute = 1; minute <= 120; minute += 1) {
    town.later(minuteMs);
    if ((await newcomer()) === 'approved' && (await newcomer()) === 'approved') return minute;
    await refused();
    await town.settle();
  }
  throw new Error('After two hours, nobody new gets an SMS.');
};

/** Area codes of the United States. */
const manyAreas = [
  ...[201, 202, 203, 205, 207, 208, 209, 210, 213, 214, 215, 216, 217, 218, 219, 224, 225, 228, 229, 231],
  ...[234, 239, 240, 248, 251, 252, 253, 254, 256, 260, 262, 267, 269, 270, 276, 281, 301, 302, 304, 305],
  ...[307, 308, 309, 312, 313, 314, 315, 316, 317, 318, 319, 320, 321, 323, 325, 330, 334, 336, 337, 339],
];

describe('refused requests renew nothing:', () => {
  test('a restricted range is open again a quarter of an hour after a probe verified, its only one in an hour', async () => {
    const range = '+91981240';
    await town.pump(range);
    const stranger = town.newIp();
    const refused = () => town.ask(town.newNumber(range), stranger);
    expect(await minutesUntilOpen(() => town.newcomer(range), refused)).toBeLessThanOrEqual(90 + 16);
  });

  test('a range is open again a quarter of an hour after the attack on it has stopped, although its probe failed', async () => {
    const range = '+91981250';
    await town.pump(range);
    town.later(8 * minuteMs);
    expect(await town.newcomer(range)).toBe('destination-suspended');
    town.later(8 * minuteMs);
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('a restricted office is open again a quarter of an hour after a probe verified', async () => {
    const office = town.newIp();
    for (const range of ['+91983110', '+91983220', '+91983330']) await town.newcomer(range, office);
    await town.guessFrom(office);
    const refused = () => town.ask(town.newNumber('+91984440'), office);
    expect(await minutesUntilOpen(() => town.newcomer('+91984550', office), refused)).toBeLessThanOrEqual(18 + 16);
  });

  test('a restricted country is open again a quarter of an hour after a probe verified', async () => {
    const areas = ['212', '310', '415', '646', '718', '206', '303', '404', '512', '617'].map((area) => `+1${area}`);
    for (const area of areas) expect(await town.newcomer(`${area}456`)).toBe('approved');
    town.later(24 * hourMs);
    town.laterAt(9 * hourMs);
    // Three messages to an area at most, each to a range of its own, so that it is the country that stops them.
    let inARow = 0;
    for (let nth = 0; inARow < 10 && nth < 3 * manyAreas.length; nth += 1) {
      const range = `+1${manyAreas[nth % manyAreas.length]}${620 + (nth % 80)}`;
      const { status } = await town.ask(town.newNumber(range), town.newIp());
      inARow = status === 429 ? inARow + 1 : 0;
      town.later(2000);
      await town.settle();
    }
    const elsewhere = '+1713456';
    // If a probe is due, the first passes as that, and no second.
    const [first, second] = [await town.newcomer(elsewhere), await town.newcomer(elsewhere)];
    expect({ first, second, inARow }).toMatchObject({ second: 'destination-suspended', inARow: 10 });
    const strangers = [town.newIp(), town.newIp(), town.newIp()];
    const refused = async () => {
      for (const [nth, area] of areas.entries()) await town.ask(town.newNumber(`${area}789`), strangers[nth % 3] ?? '');
    };
    expect(await minutesUntilOpen(() => town.newcomer(elsewhere), refused)).toBeLessThanOrEqual(18 + 16);
  });
});

describe('people share an IP:', () => {
  test('one person in an office stops nobody who has verified there, and makes the codes of nobody else longer', async () => {
    const office = town.newIp();
    const colleagues = await town.holders(4, '+91983330', () => office);
    await town.guessFrom(office);
    for (const { phoneNumber } of colleagues) {
      const answer = await town.ask(phoneNumber, office);
      expect([wordOf(answer), answer.body['codeLength']]).toEqual(['pending', 6]);
      expect(await town.typeIn(phoneNumber, answer)).toBe('approved');
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

describe('people share a range:', () => {
  test('a person whose SMS are late stops no neighbor by asking eight times', async () => {
    const range = '+91981249';
    await usualDay('+919812');
    await asksAgain(town.newNumber(range), town.newIp(), 8);
    town.later(5 * minuteMs);
    await town.settle();
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('a person whose SMS are late stops no neighbor by having codes sent again', async () => {
    const [range, ip] = ['+91981249', town.newIp()];
    await usualDay('+919812');
    const phoneNumber = town.newNumber(range);
    for (const times of [4, 3]) {
      const answer = await town.askWhenAllowed(phoneNumber, ip);
      for (let nth = 0; nth < times; nth += 1) expect(await town.resend(answer)).toBe('pending');
      await town.settle();
      town.later(11 * minuteMs);
    }
    await town.settle();
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('a person who asks twice stops no neighbor, although another range of the prefix was attacked in the morning', async () => {
    const [attacked, range] = ['+91981248', '+91981249'];
    await usualDay('+919812');
    await town.pump(attacked);
    town.later(2 * hourMs);
    await asksAgain(town.newNumber(range), town.newIp(), 2);
    town.later(2 * minuteMs);
    await town.settle();
    expect(await town.newcomer(range)).toBe('approved');
  });
});

describe('people share an attacked gateway and range:', () => {
  test('everybody who has verified there gets a code while the attack goes on', async () => {
    const [gateway, range] = [town.newIp(), '+91981240'];
    const people = await town.holders(12, range, () => gateway);
    const words: unknown[] = [];
    for (const { phoneNumber } of people) {
      // A hundred SMS an hour, half of them from behind the gateway, and guesses at each.
      for (let nth = 0; nth < 8; nth += 1) {
        const number = town.newNumber(range);
        const answer = await town.ask(number, nth % 2 === 0 ? gateway : town.newIp());
        if (answer.status === 201) await town.guessWrongly(number, answer, 5);
        town.later(37_000);
        await town.settle();
      }
      words.push(await town.signIn(phoneNumber, gateway));
    }
    expect(words).toEqual(people.map(() => 'approved'));
  });
});
