/** The answer to a call, from the bytes of its connection (RFC 9112). */

import type { HttpResponse } from '@smithy/types';

/** As Node has it. */
const maxHeadBytes = 16 * 2 ** 10;

export type Whole = {
  readonly response: HttpResponse;
  /** How long the connection may be idle before its next call, in milliseconds. 0: it may serve no other one. */
  readonly maxIdleMs: number;
};

/** Reads one answer. A part that no server of HTTP would send throws, with a code as Node has it. */
export type AnswerReader = {
  /** @returns the answer, if this part completes it. The part may be overwritten after the call. */
  readonly read: (part: Buffer) => Whole | undefined;
  /** The other side ended the connection. @returns the answer, if its end is that of the connection. */
  readonly end: () => Whole | undefined;
  /** Whether the headers are there. */
  readonly hasHead: () => boolean;
};

type Head = Pick<HttpResponse, 'statusCode' | 'headers'> & {
  readonly reason: string;
  readonly framing: Framing;
  readonly maxIdleMs: number;
};
type Framing =
  | { readonly kind: 'chunks' }
  | { readonly kind: 'until-end' }
  | { readonly kind: 'length'; readonly bytes: number };

/** @param maxBytes of the body. */
export const answerReader = (maxBytes: number): AnswerReader => {
  let pending: Buffer | undefined;
  let head: Head | undefined;
  let body: BodyReader | undefined;
  const wholeOf = ({ statusCode, reason, headers, maxIdleMs }: Head, bytes: Uint8Array, isExact: boolean): Whole => ({
    response: { statusCode, reason, headers, body: bytes },
    maxIdleMs: isExact ? maxIdleMs : 0,
  });
  const readBody = (part: Buffer): Whole | undefined => {
    if (head === undefined || body === undefined) return undefined;
    const rest = body.read(part);
    return rest === undefined ? undefined : wholeOf(head, body.taken(), rest === 0);
  };
  const read = (part: Buffer): Whole | undefined => {
    if (head !== undefined) return readBody(part);
    const bytes = pending === undefined ? part : Buffer.concat([pending, part]);
    requireHttp(bytes);
    const end = bytes.indexOf(headEnd);
    if (end > maxHeadBytes || (end === -1 && bytes.length > maxHeadBytes)) throw broken('HPE_HEADER_OVERFLOW');
    if (end === -1) {
      pending = Buffer.from(bytes);
      return undefined;
    }
    pending = undefined;
    const rest = bytes.subarray(end + headEnd.length);
    const found = headOf(bytes.toString('latin1', 0, end));
    // An interim answer, after which the answer comes: RFC 9110, section 15.2.
    if (found.statusCode < 200) return rest.length === 0 ? undefined : read(rest);
    head = found;
    body = bodyReader(found.framing, maxBytes);
    return readBody(rest);
  };
  return {
    read,
    end: () =>
      head?.framing.kind === 'until-end' && body !== undefined ? wholeOf(head, body.taken(), false) : undefined,
    hasHead: () => head !== undefined,
  };
};

const headEnd = Buffer.from('\r\n\r\n');
const beginning = Buffer.from('HTTP/1.');

/** Another protocol is seen at once, before any time-out. */
const requireHttp = (bytes: Buffer): void => {
  const length = Math.min(bytes.length, beginning.length);
  if (bytes.compare(beginning, 0, length, 0, length) !== 0) throw broken('HPE_INVALID_CONSTANT');
};

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** A name, and a value without the spaces around it: RFC 9110, section 5. A folded line is none. */
const field =
  /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[\t ]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[\t ]*$/;

const headOf = (text: string): Head => {
  const [first = '', ...lines] = text.split('\r\n');
  const status = statusLine.exec(first);
  if (status === null) throw broken('HPE_INVALID_STATUS');
  const headers: Record<string, string> = {};
  for (const line of lines) addField(headers, line);
  const [, minor, code, reason = ''] = status;
  const statusCode = Number(code);
  const framing = framingOf(statusCode, headers);
  const isKept = minor === '1' && framing.kind !== 'until-end' && !/\bclose\b/i.test(headers['connection'] ?? '');
  return { statusCode, reason, headers, framing, maxIdleMs: isKept ? idleMsOf(headers['keep-alive']) : 0 };
};

/** The time that the server gives to idle connections (RFC 2068, section 19.7.1.1), less a second for the way, as Node has it. */
const idleMsOf = (keepAlive: string | undefined): number => {
  const seconds = /\btimeout=(\d{1,9})\b/.exec(keepAlive ?? '')?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Number(seconds) - 1) * 1000;
};

const addField = (headers: Record<string, string>, line: string): void => {
  const found = field.exec(line);
  if (found === null) throw broken('HPE_INVALID_HEADER_TOKEN');
  const name = (found[1] ?? '').toLowerCase();
  const value = found[2] ?? '';
  const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
  if (before === undefined) headers[name] = value;
  else if (name === 'content-length') throw broken('HPE_UNEXPECTED_CONTENT_LENGTH');
  else headers[name] = `${before}${name === 'set-cookie' ? ',' : ', '}${value}`;
};

/** RFC 9112, section 6.3. An answer with a length and chunks may be the end of another one. */
const framingOf = (status: number, headers: Readonly<Record<string, string>>): Framing => {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers;
  if (encoding !== undefined) {
    if (length !== undefined) throw broken('HPE_UNEXPECTED_CONTENT_LENGTH');
    if (encoding.toLowerCase() !== 'chunked') throw broken('HPE_INVALID_TRANSFER_ENCODING');
    return { kind: 'chunks' };
  }
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw broken('HPE_INVALID_CONTENT_LENGTH');
  if (status < 200 || status === 204 || status === 304) return { kind: 'length', bytes: 0 };
  return length === undefined ? { kind: 'until-end' } : { kind: 'length', bytes: Number(length) };
};

type BodyReader = {
  /** @returns how many bytes follow the body, once it is whole. */
  readonly read: (part: Buffer) => number | undefined;
  readonly taken: () => Uint8Array;
};

const bodyReader = (framing: Framing, maxBytes: number): BodyReader => {
  const parts: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer): void => {
    bytes += part.length;
    if (bytes > maxBytes) throw new Error(`An answer has more than ${maxBytes} bytes.`);
    if (part.length > 0) parts.push(Buffer.from(part));
  };
  const taken = (): Uint8Array => (parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
  if (framing.kind === 'chunks') return { read: chunkReader(keep), taken };
  if (framing.kind === 'until-end') return { read: (part) => void keep(part), taken };
  const read = (part: Buffer): number | undefined => {
    const missing = framing.bytes - bytes;
    if (part.length < missing) return void keep(part);
    keep(part.subarray(0, missing));
    return part.length - missing;
  };
  return { read, taken };
};

/** RFC 9112, section 7.1. Extensions of chunks and trailers say nothing here. */
const chunkReader = (keep: (part: Buffer) => void) => {
  let at: 'size' | 'data' | 'after-data' | 'trailers' = 'size';
  let missing = 0;
  let line = '';
  /** @returns the line without its end, if the part completes it, and the position after it. */
  const takeLine = (part: Buffer, from: number): { readonly text: string | undefined; readonly next: number } => {
    const end = part.indexOf(0x0a, from);
    line += part.toString('latin1', from, end === -1 ? part.length : end + 1);
    if (line.length > maxHeadBytes) throw broken('HPE_HEADER_OVERFLOW');
    if (end === -1) return { text: undefined, next: part.length };
    const text = line;
    line = '';
    if (!text.endsWith('\r\n')) throw broken('HPE_STRICT');
    return { text: text.slice(0, -2), next: end + 1 };
  };
  const takeData = (part: Buffer, from: number): number => {
    const end = Math.min(part.length, from + missing);
    keep(part.subarray(from, end));
    missing -= end - from;
    if (missing === 0) at = 'after-data';
    return end;
  };
  return (part: Buffer): number | undefined => {
    let from = 0;
    while (from < part.length) {
      if (at === 'data') {
        from = takeData(part, from);
        continue;
      }
      const { text, next } = takeLine(part, from);
      from = next;
      if (text === undefined) return undefined;
      if (at === 'size') {
        missing = sizeOf(text);
        at = missing === 0 ? 'trailers' : 'data';
      } else if (at === 'after-data') {
        if (text !== '') throw broken('HPE_STRICT');
        at = 'size';
      } else if (text === '') return part.length - from;
    }
    return undefined;
  };
};

const sizeOf = (line: string): number => {
  const size = /^([0-9A-Fa-f]{1,8})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/.exec(line)?.[1];
  if (size === undefined) throw broken('HPE_INVALID_CHUNK_SIZE');
  return Number.parseInt(size, 16);
};

const broken = (code: string): Error =>
  Object.assign(new Error(`Parse Error: the answer is no HTTP (${code}).`), { code });
