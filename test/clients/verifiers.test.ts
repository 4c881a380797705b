import { execFile } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { memoryReplay, ProofError, verifyProof } from '../../clients/typescript/proof/index.ts';
import type { ProofAlgorithm } from '../../lambdas/contract.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { changedBundles } from '../fakes/changed-bundles.ts';
import { root } from '../laws/source/files.ts';
import { applicationCasesOf, type Case, casesOf, plainOf } from './cases.ts';
import { python, verifiers } from './setup.ts';

const folder = path.join(import.meta.dirname, 'verifiers');

type Verdicts = Readonly<Record<string, string>>;

type Asked = {
  readonly stack: LocalStack;
  readonly algorithm: ProofAlgorithm;
  readonly all: readonly Case[];
  readonly plain: readonly Case[];
};

const casesUnder = async (algorithm: ProofAlgorithm, stack: LocalStack): Promise<Asked> => {
  const cases = await casesOf(stack);
  const ofApplications = await applicationCasesOf(stack, cases);
  return { stack, algorithm, all: [...cases, ...ofApplications], plain: [...plainOf(cases), ...ofApplications] };
};

/** Runs a program that reads cases and prints the verdicts of its verifiers. Not in step, as this process serves the key. */
const ask = (
  { stack, algorithm }: Asked,
  command: string,
  args: readonly string[],
  cases: readonly Case[],
  options: object,
) =>
  new Promise<Readonly<Record<string, Verdicts>>>((resolve, reject) => {
    const child = execFile(command, args, options, (error, stdout, stderr) =>
      error === null ? resolve(JSON.parse(stdout)) : reject(new Error(`${command}: ${stderr}`, { cause: error })),
    );
    const [jwksUrl, issuer] = [`${stack.url}/.well-known/jwks.json`, stack.url];
    child.stdin?.end(JSON.stringify({ jwksUrl, issuer, audience: settings.audience, algorithm, cases }));
  });

const pythonVariables = { PYTHONPATH: path.join(root, 'clients/python'), PYTHONDONTWRITEBYTECODE: '1' };
const askPython = (asked: Asked, cases: readonly Case[]) => {
  const env = { ...pythonVariables, PYTHONWARNINGS: 'ignore' };
  return ask(asked, python(), [path.join(folder, 'python.py')], cases, { env });
};

const askNode = (asked: Asked, cases: readonly Case[]) => {
  const home = verifiers();
  copyFileSync(path.join(folder, 'node.mjs'), path.join(home, 'node.mjs'));
  return ask(asked, process.execPath, ['node.mjs'], cases, { cwd: home });
};

/** Needs Go 1.23 or later, and the Go module proxy at the first run. */
const goEnvironment = { ...process.env, GOFLAGS: '-mod=readonly -buildvcs=false', GOTOOLCHAIN: 'local' };
const askGo = (asked: Asked, cases: readonly Case[]) =>
  ask(asked, 'go', ['run', '.'], cases, { cwd: path.join(folder, 'go'), env: goEnvironment });

const askOwn = async ({ stack }: Asked, cases: readonly Case[]): Promise<Verdicts> => {
  const replay = memoryReplay();
  const verdicts: Record<string, string> = {};
  for (const { name, proof, isGood: _, ...action } of cases) {
    const call = verifyProof(proof, {
      jwksUrl: `${stack.url}/.well-known/jwks.json`,
      audience: settings.audience,
      replay,
      ...action,
    });
    verdicts[name] = await call.then(
      () => 'accepted',
      (error: unknown) => (error instanceof ProofError ? error.code : `broken: ${error}`),
    );
  }
  return verdicts;
};

/** A refusal may have any words. A verifier that could not tell has refused nothing. */
const expectRight = (verdicts: Verdicts | undefined, cases: readonly Case[]): void => {
  const wrong = cases.filter(({ name, isGood }) => (verdicts?.[name] === 'accepted') !== isGood);
  expect(wrong.map(({ name }) => `${name}: ${verdicts?.[name]}`)).toEqual([]);
  expect(Object.keys(verdicts ?? {})).toHaveLength(cases.length);
  expect(Object.values(verdicts ?? {}).filter((verdict) => /cannot-tell|broken/.test(verdict))).toEqual([]);
};

describe.each(['ES256', 'RS256'] as const)(
  'under %s, seven verifiers accept good proofs, and refuse those that are altered, expired, or for something else:',
  (algorithm) => {
    let asked: Asked;
    let remove: () => Promise<void>;
    beforeAll(async () => {
      const bundles = await changedBundles(inject('strictBundles'), { proofs: { algorithm } });
      remove = bundles.remove;
      const stack = await startLocalStack({ bundles: bundles.folder, quiet: true });
      asked = await casesUnder(algorithm, stack);
    });
    afterAll(async () => {
      await asked?.stack.stop();
      await remove?.();
    });

    test('the cases have good proofs and bad ones of each kind', () => {
      const { all, plain } = asked;
      const named = (word: string) => plain.filter(({ name, isGood }) => !isGood && name.includes(word)).length;
      const kinds = [
        'changed',
        'expired',
        'audience',
        'purpose',
        'application',
        'amount',
        'number',
        'key',
        'algorithm',
      ];
      expect(kinds.filter((kind) => named(kind) === 0)).toEqual([]);
      expect(plain.filter(({ isGood }) => isGood)).toHaveLength(4);
      expect(all.filter(({ isGood }) => isGood)).toHaveLength(19);
      const { alg } = JSON.parse(Buffer.from(all[0]?.proof.split('.')[0] ?? '', 'base64url').toString());
      expect(alg).toBe(algorithm);
    });

    test('jose, in the TypeScript package, tells them apart in every spelling, and uses each once', async () => {
      expectRight(await askOwn(asked, asked.all), asked.all);
    });

    test('PyJWT, in the Python package, tells them apart in every spelling, and uses each once', async () => {
      expectRight((await askPython(asked, asked.all))['PyJWT'], asked.all);
    });

    test('golang-jwt, in the Go package, tells them apart in every spelling, and uses each once', async () => {
      expectRight((await askGo(asked, asked.all))['golang-jwt'], asked.all);
    });

    test('each of jsonwebtoken with jwks-rsa, aws-jwt-verify and fast-jwt tells the plain cases apart', async () => {
      const verdicts = await askNode(asked, asked.plain);
      expect(Object.keys(verdicts)).toEqual(['jsonwebtoken with jwks-rsa', 'aws-jwt-verify', 'fast-jwt']);
      for (const each of Object.values(verdicts)) expectRight(each, asked.plain);
    });

    test('Authlib tells the plain cases apart', async () => {
      expectRight((await askPython(asked, asked.plain))['Authlib'], asked.plain);
    });
  },
);

describe('the tests of a package', () => {
  const run = promisify(execFile);

  test('the Python package passes its own tests: parallel uses, outages, mistakes in the configuration', async () => {
    const args = ['-m', 'unittest', 'discover', '-s', path.join(root, 'clients/python')];
    const { stderr } = await run(python(), args, { env: pythonVariables });
    expect(stderr).toMatch(/Ran [1-9]\d* tests in [\d.]+s\n\nOK/);
  });

  test('the Go package passes its own tests, as it is formatted and vetted', async () => {
    const options = { cwd: path.join(root, 'clients/go'), env: goEnvironment };
    expect((await run('gofmt', ['-l', '.'], options)).stdout).toBe('');
    await run('go', ['vet', './...'], options);
    expect((await run('go', ['test', '-count=1', '-v', './...'], options)).stdout).toMatch(
      /^--- PASS: Test(?:.|\n)*^ok/m,
    );
  });
});
