import { createHash, generateKeyPairSync, sign } from 'node:crypto';

/** The key that signs the exports of tests. */
export const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

export const nameOf = (number: number, text: string) => `part-00000${number}-${sha256(text).slice(0, 16)}.jsonl`;
export const partOf = (number: number, text: string) => ({
  name: nameOf(number, text),
  sha256: sha256(text),
  bytes: Buffer.byteLength(text),
  lines: text.split('\n').length - 1,
});

/** The files of an export by their names. */
export type Files = Readonly<Record<string, string>>;

/** An export with these parts, signed by the key, as a manifest with these changes says. */
export const exportOf = (texts: readonly string[], changes: object = {}, key = privateKey): Files => {
  const parts = texts.map((text, index) => partOf(index + 1, text));
  const manifest = JSON.stringify({
    format: 'otp-export/1',
    id: 'id',
    from: '2026-11-29T03:00:00.000Z',
    to: '2026-11-29T04:00:00.000Z',
    counts: { event: texts.join('').split('\n').length - 1, finding: 0, action: 0 },
    unreadable: { count: 0, named: [] },
    parts,
    abandoned: [],
    ...changes,
  });
  const signature = sign('sha256', Buffer.from(manifest), key).toString('base64');
  return {
    'manifest.json': manifest,
    'manifest.sig.json': JSON.stringify({ algorithm: 'ECDSA_SHA_256', signature }),
    ...Object.fromEntries(texts.map((text, index) => [nameOf(index + 1, text), text])),
  };
};
