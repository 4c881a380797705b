import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Progress } from '../../../local/traffic/progress.ts';
import { operatorOf, tally } from '../client.ts';
import { openPlayground } from './stage.ts';

let playground: Awaited<ReturnType<typeof openPlayground>>;
beforeAll(async () => {
  playground = await openPlayground();
});
afterAll(() => playground.stack.stop());

const idOf = ({ body }: { readonly body: Readonly<Record<string, unknown>> }) => String(body['id']);

/** Waits until a play is so far. */
const reached = async (id: string, claim: (progress: Progress) => boolean): Promise<Progress> => {
  for (;;) {
    const progress = await playground.progressOf(id);
    if (claim(progress)) return progress;
    if (progress.state !== 'running') throw new Error(`The play ended before: ${JSON.stringify(progress)}`);
    await sleep(5);
  }
};

describe('one play at a time:', () => {
  test('only one of ten callers who start a play at the same time does so', async () => {
    const answers = await Promise.all(Array.from({ length: 10 }, () => playground.start('A1')));
    expect(tally(answers.map(({ status }) => status))).toEqual({ 202: 1, 409: 9 });
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body).toMatchObject({ code: 'request-in-progress', detail: expect.stringContaining('A1 runs.') });
    const { body } = await playground.call('GET', '');
    expect(body['running']).toHaveLength(1);
    expect((await playground.stop()).status).toBe(200);
  });

  test('a play that is stopped asks for nothing more, and another one can start', async () => {
    const id = idOf(await playground.start('A1'));
    await reached(id, ({ attack }) => attack.asked >= 3);
    const { status, body } = await playground.stop();
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, play: 'A1', state: 'stopped' });
    const sms = playground.stack.messages().length;
    await sleep(300);
    expect(await playground.progressOf(id)).toEqual(body);
    expect(playground.stack.messages()).toHaveLength(sms);
    const next = await playground.start('A3');
    expect(next.status).toBe(202);
    expect((await playground.stop()).body).toMatchObject({ id: idOf(next), state: 'stopped' });
  });

  test('a stop of nothing is no error', async () => {
    expect(await playground.stop()).toMatchObject({ status: 200, body: {} });
  });
});

describe('a play goes on, whatever others do:', () => {
  test('somebody moves the clock, and the play comes to its end', async () => {
    const { offsetMs, advance } = playground.stack.clock;
    const before = offsetMs();
    const id = idOf(await playground.start('A1'));
    await reached(id, ({ phase }) => phase === 'during');
    advance(3_600_000);
    const { state, attack, neighbors, movedSeconds } = await playground.ended(id);
    expect(state).toBe('done');
    expect(attack.asked).toBe(50);
    expect(attack.refused).toBeGreaterThan(10);
    expect(neighbors.asked).toBeGreaterThan(10);
    // What others moved is not the play’s.
    expect(Math.abs((offsetMs() - before) / 1000 - movedSeconds - 3600)).toBeLessThan(2);
  });

  test('staff stop sending, and the play counts refusals', async () => {
    const operator = operatorOf(playground.stack);
    const stop = await operator.post('/v1/sending/stop', { what: { country: 'US' }, reason: 'a drill' });
    expect(stop.status, stop.text).toBe(200);
    const id = idOf(await playground.start('A3'));
    const { state, attack } = await playground.ended(id);
    await operator.post('/v1/sending/resume', { what: { country: 'US' }, reason: 'a drill' });
    expect(state).toBe('done');
    // The numbers of the other country are not stopped, but the limit of the IP holds for them.
    expect(attack.refused).toBeGreaterThan(30);
  });

  test('everything is emptied, and the play ends and is forgotten', async () => {
    const id = idOf(await playground.start('A1'));
    await reached(id, ({ neighbors }) => neighbors.asked >= 2);
    const emptied = await fetch(`${playground.stack.origin}/_local/state`, { method: 'DELETE' });
    expect(emptied.status).toBe(204);
    expect((await playground.call('GET', `/${id}`)).status).toBe(404);
    expect((await playground.call('GET', '')).body['running']).toEqual([]);
    expect(playground.stack.clock.offsetMs()).toBe(0);
    expect(playground.stack.messages()).toEqual([]);
  });
});

test('the place of a play is named in words that the desk takes', async () => {
  const operator = operatorOf(playground.stack);
  for (const name of ['A1', 'A8', 'launch']) {
    const { where } = (await playground.start(name)).body as unknown as Progress;
    await playground.stop();
    const { country, ...narrower } = where;
    const what = Object.keys(narrower).length === 0 ? { country } : narrower;
    const { status, text } = await operator.post('/v1/blocks', { what, reason: 'a drill', forMinutes: 60 });
    expect(status, text).toBe(201);
  }
});
