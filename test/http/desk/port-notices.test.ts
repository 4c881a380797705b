import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { deskCommands } from '../../commands/documents.ts';
import { changedBundles } from '../../fakes/changed-bundles.ts';
import { deskWith } from '../../fakes/desk/desk.ts';
import { inParallel } from '../../fakes/in-parallel.ts';
import { minimalSettings } from '../../lib/template/synthesized.ts';
import { porting } from '../../lib/template/variants.ts';
import {
  type Client,
  clientOf,
  freshNumber,
  type OperatorClient,
  openStack,
  operatorOf,
  stage,
  wordOf,
} from '../client.ts';

/** Purposes that mind, without a provider: a notice is all that is known. */
const { numberRisk } = policyOf(parseSettings({ ...minimalSettings, ...porting }));

let bundles: Awaited<ReturnType<typeof changedBundles>>;
let stack: LocalStack;
let app: Client;
let desk: OperatorClient;
beforeAll(async () => {
  if (numberRisk === undefined) throw new Error('The settings mind no number at risk.');
  bundles = await changedBundles(inject('strictBundles'), { numberRisk });
  stack = await openStack(bundles.folder, {}, inject('noticesTemplate'));
  app = clientOf(stack);
  desk = operatorOf(stack);
});
afterAll(async () => {
  await stack.stop();
  await bundles.remove();
});

const reason = 'a list of the carrier';
const dayMs = 86_400_000;
const note = (number: unknown, more: object = {}) => desk.post('/v1/numbers/port-notice', { number, reason, ...more });
const lift = (number: unknown, more: object = {}) =>
  desk.post('/v1/numbers/port-notice/lift', { number, reason: 'its holder ported it', ...more });
const timeIn = (ms: number): string => new Date(stack.clock.now() + ms).toISOString();
/** The clock of the stack runs on while an answer comes. */
const isIn = (time: unknown, ms: number): boolean =>
  Math.abs(Date.parse(String(time)) - stack.clock.now() - ms) < 30_000;

type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string }>>;
const notices = async (): Promise<readonly Item[]> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', {
    TableName: stack.tables.guards,
    ConsistentRead: true,
  });
  return (Items as readonly Item[]).filter(({ pk }) => pk?.S?.startsWith('port-notice#'));
};
const rung = (): number =>
  stack.logs().filter(({ line }) => line.includes('"DefenseLowered":1') && line.includes('CloudWatchMetrics')).length;

describe('what is noted', () => {
  test('a notice answers with its end and its author, masks the number, and stands under a keyed hash alone', async () => {
    const number = freshNumber();
    const portedAt = timeIn(-dayMs);
    const answer = await note(number, { portedAt });
    expect([answer.status, answer.body], answer.text).toEqual([
      200,
      {
        number: expect.stringMatching(/^\+91•+\d{4}$/),
        notedAt: expect.any(String),
        portedAt,
        until: expect.any(String),
        reason,
        by: 'arn:aws:iam::000000000000:user/local-operator',
      },
    ]);
    const { notedAt, until } = answer.body;
    expect([isIn(notedAt, 0), isIn(until, 10 * dayMs)]).toEqual([true, true]);
    const items = await notices();
    expect(items).toHaveLength(1);
    expect(JSON.stringify(items)).not.toContain(number.slice(1));
    expect(items[0]?.['expiresAt']?.N).toBe(String(Date.parse(String(until)) / 1000));
    await lift(number);
  });

  test('the act names no number, and the act of the lift names the time and the author of the notice', async () => {
    const number = freshNumber();
    const { notedAt } = (await note(number, { forMinutes: 1440 })).body;
    stack.clock.advance(1000);
    await lift(number);
    const acts = (await desk.actions()).slice(0, 2);
    expect(acts).toEqual([
      expect.objectContaining({
        action: 'lift-port-notice',
        about: `the porting notice of a number, noted at ${notedAt} by arn:aws:iam::000000000000:user/local-operator`,
        reason: 'its holder ported it',
      }),
      expect.objectContaining({ action: 'port-notice', about: 'a number', reason, at: notedAt }),
    ]);
    for (const secret of [number.slice(1), number.slice(-4)]) expect(JSON.stringify(acts)).not.toContain(secret);
  });

  test('each spelling of a number finds the same notice, and many notices at once are one', async () => {
    const number = freshNumber();
    const spelled = [number, `${number.slice(0, 3)} ${number.slice(3, 8)} ${number.slice(8)}`, `00${number.slice(1)}`];
    const noted = await inParallel(6, (nth) => note(spelled[nth % 3]));
    expect(noted.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    expect(await notices()).toHaveLength(1);
    expect((await lift(spelled[1])).status).toBe(200);
    expect(await notices()).toEqual([]);
  });

  test('a notice that holds longer stays, and the act is in the trail all the same', async () => {
    const number = freshNumber();
    const first = await note(number);
    const acts = (await desk.actions()).length;
    const second = await note(number, { forMinutes: 1, reason: 'a thief wants it shorter' });
    expect([second.status, second.body]).toEqual([200, first.body]);
    const trail = await desk.actions();
    expect([trail.length - acts, trail[0]?.['reason']]).toEqual([1, 'a thief wants it shorter']);
    await lift(number);
  });

  test('a lift counts for the alarm, and one that finds no notice does not', async () => {
    const number = freshNumber();
    // The log of the lifts before may come after their answers.
    const before = (await desk.actions()).filter(({ action }) => action === 'lift-port-notice').length;
    await expect.poll(rung).toBe(before);
    await note(number);
    expect(rung()).toBe(before);
    expect((await lift(number)).status).toBe(200);
    await expect.poll(rung).toBe(before + 1);
    const acts = await desk.actions();
    const again = await lift(number);
    expect([again.status, again.body['code']]).toEqual([404, 'port-notice-not-found']);
    expect([rung(), await desk.actions()]).toEqual([before + 1, acts]);
  });

  test('a notice that is over is lifted no more, and the number may be noted anew', async () => {
    const number = freshNumber();
    await note(number, { forMinutes: 1440 });
    stack.clock.advance(dayMs + 1000);
    expect((await lift(number)).status).toBe(404);
    expect(isIn((await note(number, { forMinutes: 1 })).body['until'], 60_000)).toBe(true);
    await lift(number);
  });
});

test('the command of the runbook lifts a notice', async () => {
  const number = freshNumber();
  const [line] = deskCommands().filter((each) => each.includes(' port-notice '));
  const words = /^otp-desk (port-notice --lift) --reason "([^"]+)"$/.exec(line ?? '');
  await note(number);
  const args = [...(words?.[1] ?? '').split(' '), '--reason', words?.[2] ?? '', `--local=${stack.origin}`, '--yes'];
  const { exit, err } = await deskWith(args, { input: number });
  expect([exit, err]).toEqual([0, '']);
  expect(await notices()).toEqual([]);
});

describe('what is refused', () => {
  const number = '+919870000001';
  test.each<[string, unknown, object, string]>([
    ['no number', undefined, {}, '/number'],
    ['a number that is none', '12345', {}, '/number'],
    ['a range', '+91 98765 4xxxx', {}, '/number'],
    ['a list of numbers', [number, number], {}, '/number'],
    ['a number of a country without SMS', '+33612345678', {}, '/number'],
    ['no reason', number, { reason: undefined }, '/reason'],
    ['a number in the reason', number, { reason: 'ported +91 98765 43210' }, '/reason'],
    ['a porting to come', number, { portedAt: '2999-01-01' }, '/portedAt'],
    ['a porting of the last century', number, { portedAt: '1999-01-01' }, '/portedAt'],
    ['a porting at no time', number, { portedAt: 'yesterday' }, '/portedAt'],
    ['a porting as a number', number, { portedAt: 1_764_000_000 }, '/portedAt'],
    ['an end that is over', number, { until: '2020-01-01T00:00:00Z' }, '/until'],
    ['an end in a century', number, { until: '2126-01-01T00:00:00Z' }, '/until'],
    ['no minute', number, { forMinutes: 0 }, '/forMinutes'],
    ['91 days', number, { forMinutes: 91 * 1440 }, '/forMinutes'],
    ['half a minute', number, { forMinutes: 0.5 }, '/forMinutes'],
    ['an end twice', number, { forMinutes: 5, until: '2027-01-01T00:00:00Z' }, '/until'],
    ['an author', number, { by: 'somebody else' }, '/by'],
  ])('a notice with %s is refused with a sentence, and nothing is noted', async (_, of, more, pointer) => {
    const [held, acts] = [await notices(), await desk.actions()];
    const answer = await note(of, more);
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
    const errors = answer.body['errors'] as readonly { readonly pointer: string }[];
    expect([...new Set(errors.map((each) => each.pointer))]).toEqual([pointer]);
    expect(answer.text).not.toContain('98700');
    expect([await notices(), await desk.actions()]).toEqual([held, acts]);
  });

  test.each<[string, unknown, object]>([
    ['no number', undefined, {}],
    ['a number that is none', '12345', {}],
    ['no reason', number, { reason: '' }],
    ['an end', number, { forMinutes: 5 }],
  ])('a lift with %s is refused with a sentence', async (_, of, more) => {
    const answer = await lift(of, more);
    expect([answer.status, answer.body['code']], answer.text).toEqual([400, 'invalid-request']);
  });
});

test('an erasure leaves the notice, and deletes the answer of a provider', async () => {
  const number = freshNumber();
  const { until } = (await note(number)).body;
  const [item] = await notices();
  const key = item?.['pk']?.S?.slice('port-notice#'.length) ?? expect.fail('There is no notice.');
  const expiresAt = { N: String(Math.ceil(stack.clock.now() / 1000) + 600) };
  const Item = {
    pk: { S: `sim-swap#${key}` },
    kind: { S: 'clean' },
    provider: { S: 'aggregator' },
    askedAt: { N: String(stack.clock.now()) },
    expiresAt,
  };
  await stack.callDynamo('DynamoDB_20120810.PutItem', { TableName: stack.tables.guards, Item });
  const because = { number, reason: 'the holder asked for it' };
  const shown = await desk.post('/v1/numbers/history', because);
  expect(shown.body).toMatchObject({
    portNotice: { reason, until },
    simSwap: { provider: 'aggregator', says: expect.stringContaining('no recent swap') },
  });
  const erased = await desk.post('/v1/numbers/erase', because);
  expect(erased.body).toMatchObject({ erased: { simSwap: 1 }, stays: [{ what: 'port-notice', reason }] });
  expect((await desk.post('/v1/numbers/history', because)).body).toMatchObject({
    portNotice: { reason },
    simSwap: null,
  });
  await lift(number);
});

test('nothing is noted if no purpose minds, and the answer says what to do', async () => {
  const other = await startLocalStack({ bundles: inject('strictBundles'), stage, quiet: true });
  try {
    const person = operatorOf(other);
    for (const path of ['/v1/numbers/port-notice', '/v1/numbers/port-notice/lift']) {
      const answer = await person.post(path, { number: freshNumber(), reason });
      expect([answer.status, answer.body['code']]).toEqual([409, 'port-notices-not-used']);
      expect(answer.body['detail']).toContain('numberRisk.purposes');
    }
    expect(await person.actions()).toEqual([]);
  } finally {
    await other.stop();
  }
});

describe('what a notice does', () => {
  let ips = 0;
  const from = () => {
    ips += 1;
    return { 'x-local-source-ip': `198.19.77.${ips}` };
  };
  const ask = (phoneNumber: string, purpose: string) => app.request({ phoneNumber, purpose }, from());
  type Found = Readonly<Record<string, unknown>>;
  const foundOnNumbers = async (): Promise<readonly Found[]> => {
    const { findings } = (await desk.get('/v1/findings?status=open')).body;
    return (findings as readonly Found[]).filter(({ rule }) => rule === 'swapped-number');
  };

  test('a notice refuses the number for the purpose that minds, until it is lifted', async () => {
    const [number, other] = [freshNumber(), freshNumber()];
    await note(number);
    const refused = await ask(number, 'login');
    expect([refused.status, wordOf(refused)]).toEqual([403, 'number-at-risk']);
    expect(stack.messages(number)).toEqual([]);
    expect(wordOf(await ask(other, 'login'))).toBe('pending');
    stack.clock.advance(61_000);
    expect(wordOf(await ask(number, 'verify-number'))).toBe('pending');
    await lift(number);
    stack.clock.advance(61_000);
    expect(wordOf(await ask(number, 'login'))).toBe('pending');
  });

  test('a notice refuses until its end, and no longer', async () => {
    const number = freshNumber();
    await note(number, { forMinutes: 60 });
    expect(wordOf(await ask(number, 'login'))).toBe('number-at-risk');
    stack.clock.advance(3_602_000);
    expect(wordOf(await ask(number, 'login'))).toBe('pending');
  });

  test('a purpose that steps up sends the code, tells the client, and the proof does not say that the number is verified', async () => {
    const number = freshNumber();
    await note(number, { portedAt: timeIn(-dayMs) });
    const asked = await ask(number, 'account-change');
    expect([asked.status, asked.body['hint']]).toEqual([201, 'additional-verification-required']);
    const checked = await app.check(String(asked.body['id']), { code: app.lastCode(number) });
    expect([wordOf(checked), checked.body['hint']]).toEqual(['approved', 'additional-verification-required']);
    const [, claims = ''] = String(checked.body['proof']).split('.');
    const said = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Found;
    expect(said['phone_number_verified']).not.toBe(true);
    expect(said).toHaveProperty('sim_swapped_at');
    await lift(number);
  });

  test('the use of a noted number is a finding, one a day, that names no number and says how to lift the notice', async () => {
    const number = freshNumber();
    // A finding about another test's number would come late on a busy machine.
    await stack.workedOff();
    const before = (await foundOnNumbers()).map(({ id }) => id);
    await note(number);
    for (let nth = 0; nth < 3; nth += 1) {
      expect(wordOf(await ask(number, 'login'))).toBe('number-at-risk');
      stack.clock.advance(61_000);
    }
    const fresh = async () => (await foundOnNumbers()).filter(({ id }) => !before.includes(id));
    await expect.poll(fresh, { timeout: 20_000 }).toHaveLength(1);
    const [finding] = await fresh();
    expect(finding).toMatchObject({
      level: 'phone',
      what: { number: 'hidden' },
      action: 'none',
      severity: expect.stringMatching(/^(high|medium)$/),
    });
    expect(JSON.stringify(finding)).toContain('port-notice --lift');
    expect(JSON.stringify(finding)).not.toContain(number.slice(-4));
    await lift(number);
  });
});

test('the page offers no switch of SIMs if no provider is asked, and the switch says so', async () => {
  const settings = await fetch(new URL('/_local/settings', stack.url));
  expect(await settings.json()).toMatchObject({ numberRisk: false });
  const body = JSON.stringify({ phoneNumber: freshNumber(), sim: 'swapped' });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL('/_local/sims', stack.url), { method: 'POST', headers, body });
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining('ask no provider about SIMs')]);
});
