/** The stand-in with a clock that a test moves, and the real client of AWS in front of it. */

import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { afterEach, beforeEach, expect } from 'vitest';
import { type SmsVoiceOptions, startSmsVoice } from '../../../../local/aws/sms-voice/sms-voice.ts';

export const phone = '+919876543210';
export const other = '+4915112345678';

const startMs = Date.UTC(2026, 0, 1);

/** Quotas of requests per second are off unless a test turns them on: tests are fast. */
export const startService = async (options: SmsVoiceOptions = {}) => {
  let nowMs = startMs;
  const service = await startSmsVoice({
    now: () => nowMs,
    ...options,
    account: { hasRates: false, ...options.account },
  });
  const client = new PinpointSMSVoiceV2Client({
    endpoint: service.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  return {
    service,
    client,
    /** Moves the clock. */
    pass: (ms: number) => {
      nowMs += ms;
    },
    stop: async () => {
      client.destroy();
      await service.stop();
    },
  };
};
export type Service = Awaited<ReturnType<typeof startService>>;

/** One of its own for each test of a file. */
export const eachService = (): Service => {
  const running = {} as Service;
  beforeEach(async () => void Object.assign(running, await startService()));
  afterEach(() => running.stop());
  return running;
};

/** An error as the client has it. All errors of a caller's making have status 400. */
export const refused = (name: string, facts: object = {}): unknown =>
  expect.objectContaining({ name, ...facts, $metadata: expect.objectContaining({ httpStatusCode: 400 }) });
export const conflict = (Reason: string): unknown => refused('ConflictException', { Reason });
export const invalid = (Reason: string): unknown => refused('ValidationException', { Reason });
export const overQuota = (Reason: string): unknown => refused('ServiceQuotaExceededException', { Reason });
export const missing = (ResourceType: string): unknown => refused('ResourceNotFoundException', { ResourceType });

/** A change of a request. `undefined` takes a field away. */
export type Change<Input> = { readonly [field in keyof Input]?: Input[field] | undefined };

/** Sends what the client would not: fields that an operation does not have, or values of another type. */
export const post = async (
  url: string,
  operation: string,
  input: unknown,
  headers: Readonly<Record<string, string>> = {},
) => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization:
        'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/sms-voice/aws4_request, SignedHeaders=host, Signature=0',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `PinpointSMSVoiceV2.${operation}`,
      ...headers,
    },
    body: typeof input === 'string' ? input : JSON.stringify(input),
  });
  const answer: { readonly __type?: string; readonly Message?: string; readonly Reason?: string } = JSON.parse(
    await response.text(),
  );
  return { status: response.status, ...answer };
};

export const hourMs = 3600 * 1000;
export const dayMs = 24 * hourMs;
