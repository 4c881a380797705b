/** The walk over the wire, against the stand-in for End User Messaging, and what it prints. */

import rawSettings from '../../../bin/settings.ts';
import { callEndUserMessaging } from '../../../cli/preflight/first-sms/aws.ts';
import { type Ending, type Plan, walkToFirstSms } from '../../../cli/preflight/first-sms/walk.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import type { Account } from '../../../local/aws/sms-voice/account.ts';
import { startService } from '../../local/aws/sms-voice/client.ts';

export const phone = '+447400123456';
export const code = '048261';
export const region = 'eu-west-1';

/** The answers of a person, and how the transcript shows them. */
export type Typed = { readonly text: string; readonly shown: string };
export const yes: Typed = { text: 'y', shown: 'y' };
export const theNumber: Typed = { text: phone, shown: '(your number)' };
export const theCode: Typed = { text: code, shown: '(the code)' };

/** An account of today: in the sandbox, without a configuration, and with a dollar a month. Quotas of calls hold. */
const newAccount: Partial<Account> = {
  isInSandbox: true,
  notifyConfigurations: [],
  spendLimitsUsd: { text: 1, voice: 1, notify: 1 },
  hasRates: true,
};

/** @param more settings beside those of the repository. */
export const problemWith = (smsRoutes: readonly object[], more: object = {}): string | undefined => {
  try {
    parseSettings({ ...rawSettings, ...more, smsRoutes });
    return undefined;
  } catch (problem) {
    return String(problem);
  }
};

export const startAccount = async (account: Partial<Account> = {}) => {
  const { service, pass, stop } = await startService({ account: { ...newAccount, ...account } });
  const options = {
    region,
    endpoint: service.url,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  };
  const walk = async (types: readonly Typed[], plan: Partial<Plan> = {}) => {
    const typed = [...types];
    const lines: string[] = [];
    let nowMs = 0;
    // Walks begin seconds apart: AWS takes one call of a kind a second.
    pass(2000);
    const ending: Ending = await walkToFirstSms({
      account: async () => '111122223333',
      call: callEndUserMessaging(options),
      say: (line) => lines.push(line),
      ask: async (question) => {
        const next = typed.shift();
        lines.push(`${question}${next?.shown ?? ''}`);
        // As fast as a person who has the phone at hand.
        pass(9000);
        nowMs += 9000;
        return next?.text;
      },
      sleep: async (ms) => pass(ms),
      nowMs: () => nowMs,
      newCode: () => code,
      problemWith: (routes) => problemWith(routes),
    })({
      region,
      policy: policyOf(parseSettings(rawSettings)),
      routes: [{}],
      consent: 'ask',
      ...plan,
    });
    return { ending, output: lines.join('\n') };
  };
  return { service, walk, stop };
};

/** With ids that are the same every time. */
export const steady = (output: string): string =>
  output
    .replaceAll(/notify-[0-9a-f]{32}/g, 'notify-0123456789abcdef0123456789abcdef')
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '01234567-89ab-4cde-8f01-23456789abcd');
