import type {
  PinpointSMSVoiceV2Client,
  SendNotifyTextMessageCommandInput,
  SendTextMessageCommandInput,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { describe, expect, test } from 'vitest';
import { senderByRoute } from '../../../lambdas/aws/senders/by-route.ts';
import { endUserMessagingSender } from '../../../lambdas/aws/senders/end-user-messaging.ts';
import { sendersInUse } from '../../../lambdas/aws/senders/in-use.ts';
import { notifySender } from '../../../lambdas/aws/senders/notify.ts';
import { smsSenders } from '../../../lambdas/policy.ts';
import { openSmsVoice } from '../../fakes/sending/networks.ts';
import { endUserMessagingRoute, notifyRoute, snsRoute } from '../../fakes/sending/routes.ts';
import { smsTo } from '../../fakes/sending/sms.ts';

const number = '+919876543210';

/** A client that keeps what it is given, by Region. */
const keeping = () => {
  const inputs: object[] = [];
  const regions: string[] = [];
  const clientFor = (region: string) => {
    regions.push(region);
    const send = async ({ input }: { readonly input: object }) => {
      inputs.push(input);
      return { MessageId: 'm-1', ResolvedMessageBody: 'Your code is 123456' };
    };
    return { send } as unknown as PinpointSMSVoiceV2Client;
  };
  return { inputs, regions, clientFor };
};

type More = Parameters<typeof smsTo>[1];

const textOf = async (more: More = {}): Promise<SendTextMessageCommandInput> => {
  const { inputs, clientFor } = keeping();
  await endUserMessagingSender(() => {}, clientFor).send(smsTo(number, { route: endUserMessagingRoute(), ...more }));
  return inputs[0] as SendTextMessageCommandInput;
};

const noticeOf = async (more: More = {}): Promise<SendNotifyTextMessageCommandInput> => {
  const { inputs, clientFor } = keeping();
  await notifySender(() => {}, clientFor).send(smsTo(number, { route: notifyRoute(), ...more }));
  return inputs[0] as SendNotifyTextMessageCommandInput;
};

const context = { verification: 'a'.repeat(64), send: 'send-1', country: 'IN', estimate: '20000 1' };

describe('a message to End User Messaging', () => {
  test('a message says who gets what, at which price at most, and until when', async () => {
    expect(await textOf()).toEqual({
      DestinationPhoneNumber: number,
      MessageBody: 'Acme: 123456',
      MessageType: 'TRANSACTIONAL',
      MaxPrice: '0.10000',
      TimeToLive: 300,
      Context: { ...context, route: 'end-user-messaging' },
    });
  });

  test('a message has what its route names', async () => {
    const route = endUserMessagingRoute({
      ...{ originationIdentity: 'pool-1', configurationSet: 'receipts', protectConfiguration: 'protect-1' },
    });
    expect(await textOf({ route, senderId: 'Acme' })).toMatchObject({
      OriginationIdentity: 'pool-1',
      ConfigurationSetName: 'receipts',
      ProtectConfigurationId: 'protect-1',
    });
  });

  test('a message goes out as the sender id of its country if the route names no identity', async () => {
    expect(await textOf({ senderId: 'Acme' })).toMatchObject({ OriginationIdentity: 'Acme' });
  });

  test('a message to India has its registrations', async () => {
    expect(await textOf({ entityId: '1101', templateId: '1107' })).toMatchObject({
      DestinationCountryParameters: { IN_ENTITY_ID: '1101', IN_TEMPLATE_ID: '1107' },
    });
  });

  test.each([
    [0.1, '0.10000'],
    [0.3, '0.30000'],
    [0.00645, '0.00645'],
    [0.006_459, '0.00645'],
    [0.29, '0.29000'],
    [1, '1.00000'],
    [99.999_99, '99.99999'],
    [250, '99.99999'],
  ])('a price is written as AWS reads it, and never above the settings: %d', async (maxPriceUsd, expected) => {
    const { MaxPrice = '' } = await textOf({ maxPriceUsd });
    expect(MaxPrice).toBe(expected);
    expect(MaxPrice).toMatch(/^\d{0,2}\.\d{1,5}$/);
  });

  test.each([
    [300, 300],
    [30.9, 30],
    [4, 5],
    [-3, 5],
    [1e9, 259_200],
  ])('a message lives as long as its code, within the bounds of AWS: %d seconds', async (secondsLeft, expected) => {
    const time = { secondsLeft: () => secondsLeft, isEnough: () => true };
    expect((await textOf({ time })).TimeToLive).toBe(expected);
    expect((await noticeOf({ time })).TimeToLive).toBe(expected);
  });
});

describe('a message to Notify', () => {
  test('a message is a template of AWS with the code, and has no text of ours', async () => {
    expect(await noticeOf()).toEqual({
      NotifyConfigurationId: 'nc-0123456789abcdef0123456789abcdef',
      DestinationPhoneNumber: number,
      TemplateId: 'notify-code-verification-english-001',
      TemplateVariables: { code: '123456' },
      TimeToLive: 300,
      Context: { ...context, route: 'notify' },
    });
  });

  test('a message has the template of its language, and the configuration set of its route', async () => {
    expect(await noticeOf({ locale: 'hi', route: notifyRoute({ configurationSet: 'receipts' }) })).toMatchObject({
      TemplateId: 'notify-code-verification-hindi-001',
      ConfigurationSetName: 'receipts',
    });
  });

  test('a message in a language without a template is left to the default of the configuration', async () => {
    expect(await noticeOf({ locale: 'ta' })).not.toHaveProperty('TemplateId');
  });
});

describe('what a message tells AWS for its receipts', () => {
  test.each([
    ['End User Messaging', textOf],
    ['Notify', noticeOf],
  ] as const)(
    'the context has five pairs at most, within the bounds of AWS, and nothing personal: %s',
    async (_, of) => {
      const { Context = {} } = await of();
      expect(Object.keys(Context).length).toBeLessThanOrEqual(5);
      for (const [key, value] of Object.entries(Context)) {
        expect(key).toMatch(/^\S{1,100}$/);
        expect(value).toMatch(/^\S(?:.{0,798}\S)?$/);
        expect(value).not.toContain('123456');
        expect(value).not.toContain(number.slice(1));
      }
    },
  );
});

describe('a sender by route', () => {
  test('a message goes to the Region of its route, by one client for each', async () => {
    const { regions, clientFor } = keeping();
    const { send } = notifySender(() => {}, clientFor);
    for (const region of ['', 'eu-west-1', '', 'eu-west-1']) {
      await send(smsTo(number, { route: notifyRoute({ region }) }));
    }
    expect(regions).toEqual(['', 'eu-west-1']);
  });

  test('there is a sender for each name that a route may have', () => {
    expect(Object.keys(sendersInUse(() => {})).toSorted()).toEqual([...smsSenders].toSorted());
  });

  test('a bundle without the sender of a route surely sends nothing', async () => {
    const outcome = await senderByRoute({}).send(smsTo(number, { route: snsRoute() }));
    expect(outcome).toEqual({ kind: 'rejected', reason: 'refused' });
  });
});

describe('what a sender lets out', () => {
  test('the outcome of Notify has neither the text nor the code, which its answer holds', async () => {
    const { clientFor } = keeping();
    const outcome = await notifySender(() => {}, clientFor).send(smsTo(number, { route: notifyRoute() }));
    expect(outcome).toEqual({ kind: 'accepted', messageId: 'm-1' });
  });

  test.each(['throttled', 'refused', 'unanswered', 'lost-answer', 'broken'] as const)(
    'the observed cause of a failure has neither the number nor the code of a message: %s',
    async (trouble) => {
      const causes: unknown[] = [];
      const opened = await openSmsVoice({}, (call, cause) => causes.push([call, cause]));
      for (const { sender, route, trouble: arm } of [opened.endUserMessaging, opened.notify]) {
        arm(trouble);
        await sender.send(smsTo(number, { route }));
      }
      await opened.stop();
      expect(causes.length).toBeGreaterThanOrEqual(2);
      for (const cause of causes) expect(wholeOf(cause)).not.toMatch(/123456|9876543210/);
    },
  );
});

/** All that hangs at a value, hidden or not. */
const wholeOf = (value: unknown, known = new Set<unknown>()): string => {
  if (typeof value !== 'object' || value === null || known.has(value)) return String(value);
  known.add(value);
  return Reflect.ownKeys(value)
    .map((key) => `${String(key)} ${wholeOf(Reflect.get(value, key), known)}`)
    .join('\n');
};
