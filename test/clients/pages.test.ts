/** The code of the pages: what a reader copies works with a running service, and a proof is taken for what it is. */

import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../bin/settings.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { clientOf, freshNumber } from '../http/client.ts';
import { root } from '../laws/source/files.ts';
import { python } from './setup.ts';

const run = promisify(execFile);

let stack: LocalStack;
let home: string;
beforeAll(async () => {
  stack = await startLocalStack({ bundles: inject('bundles'), quiet: true });
  await mkdir(path.join(root, 'build'), { recursive: true });
  // In the project, so that the client finds its peers.
  home = await mkdtemp(path.join(root, 'build', 'pages-'));
  await mkdir(path.join(home, 'node_modules'));
  await cp(inject('clientPackage'), path.join(home, 'node_modules', 'otp-service-client'), { recursive: true });
});
afterAll(async () => {
  await stack?.stop();
  await rm(home, { recursive: true, force: true });
});

/** All code of a page in a language, for the running service. */
const codeOf = async (page: string, language: string): Promise<readonly string[]> => {
  const text = await readFile(path.join(root, page), 'utf8');
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  return blocks.map(([, code = '']) =>
    code.replaceAll('http://127.0.0.1:4000', stack.url).replaceAll('https://api.example.com', settings.audience),
  );
};

const approve = async (purpose: string): Promise<{ readonly proof: string; readonly phoneNumber: string }> => {
  const phoneNumber = freshNumber();
  const { id, code } = await clientOf(stack).requested(phoneNumber, { purpose });
  const checked = await clientOf(stack).check(id, { code });
  return { proof: String(checked.body['proof']), phoneNumber };
};

/** Loads TypeScript as a file of a project that has the package. */
const load = async (name: string, code: string): Promise<Readonly<Record<string, unknown>>> => {
  const file = path.join(home, `${name}.ts`);
  await writeFile(file, code);
  return import(pathToFileURL(file).href);
};

const runPython = async (name: string, code: string): Promise<string> => {
  const file = path.join(home, `${name}.py`);
  await writeFile(file, code);
  const env = { PYTHONPATH: path.join(root, 'clients/python'), PYTHONDONTWRITEBYTECODE: '1' };
  return (await run(python(), [file], { env })).stdout.trim();
};

type Verify = (proof: string) => Promise<string | undefined>;

describe('README', () => {
  test('the TypeScript of README gives the number of a proof, once, and refuses one for another purpose', async () => {
    const [code = '', ...others] = await codeOf('README.md', 'ts');
    expect(others).toEqual([]);
    const [imports = '', body = ''] = code.split('\n\n');
    const verify = `${imports}\nexport const verify = async (proof: string) => {\n${body}\nreturn phone_number;\n};\n`;
    const { verify: asked } = (await load('readme', verify)) as { verify: Verify };
    const { proof, phoneNumber } = await approve('login');
    expect(await asked(proof)).toBe(phoneNumber);
    await expect(asked(proof)).rejects.toMatchObject({ code: 'used-before' });
    const other = await approve('account-change');
    await expect(asked(other.proof)).rejects.toMatchObject({ code: 'wrong-purpose' });
  });

  test('the Python of README gives the claims of a proof, and refuses one for another purpose', async () => {
    const [code = '', ...others] = await codeOf('README.md', 'python');
    expect(others).toEqual([]);
    const { proof, phoneNumber } = await approve('login');
    expect(await runPython('readme', `proof = "${proof}"\n${code}\nprint(claims["phone_number"])`)).toBe(phoneNumber);
    const other = await approve('account-change');
    await expect(runPython('other', `proof = "${other.proof}"\n${code}`)).rejects.toThrow('for another purpose');
  });
});

describe('the pages of the packages', () => {
  test('the TypeScript of the package page is accepted by the compiler in strict mode', async () => {
    const blocks = await codeOf('clients/typescript/README.md', 'ts');
    expect(blocks.length).toBeGreaterThan(2);
    const files = blocks.map((_, index) => path.join(home, `page-${index}.ts`));
    await Promise.all(blocks.map((code, index) => writeFile(files[index] ?? '', code)));
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const options = ['--noEmit', '--strict', '--skipLibCheck', '--target', 'es2023', '--module', 'nodenext'];
    await run(process.execPath, [tsc, '--ignoreConfig', ...options, '--types', 'node', ...files], { cwd: root });
  });

  test('a person who mistypes once signs in by the TypeScript of the package page', async () => {
    const [code = ''] = await codeOf('clients/typescript/README.md', 'ts');
    const { signIn } = (await load('sign-in', code)) as {
      signIn: (phoneNumber: string, ask: (hint: string) => Promise<string>) => Promise<string>;
    };
    const phoneNumber = freshNumber();
    const hints: string[] = [];
    const proof = await signIn(phoneNumber, async (hint) => {
      hints.push(hint);
      return hints.length === 1 ? '000000' : clientOf(stack).lastCode(phoneNumber);
    });
    expect(proof.split('.')).toHaveLength(3);
    expect(hints).toEqual(['Enter the 6 digits.', 'That code is not right. Attempts left: 4.']);
  });

  test('the Python of the package page gives the number of a proof, and nothing for another text', async () => {
    const blocks = await codeOf('clients/python/README.md', 'python');
    const code = blocks.find((block) => block.includes('def number_in')) ?? '';
    const { proof, phoneNumber } = await approve('login');
    expect(await runPython('page', `${code}\nprint(number_in("${proof}"), number_in("proof"))`)).toBe(
      `${phoneNumber} None`,
    );
  });

  test('the Python of the package page sends a code, tells a wrong guess, and ends with a proof', async () => {
    const [verify = '', , call = ''] = await codeOf('clients/python/README.md', 'python');
    const phoneNumber = freshNumber();
    const id = await runPython('send', `${call}\nprint(send_code("${phoneNumber}"))`);
    await expect(runPython('wrong', `${call}\nproof_for("${id}", "000000")`)).rejects.toThrow('Attempts left: 4.');
    const code = clientOf(stack).lastCode(phoneNumber);
    const signIn = `${call}\n${verify}\nprint(number_in(proof_for("${id}", "${code}")))`;
    expect(await runPython('sign_in', signIn)).toBe(phoneNumber);
    await expect(runPython('again', `${call}\nproof_for("${id}", "${code}")`)).rejects.toThrow('has been approved');
  });

  test('the Go of the package page runs, and prints the number of a proof or why it is refused', async () => {
    const [code = ''] = await codeOf('clients/go/README.md', 'go');
    const [setUp = '', tidyAndRun = ''] = await codeOf('clients/go/README.md', 'sh');
    const [tidy = '', goRun = ''] = tidyAndRun.trim().split('\n');
    await symlink(root, path.join(home, 'otp-service'));
    const folder = path.join(home, 'my-go');
    const env = { ...process.env, GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'local' };
    const shell = (command: string, cwd: string) => run('sh', ['-ec', command], { cwd, env });
    await shell(setUp, home);
    await writeFile(path.join(folder, 'main.go'), code);
    await shell(tidy, folder);
    const { proof, phoneNumber } = await approve('login');
    const outputs = [proof, 'proof'].map((each) => shell(goRun.replace('PROOF', each), folder));
    expect((await Promise.all(outputs)).map(({ stdout }) => stdout.trim())).toEqual([phoneNumber, 'malformed']);
  });
});
