/** The usual stack does its work, so that a bench compares this service with something that works. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lambdaEnvironment } from '../../test/fakes/cold-start/first-flow.ts';
import { eventOf } from '../flow/events.ts';
import { type Container, type FakeAws, startContainer, startFakeAws } from '../flow/processes.ts';
import { baselineEnvironment, bundleBaseline } from './bundle.ts';

let folder: string;
let aws: FakeAws;
let container: Container;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'baseline-'));
  aws = await startFakeAws();
  await writeFile(path.join(folder, 'ca.pem'), aws.cert);
  const { request, check } = await bundleBaseline(folder);
  container = await startContainer(
    { send: request, check },
    {
      ...lambdaEnvironment('usual', { dynamodb: aws.url, kms: aws.url, sns: aws.url }),
      ...baselineEnvironment,
      NODE_EXTRA_CA_CERTS: path.join(folder, 'ca.pem'),
    },
  );
});
afterAll(async () => {
  container?.stop();
  aws?.stop();
  await rm(folder, { recursive: true, force: true });
});

const phoneNumber = '+4915120000001';

const send = async (run: number) => {
  const sent = await container.invoke('send', eventOf('send', { run, body: { phoneNumber } }));
  const { id }: { readonly id: string } = JSON.parse(sent.body ?? '{}');
  return { statusCode: sent.statusCode, id };
};

const check = async (id: string, code: string) => {
  const { body = '{}' } = await container.invoke('check', eventOf('check', { run: 1, id, body: { code } }));
  return body;
};

const operations = async () => (await aws.report()).calls.map(({ operation }) => operation);

test('the usual stack sends a code by three calls, and approves it by three', async () => {
  const { statusCode, id } = await send(1);
  expect([statusCode, await operations()]).toEqual([201, ['Encrypt', 'PutItem', 'Publish']]);
  const [code = ''] = /\d{6}/.exec(await aws.sms(phoneNumber)) ?? [];
  const body = await check(id, code);
  expect(await operations()).toEqual(['UpdateItem', 'Decrypt', 'Sign']);
  const { status, proof }: { readonly status: string; readonly proof: string } = JSON.parse(body);
  expect([status, Buffer.from(proof.split('.')[1] ?? '', 'base64url').toString()]).toEqual([
    'approved',
    expect.stringContaining(`"sub":"${phoneNumber}"`),
  ]);
});

test('the usual stack refuses a wrong code', async () => {
  const { id } = await send(2);
  const code = /\d{6}/.exec(await aws.sms(phoneNumber))?.[0] === '000000' ? '000001' : '000000';
  expect(JSON.parse(await check(id, code))).toMatchObject({ status: 'pending' });
});
