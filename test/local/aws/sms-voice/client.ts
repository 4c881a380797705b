/** The stand-in with a clock that a test moves, and the real client of AWS in front of it. */

import { PinpointSMSVoiceV2Client } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { defaultAccount } from '../../../../local/aws/sms-voice/account.ts';
import { type SmsVoiceOptions, startSmsVoice } from '../../../../local/aws/sms-voice/sms-voice.ts';

export const phone = '+919876543210';
export const other = '+4915112345678';

const start = Date.UTC(2026, 0, 1);

/** Quotas of requests per second are off unless a test turns them on: tests are fast. */
export const startService = async (options: SmsVoiceOptions = {}) => {
  let nowMs = start;
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

export const [number] = defaultAccount.identities;

export const secondMs = 1000;
export const hourMs = 3600 * secondMs;
export const dayMs = 24 * hourMs;
