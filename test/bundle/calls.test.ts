import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundle } from '../../bundle/bundle.ts';
import { pickCalls } from '../../bundle/senders.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { endUserMessagingRoute, snsRoute } from '../fakes/sending/routes.ts';
import { sampleVoice } from '../fakes/sending/voice.ts';

const functions = ['request-verification', 'resend-verification'] as const;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'calls-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const codeOf = async (name: string, more: Partial<typeof samplePolicy>) => {
  const bundles = await bundle({ out: path.join(folder, name), functions, policy: { ...samplePolicy, ...more } });
  return Promise.all(bundles.map(async ({ file, bytes }) => ({ bytes, code: await readFile(file, 'utf8') })));
};
const words = ['SendVoiceMessage', 'SendNotifyVoiceMessage', '<speak>', 'say-as'];

test('a bundle without calls holds no word of them, and one with calls holds each', async () => {
  const [without, withCalls] = await Promise.all([
    codeOf('without', { smsRoutes: [snsRoute()] }),
    codeOf('with', { smsRoutes: [endUserMessagingRoute()], voice: sampleVoice }),
  ]);
  for (const { code } of without) expect(words.filter((word) => code.includes(word))).toEqual([]);
  for (const { code } of withCalls) expect(words.filter((word) => code.includes(word))).toEqual(words);
});

test('a bundle with calls beside SMS of the same service is under 260 KiB', async () => {
  const bundles = await codeOf('size', { smsRoutes: [endUserMessagingRoute()], voice: sampleVoice });
  for (const { bytes } of bundles) expect(bytes).toBeLessThan(260 * 1024);
});

test('a build fails if the module of calls has another name for them', async () => {
  const module = path.join(folder, 'lambdas/aws/senders/voice/in-use.ts');
  await mkdir(path.dirname(module), { recursive: true });
  await writeFile(module, 'export const calls = () => ({});');
  const options = { bundle: true, write: false, logLevel: 'silent' } as const;
  await expect(build({ ...options, entryPoints: [module], plugins: [pickCalls(false)] })).rejects.toThrow(
    'Change both.',
  );
});
