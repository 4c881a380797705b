import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { type Case, casesOf, snippetOf } from './cases.ts';
import { python } from './setup.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'otp-snippet-'));

/** Asks the snippet about each case, in one process, as a back end would. Only errors of the check refuse a proof. */
const driver = `
import json, sys
import jwt
from verify_proof import verify_proof

used = set()

def use(jti, until):
    is_first = jti not in used
    used.add(jti)
    return is_first

verdicts = {}
for case in json.load(sys.stdin):
    try:
        verify_proof(case["proof"], case["purpose"], case["phoneNumber"], use, case.get("transaction"))
        verdicts[case["name"]] = True
    except (jwt.PyJWTError, ValueError) as refused:
        verdicts[case["name"]] = False
print(json.dumps(verdicts))
`;

let stack: LocalStack;
let cases: readonly Case[];
const fetches = (): number =>
  stack.logs().filter(({ line }) => line.includes('"answered"') && line.includes('"jwks"')).length;

beforeAll(async () => {
  stack = await startLocalStack({ bundles: inject('strictBundles'), quiet: true });
  cases = await casesOf(stack);
  writeFileSync(path.join(folder, 'driver.py'), driver);
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stack?.stop();
});

/** Not in step with this process, which serves the key. */
const ask = (snippet: string, some: readonly Case[]): Promise<unknown> => {
  writeFileSync(path.join(folder, 'verify_proof.py'), snippet);
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: { PYTHONDONTWRITEBYTECODE: '1' } };
    const child = execFile(python(), ['driver.py'], options, (error, stdout, stderr) =>
      error === null ? resolve(JSON.parse(stdout)) : reject(new Error(stderr, { cause: error })),
    );
    child.stdin?.end(JSON.stringify(some));
  });
};

test('the Python of the page accepts good proofs and refuses all others, and fetches the key once', async () => {
  const before = fetches();
  const verdicts = await ask(snippetOf('python', stack.url, settings.audience), cases);
  expect(verdicts).toEqual(Object.fromEntries(cases.map(({ name, isGood }) => [name, isGood])));
  expect(cases.filter(({ isGood }) => isGood)).toHaveLength(18);
  expect(fetches() - before).toBe(1);
});

test('the Python of the page needs its leeway: without it, a proof that another clock dates ahead is refused', async () => {
  const strict = snippetOf('python', stack.url, settings.audience).replace('LEEWAY = 30', 'LEEWAY = 0');
  const ahead = cases.filter(({ name }) => name.includes('25 seconds ahead'));
  expect(ahead).toHaveLength(1);
  expect(await ask(strict, ahead)).toEqual(Object.fromEntries(ahead.map(({ name }) => [name, false])));
});
