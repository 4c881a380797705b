/** No stranger can stop your SMS: further ways in which an attacker may try, through limits, headers, networks and floods. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tally, wordOf } from '../client.ts';
import { minuteMs, openTown, type Town } from './town.ts';

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(() => town.stop());

const holder = async () => (await town.holders(1, '+91981240'))[0] ?? expect.fail('There is nobody.');

describe('the SMS of a number are its holder’s at home:', () => {
  test('the holder waits for no cooldown of a stranger', async () => {
    const { phoneNumber, home } = await holder();
    expect((await town.ask(phoneNumber, town.newIp())).status).toBe(201);
    town.later(1000);
    expect(await town.signIn(phoneNumber, home)).toBe('approved');
  });

  test('the holder gets an SMS although strangers have used up those of ten minutes', async () => {
    const { phoneNumber, home } = await holder();
    let answer = await town.ask(phoneNumber, town.newIp());
    while (answer.body['limit'] !== 'phone-10m') {
      town.later(Number(answer.headers.get('retry-after') ?? 1) * 1000);
      answer = await town.ask(phoneNumber, town.newIp());
    }
    expect(await town.signIn(phoneNumber, home)).toBe('approved');
  });

  test('the holder gets three SMS although strangers have used up those of a day', async () => {
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

  test('the holder gets an SMS although strangers have used up the rate of the IP', async () => {
    const cafe = town.newIp();
    const [person] = await town.holders(1, '+91981240', () => cafe);
    let answer = await town.ask(town.newNumber('+91982220'), cafe);
    while (answer.body['limit'] !== 'ip') answer = await town.ask(town.newNumber('+91982220'), cafe);
    expect(await town.signIn(person?.phoneNumber ?? '', cafe)).toBe('approved');
  });
});

describe('strangers ask in the names of others:', () => {
  test('customers at home get SMS with codes of the usual length', async () => {
    const people = await town.holders(16, '+91981240');
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

  test('the codes of others in the country stay short while two networks guess', async () => {
    const [first, second] = [town.newIp(), town.newIp()].map((ip) => ip.replace(/\.7$/, ''));
    for (let nth = 0; nth < 9; nth += 1) {
      const number = town.newNumber(`+9199${300 + nth}0`);
      const answer = await town.ask(number, `${nth % 2 === 0 ? first : second}.${nth + 10}`);
      if (answer.status === 201) await town.guessWrongly(number, answer, 5);
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
    await town.guessFrom(stranger, named(office));
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

describe('a range is attacked:', () => {
  test('an attacker who takes every probe keeps it restricted for four hours at most, for two SMS an hour', async () => {
    const range = '+91981240';
    await town.pump(range);
    let [sent, sentAt, minutes] = [0, Number.NEGATIVE_INFINITY, 0];
    // One passes as a probe. If another does within the hour, the restriction is over.
    for (let isOver = false; !isOver && minutes < 5 * 60; minutes += 1.5) {
      town.later(1.5 * minuteMs);
      const { status } = await town.ask(town.newNumber(range), town.newIp());
      if (status === 201) {
        isOver = minutes - sentAt < 30;
        [sent, sentAt] = [sent + 1, minutes];
      }
      await town.settle();
    }
    expect(minutes).toBeLessThanOrEqual(4 * 60 + 15);
    expect(sent).toBeLessThanOrEqual(9);
    expect(await town.newcomer(range)).toBe('approved');
  });

  test('a trusted number of it gets an SMS, wherever its holder is', async () => {
    const range = '+91981240';
    const people = await town.holders(5, range);
    await town.pump(range);
    const words = [];
    for (const { phoneNumber } of people) words.push(await town.signIn(phoneNumber, town.newIp()));
    expect(words).toEqual(people.map(() => 'approved'));
  });
});

describe('refused requests come in a flood:', () => {
  test('everybody in the office that they come from gets an SMS, known or new', async () => {
    const office = town.newIp();
    const people = await town.holders(5, '+91981240', () => office);
    const victim = town.newNumber('+91985550');
    for (let nth = 0; nth < 150; nth += 1) await town.ask(victim, office);
    await town.settle();
    for (const { phoneNumber } of people) expect(await town.signIn(phoneNumber, office)).toBe('approved');
    expect(await town.newcomer('+91986660', office)).toBe('approved');
  });
});

describe('strangers spend the hour of a country:', () => {
  test('trusted numbers get its last fifth', async () => {
    // The suite’s cap for GB is four SMS an hour.
    const [person] = await town.holders(1, '+44740012');
    const words = [];
    for (let nth = 0; nth < 5; nth += 1) words.push(wordOf(await town.ask(town.newNumber('+44740013'), town.newIp())));
    expect(tally(words)).toEqual({ pending: 3, 'spend-cap-reached': 2 });
    expect(await town.signIn(person?.phoneNumber ?? '', person?.home ?? '')).toBe('approved');
  });
});
