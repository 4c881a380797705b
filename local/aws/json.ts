import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';

/** The value as an object; an empty one if it is none. */
export const asRecord = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

/** The value as a list of objects; an empty one if it is none. */
export const asList = (value: unknown): readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) ? value.map(asRecord) : [];

/** Answers as the services do whose protocol is AWS JSON of this version. */
export const answerJson =
  (version: '1.0' | '1.1') =>
  (response: ServerResponse, status: number, value: object, headers: Readonly<Record<string, string>> = {}): void => {
    const body = JSON.stringify(value);
    response.writeHead(status, {
      'content-type': `application/x-amz-json-${version}`,
      'content-length': Buffer.byteLength(body),
      'x-amzn-requestid': randomUUID(),
      ...headers,
    });
    response.end(body);
  };
