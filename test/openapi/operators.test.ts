import { mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { namedRoutes, operatorTag } from '../../docs/generate/openapi/operators/words.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../lib/settings/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { callerOf } from '../fakes/api-call.ts';
import { waitLonger } from '../fakes/aws/patient-bundles.ts';
import { fuzz, openApiDocument, sumOf } from './fuzzer.ts';

/** What routes need that have nothing to do in the shipped settings: webhooks, and a purpose that minds porting notices. */
const more = {
  events: {
    webhooks: [
      {
        application: 'web',
        url: 'https://hooks.example.com/otp',
        secret: 'arn:aws:secretsmanager:us-east-1:000000000000:secret:webhook-AbCdEf',
      },
    ],
  },
  numberRisk: { purposes: { login: { ifSwapped: 'step-up', failMode: 'open' } } },
} as const satisfies Partial<SettingsInput>;

const folder = mkdtempSync(path.join(tmpdir(), 'otp-fuzz-operators-'));
let stack: LocalStack;

beforeAll(async () => {
  await bundle({ out: folder, policy: policyOf(parseSettings({ ...settings, ...more })) });
  await waitLonger(folder);
  stack = await startLocalStack({ bundles: folder, quiet: true });
});
afterAll(async () => {
  await stack?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The document as local mode keeps it: it takes requests of operators from this machine without a signature. */
const withoutSignatures = async (): Promise<string> => {
  const file = path.join(folder, 'openapi.json');
  const document = JSON.parse(await readFile(openApiDocument, 'utf8'), (name, value) =>
    name === 'security' && JSON.stringify(value).includes('operatorIam') ? [] : value,
  );
  await writeFile(file, JSON.stringify(document));
  return file;
};

/** The id of a finding: a range is attacked until there is one. */
const attackedFinding = async (): Promise<string> => {
  const [client, desk] = [callerOf(stack.url, stack.apiKey), callerOf(stack.operatorUrl, '')];
  for (let nth = 0; nth < 300; nth += 1) {
    const { body } = await desk('GET', '/v1/findings');
    const [finding] = body['findings'] as readonly { readonly id: string }[];
    if (finding !== undefined) return finding.id;
    const ip = { 'x-local-source-ip': `198.51.${100 + Math.floor(nth / 200)}.${(nth % 200) + 1}` };
    await client('POST', '/v1/verifications', { phoneNumber: `+91987654${1000 + nth}`, purpose: 'login' }, ip);
  }
  throw new Error('300 requests for one range led to no finding.');
};

test('a fuzzer finds no failure of a route of operators, no answer that is not described, and reaches each success', async () => {
  const { code, output, figures } = await fuzz('operators', {
    folder,
    hooks: 'operator_hooks',
    parts: [
      ...['--include-tag', operatorTag, '--url', stack.operatorUrl],
      ...['--phases', 'examples,coverage,fuzzing', '--max-examples', '60'],
    ],
    document: await withoutSignatures(),
    facts: { OTP_URL: stack.url, FINDING: await attackedFinding() },
  });
  expect(code, output.slice(0, 12_000)).toBe(0);
  for (const { name } of namedRoutes)
    expect(sumOf([{ code, output, figures }], RegExp(`^${name} 2`)), name).toBeGreaterThan(0);
  expect(figures['calls']).toBeGreaterThan(1000);
});
