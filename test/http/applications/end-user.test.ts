import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../../local/stack.ts';
import { type Answer, type Client, clientOf, freshNumber, openStack } from '../client.ts';

let stack: LocalStack;
let backEnd: Client;
let open: Client;
beforeAll(async () => {
  stack = await openStack(inject('strictBundles'));
  backEnd = clientOf({ ...stack, apiKey: stack.apiKeys['back-end'] ?? '' });
  open = clientOf(stack);
});
afterAll(() => stack.stop());
// Caps of a day and what a test made of the detector are no matter of the next.
beforeEach(() => stack.clock.advance(26 * 3_600_000));

/** A connection of the back end's one server. */
const server = { 'x-local-source-ip': '198.51.100.1' };
const bodyOf = (ipAddress: unknown, phoneNumber = freshNumber()) => ({
  phoneNumber,
  purpose: 'login',
  endUser: { ipAddress },
});
const ask = (ipAddress: unknown, phoneNumber?: string): Promise<Answer> =>
  backEnd.request(bodyOf(ipAddress, phoneNumber), server);
const codesOf = (answers: readonly Answer[]) =>
  answers.map(({ status, body }) => (status === 201 ? 'sent' : `${body['code']} ${body['limit'] ?? ''}`.trim()));
const british = (nth: number): string => `+447400${String(nth).padStart(2, '0')}${String(1000 + nth)}`;
/** Lines that a function logged about its answers. */
const answered = () =>
  stack
    .logs()
    .flatMap(({ line }) =>
      line.includes('"answered"') ? [JSON.parse(line) as Readonly<Record<string, unknown>>] : [],
    );

describe('a back end that names its end users', () => {
  test('200 end users behind one IP of a back end are all served, and verify', async () => {
    for (let round = 0; round < 20; round += 1) {
      const people = Array.from({ length: 10 }, (_, nth) => ({
        ipAddress: `203.0.${100 + round}.${10 + nth}`,
        phoneNumber: freshNumber(),
      }));
      const asked = await Promise.all(people.map(({ ipAddress, phoneNumber }) => ask(ipAddress, phoneNumber)));
      expect(codesOf(asked)).toEqual(people.map(() => 'sent'));
      const checked = await Promise.all(
        asked.map(({ body }, nth) =>
          backEnd.check(String(body['id']), { code: backEnd.lastCode(people[nth]?.phoneNumber ?? '') }, server),
        ),
      );
      expect(checked.map(({ body }) => body['status'])).toEqual(people.map(() => 'approved'));
      stack.clock.advance(480_000);
    }
  });

  test('limits of an IP hold for the end user, whichever server calls, and for nobody beside', async () => {
    const ipAddress = '192.0.2.77';
    const own: Answer[] = [];
    for (let nth = 0; nth < 12; nth += 1) {
      const servers = { 'x-local-source-ip': `198.51.100.${nth + 1}` };
      own.push(await backEnd.request(bodyOf(nth % 2 === 0 ? ipAddress : `::ffff:${ipAddress}`), servers));
    }
    expect(codesOf(own)).toContain('too-many-requests ip');
    expect(codesOf([await ask(ipAddress)])).toEqual(['too-many-requests ip']);
    expect(codesOf([await ask('192.0.2.78')])).toEqual(['sent']);
    // Nothing of the end user counts for the server.
    expect(codesOf([await backEnd.request({ phoneNumber: freshNumber(), purpose: 'login' }, server)])).toEqual([
      'sent',
    ]);
  });

  test('forged IPs give a back end no second SMS to a number, in parallel either', async () => {
    const phoneNumber = freshNumber();
    const answers = await Promise.all(Array.from({ length: 30 }, (_, nth) => ask(`203.0.113.${nth + 1}`, phoneNumber)));
    expect(codesOf(answers).filter((each) => each === 'sent')).toHaveLength(1);
    expect(codesOf([await ask('2001:db8:77::1', phoneNumber)])).toEqual(['resend-too-soon cooldown']);
  });

  test('forged IPs do not lift a cap', async () => {
    const answers: Answer[] = [];
    await stack.clock.holdDuring(async () => {
      for (let nth = 0; nth < 12; nth += 1) answers.push(await ask(`203.0.112.${nth + 1}`, british(nth)));
    });
    // USD 0.20 an hour at USD 0.05, of which a fifth is for trusted numbers.
    expect(codesOf(answers)).toEqual(['sent', 'sent', 'sent', ...Array.from({ length: 9 }, () => 'spend-cap-reached')]);
  });

  test('forged IPs do not hide a pumped range from the detector', async () => {
    const answers: Answer[] = [];
    for (let nth = 0; nth < 90; nth += 1) {
      answers.push(await ask(`203.0.${nth}.9`, `+91998877${String(1000 + nth)}`));
      stack.clock.advance(1000);
    }
    await expect
      .poll(async () => codesOf([await ask('203.0.111.9', '+919988775555')]))
      .toEqual(['destination-suspended']);
    expect(codesOf(answers)).toContain('sent');
  });

  test('a retry with its Idempotency-Key is the same request, from whichever end user’s IP', async () => {
    const key = { ...server, 'idempotency-key': 'one-request-from-two-ips' };
    const phoneNumber = freshNumber();
    const first = await backEnd.request(bodyOf('203.0.110.1', phoneNumber), key);
    const again = await backEnd.request(bodyOf('203.0.110.2', phoneNumber), key);
    const without = await backEnd.request({ phoneNumber, purpose: 'login' }, key);
    expect([first.status, again.status, without.status]).toEqual([201, 201, 201]);
    expect([again.body['id'], without.body['id']]).toEqual([first.body['id'], first.body['id']]);
  });
});

describe('a back end that names no end user', () => {
  const callAs = async (endUser: unknown) => {
    const body = { phoneNumber: freshNumber(), purpose: 'login', ...(endUser === undefined ? {} : { endUser }) };
    const answer = await backEnd.request(body, server);
    // A function writes its log beside its answer.
    const requestId = answer.headers.get('x-request-id');
    const lineOf = () => answered().find((line) => line['requestId'] === requestId);
    await expect.poll(lineOf).toBeDefined();
    const line = lineOf();
    return { status: answer.status, endUserIp: line?.['endUserIp'], application: line?.['application'] };
  };
  test.each([
    ['no endUser', undefined, 'missing'],
    ['null', null, 'missing'],
    ['no IP', { ipAddress: null }, 'missing'],
    ['a loopback IP', { ipAddress: '::1' }, 'private'],
    ['a private IP', { ipAddress: '10.0.0.7' }, 'private'],
  ])(
    'a back end without the IP of its end user is served without limits of an IP, and counted: %s',
    async (_, endUser, endUserIp) => {
      const answers = await Promise.all(Array.from({ length: 15 }, () => callAs(endUser)));
      expect(answers).toEqual(answers.map(() => ({ status: 201, endUserIp, application: 'back-end' })));
      const counted = stack.logs().filter(({ line }) => line.includes('"EndUserIpMissing"'));
      expect(counted.length).toBeGreaterThanOrEqual(15);
      expect(JSON.parse(counted[0]?.line ?? '{}')).toMatchObject({ application: 'back-end', EndUserIpMissing: 1 });
    },
  );
});

describe('what is refused', () => {
  test('a public application that names an end user is refused, and nothing is sent', async () => {
    const phoneNumber = freshNumber();
    for (const ipAddress of ['203.0.113.7', '::1']) {
      expect(await open.request(bodyOf(ipAddress, phoneNumber))).toMatchObject({
        status: 403,
        body: { code: 'end-user-not-accepted' },
      });
    }
    expect(stack.messages(phoneNumber)).toEqual([]);
    expect(codesOf([await open.request({ phoneNumber, purpose: 'login', endUser: null })])).toEqual(['sent']);
  });

  test.each([
    ['a name', { ipAddress: 'localhost' }, '/endUser/ipAddress'],
    ['a port', { ipAddress: '203.0.113.7:443' }, '/endUser/ipAddress'],
    ['a list', { ipAddress: '203.0.113.7, 10.0.0.1' }, '/endUser/ipAddress'],
    ['an array', { ipAddress: ['203.0.113.7'] }, '/endUser/ipAddress'],
    ['a number', { ipAddress: 3_405_803_783 }, '/endUser/ipAddress'],
    ['nothing', {}, '/endUser/ipAddress'],
    ['a field of another name', { ip: '203.0.113.7' }, '/endUser'],
    ['a text in place of the object', '203.0.113.7', '/endUser'],
  ])('an end user that is %s is an invalid request', async (_, endUser, pointer) => {
    const answer = await backEnd.request({ phoneNumber: freshNumber(), purpose: 'login', endUser }, server);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-request' } });
    const [fault] = answer.body['errors'] as readonly { readonly pointer: string; readonly detail: string }[];
    expect(fault?.pointer.startsWith(pointer)).toBe(true);
    expect(fault?.detail).not.toBe('');
  });
});
