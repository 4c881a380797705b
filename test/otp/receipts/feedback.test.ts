import { describe, expect, test } from 'vitest';
import { hasFeedbackOn } from '../../../lambdas/otp/sending/routes.ts';
import type { ReceiptPolicy } from '../../../lambdas/policy.ts';

const bySet: ReceiptPolicy = { sources: ['configuration-set'], noteMessageIds: false, feedback: true };
const byBus: ReceiptPolicy = { sources: ['event-bus'], noteMessageIds: true, feedback: true };
const sns = { sender: 'sns', name: 'sns', region: '' } as const;
const texts = { sender: 'end-user-messaging', name: 'eum', region: '' } as const;
const call = { ...texts, originationIdentity: '+12065550100' } as const;
const notify = { sender: 'notify', name: 'notify', region: '', configuration: 'nc-1', templates: { en: 'a' } } as const;
const set = { configurationSet: 'OtpService-receipts' } as const;
const far = { region: 'eu-west-1' } as const;

describe('feedback', () => {
  test.each([
    ['a text with a set, by the set', bySet, { ...texts, ...set }, true],
    ['a call with a set, by the set', bySet, { ...call, ...set }, true],
    ['Notify with a set, by the set', bySet, { ...notify, ...set }, true],
    ['a text without a set, by the set', bySet, texts, false],
    ['a text of this Region, by the bus', byBus, texts, true],
    ['a call of this Region, by the bus', byBus, call, true],
    ['a text of another Region, by the bus', byBus, { ...texts, ...far, ...set }, false],
    ['Notify, of which nobody knows whether it tells the bus', byBus, notify, false],
    ['SNS', { ...bySet, sources: ['configuration-set', 'event-bus'] }, sns, false],
    ['a text with a set, without the setting', { ...bySet, feedback: false }, { ...texts, ...set }, false],
    ['a text without receipts', undefined, { ...texts, ...set }, false],
  ] as const)('AWS waits for feedback only where a receipt can come: %s', (_, receipts, route, asked) => {
    expect(hasFeedbackOn(receipts === undefined ? {} : { receipts }, route)).toBe(asked);
  });
});
