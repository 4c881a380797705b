import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Bundle, bundle } from '../../bundle/bundle.ts';
import { pickSenders, sendersOf } from '../../bundle/senders.ts';
import { type Policy, type SmsSenderName, smsSenders } from '../../lambdas/policy.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../fakes/sending/routes.ts';

const routes: Readonly<Record<SmsSenderName, Policy['smsRoutes'][number]>> = {
  sns: snsRoute(),
  'end-user-messaging': endUserMessagingRoute(),
  notify: notifyRoute(),
};
const policyOf = (first: SmsSenderName, ...others: readonly SmsSenderName[]): Policy => ({
  ...samplePolicy,
  smsRoutes: [routes[first], ...others.map((name) => routes[name])],
});
/** The name of each call, as its sender says it. */
const calls: Readonly<Record<SmsSenderName, string>> = {
  sns: 'SNS Publish',
  'end-user-messaging': 'SMS SendTextMessage',
  notify: 'SMS SendNotifyTextMessage',
};
const functions = ['request-verification', 'resend-verification'] as const;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'senders-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const made = async (name: string, policy: Policy): Promise<readonly (Bundle & { readonly code: string })[]> => {
  const bundles = await bundle({ out: path.join(folder, name), functions, policy });
  return Promise.all(bundles.map(async (each) => ({ ...each, code: await readFile(each.file, 'utf8') })));
};

describe.each(smsSenders)('a bundle of a deployment that sends by %s alone', (sender) => {
  let bundles: Awaited<ReturnType<typeof made>>;
  beforeAll(async () => {
    bundles = await made(sender, policyOf(sender));
  });

  test.each(functions)('%s holds the client of that sender, and of no other', (name) => {
    const { code = '' } = bundles.find((each) => each.function === name) ?? {};
    expect(smsSenders.filter((other) => code.includes(calls[other]))).toEqual([sender]);
    expect(code.includes('PinpointSMSVoiceV2')).toBe(sender !== 'sns');
  });

  test.each(functions)('%s is under 400 KiB', (name) => {
    expect(bundles.find((each) => each.function === name)?.bytes).toBeLessThan(400 * 1024);
  });
});

test('a bundle holds each sender that a route names, in whatever order', async () => {
  const [some, same, all] = await Promise.all([
    made('some', policyOf('notify', 'sns', 'notify')),
    made('same', policyOf('sns', 'notify')),
    made('all', policyOf(...smsSenders)),
  ]);
  const inSome = smsSenders.filter((sender) => some[0]?.code.includes(calls[sender]));
  expect(inSome).toEqual(['sns', 'notify']);
  expect(some.map(({ code }) => code)).toEqual(same.map(({ code }) => code));
  expect(smsSenders.filter((sender) => all[0]?.code.includes(calls[sender]))).toEqual(smsSenders);
});

test('the senders of a policy are those of its routes, each once', () => {
  expect(sendersOf(policyOf('notify', 'sns', 'notify'))).toEqual(['sns', 'notify']);
});

test.each([
  [
    'makes no sender of AWS End User Messaging',
    'export const sendersInUse = (observe) => ({ sns: snsSender(observe) });',
  ],
  ['has another name', 'export const senders = (observe) => ({});'],
])('a build fails if the module of all senders %s', async (_what, contents) => {
  const module = path.join(folder, 'lambdas/aws/senders/in-use.ts');
  await mkdir(path.dirname(module), { recursive: true });
  await writeFile(module, contents);
  const built = build({
    ...{ entryPoints: [module], bundle: true, write: false, logLevel: 'silent' },
    plugins: [pickSenders(['sns'])],
  });
  await expect(built).rejects.toThrow('Change both.');
});
