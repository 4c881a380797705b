/** The reader of answers, beside that of Node on the same bytes, however they are cut. */

import { request } from 'node:http';
import { Duplex } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { answerReader } from '../../../lambdas/aws/calls/answer.ts';

type Read = { readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, unknown>> };

/** The answer in these parts, and whether its connection may serve another call. `undefined`: there is none. */
const readBy = (parts: readonly Buffer[]): (Read & { readonly isReusable: boolean }) | 'broken' | undefined => {
  const reader = answerReader(1000);
  try {
    for (const part of parts) {
      // The room of all connections is overwritten after each part.
      const room = Buffer.from(part);
      const whole = reader.read(room);
      room.fill(0);
      if (whole === undefined) continue;
      const { statusCode, headers, body } = whole.response;
      return {
        status: statusCode,
        headers,
        body: Buffer.from(body).toString('latin1'),
        isReusable: whole.maxIdleMs > 0,
      };
    }
    const whole = reader.end();
    if (whole === undefined) return undefined;
    const { statusCode, headers, body } = whole.response;
    return { status: statusCode, headers, body: Buffer.from(body).toString('latin1'), isReusable: false };
  } catch {
    return 'broken';
  }
};

/** The same by Node, which gets the bytes at once, and then their end. */
const readByNode = (bytes: Buffer): Promise<Read | undefined> =>
  new Promise((resolve) => {
    const socket = new Duplex({
      read: () => {},
      write: (_chunk, _encoding, done) => {
        done();
        socket.push(bytes);
        socket.push(null);
      },
    });
    const asked = request({ createConnection: () => socket, method: 'GET', path: '/' });
    asked.on('error', () => resolve(undefined));
    asked.on('response', (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', () => resolve(undefined));
      const { statusCode = 0, headers } = answer;
      answer.on('end', () => resolve({ status: statusCode, headers, body: Buffer.concat(parts).toString('latin1') }));
    });
    asked.end();
  });

const token = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
  .filter((name) => !/^(?:content-|transfer-|connection$|trailer$|te$)/.test(name));
const value = fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/);
const body = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const status = fc.constantFrom(200, 201, 204, 400, 403, 500, 503);

const inChunks = (bytes: Buffer, size: number): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at += size) {
    const part = bytes.subarray(at, at + size);
    text += `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`;
  }
  return `${text}0\r\n\r\n`;
};

const answer = fc
  .record({
    status,
    headers: fc.uniqueArray(fc.tuple(token, value), { maxLength: 5, selector: ([name]) => name }),
    body,
    framing: fc.constantFrom('length', 'chunks', 'end'),
    size: fc.integer({ min: 1, max: 100 }),
  })
  .map(({ status: code, headers, body: bytes, framing, size }) => {
    const lines = headers.map(([name, text]) => `${name}: ${text}\r\n`).join('');
    const head = `HTTP/1.1 ${code} x\r\n${lines}`;
    const sent = code === 204 ? Buffer.alloc(0) : bytes;
    if (code === 204) return { text: `${head}\r\n`, status: code, body: sent };
    if (framing === 'length')
      return {
        text: `${head}content-length: ${sent.length}\r\n\r\n${sent.toString('latin1')}`,
        status: code,
        body: sent,
      };
    if (framing === 'chunks')
      return { text: `${head}transfer-encoding: chunked\r\n\r\n${inChunks(sent, size)}`, status: code, body: sent };
    return { text: `${head}\r\n${sent.toString('latin1')}`, status: code, body: sent };
  });

const cutAt = (bytes: Buffer, cuts: readonly number[]): readonly Buffer[] => {
  const ends = [...new Set([...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};

test('an answer is the same however its bytes are cut', () => {
  fc.assert(
    fc.property(answer, fc.array(fc.nat(), { maxLength: 12 }), ({ text, ...wanted }, cuts) => {
      const bytes = Buffer.from(text, 'latin1');
      const read = readBy(cutAt(bytes, cuts));
      expect(read).toMatchObject({ status: wanted.status, body: wanted.body.toString('latin1') });
      expect(read).toEqual(readBy([...bytes].map((byte) => Buffer.from([byte]))));
    }),
    { seed: 121, numRuns: 300 },
  );
});

test('an answer that was spoiled is read as Node reads it, or is refused', async () => {
  const spoil = fc.record({
    at: fc.nat(),
    to: fc.constantFrom('\r', '\n', ' ', ':', '0', '9', 'f', '\t', ';', '\0', 'é', ''),
  });
  const seen = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(answer, fc.array(spoil, { minLength: 1, maxLength: 3 }), async ({ text }, spoils) => {
      const spoiled = spoils.reduce((now, { at, to }) => {
        const place = at % now.length;
        return now.slice(0, place) + to + now.slice(place + 1);
      }, text);
      const bytes = Buffer.from(spoiled, 'latin1');
      const ours = readBy([bytes]);
      if (ours === 'broken' || ours === undefined) {
        seen.refused += 1;
        return;
      }
      seen.read += 1;
      const node = await readByNode(bytes);
      expect({ status: ours.status, body: ours.body }).toEqual({ status: node?.status, body: node?.body });
    }),
    { seed: 122, numRuns: 600 },
  );
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
});

test('a header with a name that each object has is a header', () => {
  const read = readBy([Buffer.from('HTTP/1.1 200 OK\r\nconstructor: a\r\ncontent-length: 0\r\n\r\n')]);
  expect(read).toMatchObject({ headers: { constructor: 'a' }, isReusable: true });
});

test('no bytes of another protocol are an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 400 }), (bytes) => {
      fc.pre(!Buffer.from('HTTP/1.').subarray(0, bytes.length).equals(Buffer.from(bytes).subarray(0, 7)));
      expect(readBy([Buffer.from(bytes)])).toBe('broken');
    }),
    { seed: 123, numRuns: 300 },
  );
});

describe('a connection serves the next call only if its answer had an end of its own', () => {
  test.each<readonly [string, string, boolean]>([
    ['a length', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\na', true],
    ['chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n', true],
    [
      'chunks with trailers',
      'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;x=y\r\na\r\n0\r\nb: c\r\n\r\n',
      true,
    ],
    ['no length', 'HTTP/1.1 200 OK\r\n\r\na', false],
    ['an old version', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na', false],
    ['a farewell', 'HTTP/1.1 200 OK\r\nConnection: Close\r\ncontent-length: 1\r\n\r\na', false],
    ['bytes behind it', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab', false],
    ['bytes behind its chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\nx', false],
  ])('an answer with %s is read', (_, text, isReusable) => {
    expect(readBy([Buffer.from(text, 'latin1')])).toMatchObject({ status: 200, body: 'a', isReusable });
  });
});

describe('an answer whose end is not certain is refused', () => {
  test.each([
    ['two lengths', 'content-length: 1\r\ncontent-length: 1\r\n\r\na'],
    ['a list of lengths', 'content-length: 1, 1\r\n\r\na'],
    ['a signed length', 'content-length: +1\r\n\r\na'],
    ['chunks and a length', 'transfer-encoding: chunked\r\ncontent-length: 1\r\n\r\n0\r\n\r\n'],
    ['another coding', 'transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
    ['chunks twice', 'transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a folded line', 'a: b\r\n c\r\ncontent-length: 1\r\n\r\na'],
    ['a space before a colon', 'content-length : 1\r\n\r\na'],
    ['a line without a return', 'a: b\ncontent-length: 1\r\n\r\na'],
    ['a chunk without a size', 'transfer-encoding: chunked\r\n\r\n\r\na\r\n0\r\n\r\n'],
    ['a chunk with a sign', 'transfer-encoding: chunked\r\n\r\n-1\r\na\r\n0\r\n\r\n'],
    ['a chunk that is longer than it says', 'transfer-encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n'],
    ['a size without a return', 'transfer-encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n'],
    ['a size that is no number of JavaScript', `transfer-encoding: chunked\r\n\r\n${'f'.repeat(17)}\r\na`],
  ])('an answer with %s is refused', (_, rest) => {
    expect(readBy([Buffer.from(`HTTP/1.1 200 OK\r\n${rest}`, 'latin1')])).toBe('broken');
  });
});
