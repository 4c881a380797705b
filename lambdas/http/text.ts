import { isUtf8 } from 'node:buffer';
import { maxBodyBytes } from '../contract.ts';
import { invalidRequest } from './invalid.ts';
import { problem, Refused } from './problem.ts';

/** A body as API Gateway hands it over, with the headers that say how to read it. Each header has all of its values. */
export type RawBody = {
  readonly body: string | null;
  readonly isBase64Encoded: boolean;
  readonly contentTypes: readonly string[];
  readonly contentEncodings: readonly string[];
};

/**
 * The text of a body: JSON by its headers, in UTF-8 (RFC 8259, section 8.1), without a byte order mark.
 *
 * @throws Refused if it is too large, compressed, of another media type, or in another encoding.
 */
export const readText = ({ body, isBase64Encoded, contentTypes, contentEncodings }: RawBody): string => {
  if (!body) return '';
  if (!contentTypes.every(isJson)) throw unsupported(notJson);
  if (!contentTypes.every(isInUtf8)) throw unsupported(otherCharset);
  if (contentEncodings.some(isCompressed)) throw unsupported(compressed);
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBodyBytes) {
    throw new Refused(
      problem('payload-too-large', {
        detail: `The body has ${bytes.length} bytes. Send ${maxBodyBytes} bytes at most.`,
      }),
    );
  }
  // API Gateway replaces what is not UTF-8, so that the byte order mark of UTF-16 arrives as U+FFFD.
  if (!isUtf8(bytes) || bytes.includes(0)) throw invalidRequest([{ pointer: '', detail: notUtf8 }]);
  return bytes.toString('utf8').replace(/^\ufeff/, '');
};

const isJson = (contentType: string): boolean => {
  const mediaType = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  return mediaType === '' || /^application\/([a-z0-9.+-]+\+)?json$/.test(mediaType);
};

/** JSON has no charset, but clients name it. ASCII is UTF-8 as well. */
const isInUtf8 = (contentType: string): boolean => {
  const charset = /;\s*charset\s*=\s*"?([^";\s]*)/i.exec(contentType)?.[1] ?? '';
  return /^(?:utf-?8|(?:us-)?ascii)?$/i.test(charset);
};

const isCompressed = (contentEncoding: string): boolean =>
  contentEncoding.split(',').some((coding) => !/^(?:identity)?$/i.test(coding.trim()));

const unsupported = (detail: string): Refused => new Refused(problem('unsupported-media-type', { detail }));

const notJson = 'The body is not JSON by its media type. Send the header content-type: application/json.';
const otherCharset =
  'The body is not in UTF-8 by its media type. Send UTF-8, with the header content-type: application/json.';
const compressed =
  'The body is compressed by its content-encoding. Send it as it is, without that header or with content-encoding: identity.';
const notUtf8 = 'The body is not UTF-8. Send JSON in UTF-8, not in UTF-16 or another encoding.';
