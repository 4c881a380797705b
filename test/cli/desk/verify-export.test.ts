import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExportFiles, filesIn } from '../../../cli/desk/verify-export/files.ts';
import { readPublicKey } from '../../../cli/desk/verify-export/key.ts';
import { verifyExport } from '../../../cli/desk/verify-export/verify-export.ts';
import { verdictLines } from '../../../cli/desk/verify-export/words.ts';
import { exportOf, type Files, nameOf, partOf, privateKey, publicKey } from '../../fakes/desk/signed-export.ts';

const event = (nth: number) => `${JSON.stringify({ record: 'event', at: `2026-11-29T03:0${nth}:00.000Z` })}\n`;

const folderOf = (files: Files): ExportFiles => ({
  names: Object.keys(files),
  sizeOf: async (name) => Buffer.byteLength(files[name] ?? ''),
  read: async (name) => Buffer.from(files[name] ?? ''),
});

const problemsOf = async (files: Files, key = publicKey) => (await verifyExport(folderOf(files), key)).problems;

const texts = [event(1) + event(2), event(3)];
const [first = '', second = ''] = texts.map((text, index) => nameOf(index + 1, text));
const without = (files: Files, name: string): Files =>
  Object.fromEntries(Object.entries(files).filter(([each]) => each !== name));

describe('an export', () => {
  test('an export whose files are as they were made has no problem', async () => {
    expect(await problemsOf(exportOf(texts))).toEqual([]);
  });

  test('an export without a line is one as well', async () => {
    expect(await problemsOf(exportOf([]))).toEqual([]);
  });

  test('files of runs that ended in the middle may lie there, or not', async () => {
    const abandoned = [nameOf(2, 'another')];
    const files = exportOf(texts, { abandoned });
    expect(await problemsOf(files)).toEqual([]);
    expect(await problemsOf({ ...files, [abandoned[0] ?? '']: 'another' })).toEqual([]);
  });
});

const otherPair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const late = `${JSON.stringify({ record: 'event', at: '2026-11-29T04:00:00.000Z' })}\n`;

/** What somebody may do to an export, and a part of the sentence that says so. */
const changes: Readonly<Record<string, readonly [() => Files, string]>> = {
  'a changed byte': [() => ({ ...exportOf(texts), [first]: texts[0]?.replace('3:01', '3:09') ?? '' }), 'SHA-256'],
  'a part that was cut off': [() => ({ ...exportOf(texts), [first]: event(1) }), 'cut it off'],
  'a part that is missing': [() => without(exportOf(texts), second), 'It is missing'],
  'two parts that changed places': [
    () => ({ ...exportOf(texts), [first]: texts[1] ?? '', [second]: texts[0] ?? '' }),
    'Somebody changed it',
  ],
  'a file that was added': [() => ({ ...exportOf(texts), 'notes.txt': '' }), '"notes.txt" is not in the manifest'],
  'a name with control characters': [() => ({ ...exportOf(texts), '\u001b[2J': '' }), '"\\u001b[2J" is not'],
  'another signature': [() => exportOf(texts, {}, otherPair.privateKey), 'another key signed it'],
  'no signature': [() => without(exportOf(texts), 'manifest.sig.json'), 'manifest.sig.json is missing'],
  'no manifest': [() => without(exportOf(texts), 'manifest.json'), 'manifest.json is missing'],
  'a changed manifest': [
    () => ({ ...exportOf(texts), 'manifest.json': exportOf([event(1)])['manifest.json'] ?? '' }),
    'does not fit its signature',
  ],
  'a signature that is no JSON': [
    () => ({ ...exportOf(texts), 'manifest.sig.json': '{' }),
    'does not fit its signature',
  ],
  'a signature of another algorithm': [
    () => {
      const files = exportOf(texts);
      const { signature } = JSON.parse(files['manifest.sig.json'] ?? '{}');
      return { ...files, 'manifest.sig.json': JSON.stringify({ algorithm: 'none', signature }) };
    },
    'does not fit its signature',
  ],
  'another format': [() => exportOf(texts, { format: 'otp-export/2' }), 'another format'],
  'a part outside of the folder': [
    () => exportOf(texts, { parts: [{ ...partOf(1, ''), name: '../../etc/passwd' }] }),
    'No part has such a name',
  ],
  'counts that are not those of the lines': [
    () => exportOf(texts, { counts: { event: 4, finding: 0, action: 0 } }),
    'The parts have 3 lines of event, and the manifest says 4',
  ],
  'a line that is no JSON': [() => exportOf(['{\n']), 'Line 1 is no record'],
  'a line that is no record': [() => exportOf(['{"record":"note"}\n']), 'Line 1 is no record'],
  'a line that is null': [() => exportOf(['null\n']), 'Line 1 is no record'],
  'a line of another time': [() => exportOf([event(1) + late]), 'Line 2 has a time outside'],
  'a last line that does not end': [() => exportOf([`${event(1)}{"record":`]), 'does not end'],
};

describe('an export that somebody changed', () => {
  test.each(Object.entries(changes))('an export is refused with a sentence for %s', async (_, [change, sentence]) => {
    expect((await problemsOf(change())).join('\n')).toContain(sentence);
  });

  test('the first of many wrong lines are named, and the others counted', async () => {
    const problems = await problemsOf(exportOf(['x\n'.repeat(1000)]));
    expect(problems.length).toBeLessThan(8);
    expect(problems.join('\n')).toContain('997 more of its lines are wrong');
  });
});

test('a manifest that is far too large is not read', async () => {
  const files = folderOf(exportOf(texts));
  const huge = async (): Promise<Uint8Array> => {
    throw new Error('Nobody reads it.');
  };
  const { problems } = await verifyExport({ ...files, sizeOf: async () => 1e10, read: huge }, publicKey);
  expect(problems.join()).toContain('manifest.json is too large');
});

describe('the verdict for a person', () => {
  const verdictOf = (files: Files) => verifyExport(folderOf(files), publicKey);
  const facts = { stack: 'OtpService', principal: 'arn:aws:iam::1:role/auditor', reason: 'an audit' };

  test('a good export is told with what it holds, and who asked for it', async () => {
    const unreadable = { count: 1, named: ['action a-1: principal is no text'] };
    const lines = verdictLines(await verdictOf(exportOf(texts, { ...facts, unreadable })));
    expect(lines).toEqual([
      'This export is genuine and whole.',
      'It is id of the stack OtpService, from 2026-11-29T03:00:00.000Z to 2026-11-29T04:00:00.000Z.',
      'It holds 3 of event, 0 of finding, 0 of action, 0 of history, 0 of running.',
      'arn:aws:iam::1:role/auditor asked for it, because: an audit',
      'Items that could not be read when it was made: 1.',
      'action a-1: principal is no text',
    ]);
  });

  test('a bad export is told with each problem, and nothing of its content', async () => {
    const lines = verdictLines(await verdictOf(without(exportOf(texts, facts), second)));
    expect(lines).toHaveLength(2);
    expect(lines.join()).toContain('not genuine, or not whole. Problems: 1.');
    expect(lines.join()).not.toContain('auditor');
  });
});

describe('a public key', () => {
  test('a public key is read as PEM, as DER, and as the AWS CLI prints it', () => {
    const der = publicKey.export({ type: 'spki', format: 'der' });
    const all = [publicKey.export({ type: 'spki', format: 'pem' }), der, `${der.toString('base64')}\n`];
    for (const content of all) expect(readPublicKey(Buffer.from(content)).equals(publicKey)).toBe(true);
  });

  test('a private key, a key of another kind and a text that is none are refused', () => {
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'spki', format: 'pem' });
    const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ type: 'spki', format: 'pem' });
    expect(() => readPublicKey(Buffer.from(pem))).toThrow('no public key');
    expect(() => readPublicKey(Buffer.from('hello'))).toThrow('no public key');
    for (const key of [rsa, other]) expect(() => readPublicKey(Buffer.from(key))).toThrow('of another kind');
  });
});

describe('a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'otp-export-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('an export is checked as it lies in a folder', async () => {
    for (const [name, text] of Object.entries(exportOf(texts))) await writeFile(join(folder, name), text);
    expect((await verifyExport(await filesIn(folder), publicKey)).problems).toEqual([]);
  });
});
