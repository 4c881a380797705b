/** The programs of docs/events.md that find the verification of an event, as readers paste them. */

import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { root } from '../laws/source/files.ts';
import { keyCases } from './key-cases.ts';

let home: string;
let page: string;
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'otp-keys-'));
  page = await readFile(path.join(root, 'docs', 'events.md'), 'utf8');
});
afterAll(() => rm(home, { recursive: true, force: true }));

const wanted = keyCases.map(([application, id]) => recordKey(application, id));
/** The program of a language that stands under "Which verification it is". */
const snippet = (language: string): string => {
  const section = page.split('## Which verification it is')[1]?.split('\n## ')[0] ?? '';
  const found = new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(section)?.[1];
  if (found === undefined) throw new Error(`docs/events.md has no program in ${language}.`);
  return found;
};
const indented = (text: string, by: string) => text.replace(/^(?=.)/gm, by);

/** Writes a program, and gives it all cases as JSON. @returns its lines: a key for each. */
const run = async (file: string, program: string, [command, ...rest]: readonly [string, ...string[]]) => {
  await writeFile(path.join(home, file), program);
  const out = execFileSync(command, [...rest, file, JSON.stringify(keyCases)], { cwd: home, encoding: 'utf8' });
  return out.trim().split('\n');
};

test('the program for Node.js gives the key of the service', async () => {
  const program = `import { createHash } from 'node:crypto';
for (const [application, id] of JSON.parse(process.argv[2])) {
${snippet('js')}console.log(key); }`;
  expect(await run('key.mjs', program, [process.execPath])).toEqual(wanted);
});

test('the program for Python gives the key of the service', async () => {
  const program = `import base64, hashlib, json, sys
for application, id in json.loads(sys.argv[1]):
${indented(snippet('python'), '    ')}    print(key)`;
  expect(await run('key.py', program, ['python3'])).toEqual(wanted);
});

test('the program for Go gives the key of the service', async () => {
  const program = `package main
import ("crypto/sha256"; "encoding/base64"; "encoding/binary"; "encoding/json"; "fmt"; "os")
func main() {
	var all [][2]string
	if json.Unmarshal([]byte(os.Args[1]), &all) != nil { os.Exit(1) }
	for _, each := range all {
		application, id := each[0], each[1]
${indented(snippet('go'), '\t\t')}		fmt.Println(key)
	}
}`;
  expect(await run('key.go', program, ['go', 'run'])).toEqual(wanted);
});

test('the helper of the TypeScript package, as npm installs it, gives the key of the service', async () => {
  const program = `import { verificationKey } from '${path.join(inject('clientPackage'), 'build', 'index.js')}';
for (const [application, id] of JSON.parse(process.argv[2])) console.log(await verificationKey(application, id));`;
  expect(await run('helper.mjs', program, [process.execPath])).toEqual(wanted);
});
