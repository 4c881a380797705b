/** What API Gateway takes from a caller, and from a function. */

import { asRecord } from '../aws/dynamo.ts';
import type { Answer } from './problem.ts';

// API Gateway's own limit. Lambda's is lower. The function refuses bodies between contract.maxBodyBytes and that.
export const gatewayBodyLimit = 10 * 1024 * 1024;

/** Reads a handler's result as API Gateway does; `undefined` if API Gateway calls it malformed. */
export const fromProxyResult = (payload: unknown): Answer | undefined => {
  const {
    statusCode,
    headers = {},
    multiValueHeaders = {},
    body = '',
    isBase64Encoded = false,
    ...rest
  } = asRecord(payload);
  if (Object.keys(rest).length > 0) return undefined;
  const status: unknown = typeof statusCode === 'string' ? Number(statusCode) : statusCode;
  if (typeof status !== 'number' || !Number.isInteger(status) || status < 200 || status > 599) return undefined;
  if (body !== null && typeof body !== 'string') return undefined;
  const text = body ?? '';
  return {
    status,
    headers: Object.fromEntries(resultHeaders(asRecord(headers), asRecord(multiValueHeaders))),
    body: isBase64Encoded === true ? Buffer.from(text, 'base64') : text,
  };
};

const resultHeaders = (
  single: Readonly<Record<string, unknown>>,
  multiple: Readonly<Record<string, unknown>>,
): Map<string, string | string[]> => {
  const merged = new Map<string, string | string[]>([['content-type', 'application/json']]);
  for (const [name, value] of Object.entries(single)) merged.set(returnedName(name), String(value));
  for (const [name, values] of Object.entries(multiple))
    merged.set(returnedName(name), Array.isArray(values) ? values.map(String) : String(values));
  return merged;
};

/** API Gateway sets these headers itself and renames those of a function. It sets the length, too. */
const returnedName = (name: string): string => {
  const lower = name.toLowerCase();
  return /^(date|server|www-authenticate|content-length|connection|transfer-encoding)$/.test(lower)
    ? `x-amzn-remapped-${lower}`
    : lower;
};
