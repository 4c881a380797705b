import {
  AccessDeniedExceptionReason,
  ConflictExceptionReason,
  ServiceQuotaExceededExceptionReason,
  ValidationExceptionReason,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import rawSettings from '../../../bin/settings.ts';
import type { OperationName } from '../../../cli/preflight/first-sms/operations.ts';
import { walkPolicy } from '../../../cli/preflight/first-sms/policy.ts';
import { todoFor } from '../../../cli/preflight/first-sms/refusals.ts';
import { type Plan, walkToFirstSms } from '../../../cli/preflight/first-sms/walk.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../../lib/settings/settings.ts';
import { codeOf, configuration, country, type Notify, notifyAccount, refusal, template } from './notify-account.ts';

const phone = '+447400123456';
const code = '048261';

type Person = {
  /** The answers that the person types, in order. */
  readonly types?: readonly string[];
  readonly plan?: Partial<Plan>;
  readonly settings?: Partial<SettingsInput>;
};

const walk = async (facts: Partial<Notify> = {}, { types = [], plan = {}, settings = {} }: Person = {}) => {
  const account = notifyAccount(facts);
  const typed = [...types];
  const lines: string[] = [];
  const slept: number[] = [];
  const ending = await walkToFirstSms({
    account: async () => '111122223333',
    call: account.call,
    say: (line) => lines.push(line),
    ask: async (question) => {
      lines.push(question);
      return typed.shift();
    },
    sleep: async (ms) => void slept.push(ms),
    nowMs: () => 0,
    newCode: () => code,
    problemWith: () => undefined,
  })({
    region: 'eu-west-1',
    policy: policyOf(parseSettings({ ...rawSettings, ...settings })),
    routes: [{}],
    consent: 'ask',
    ...plan,
  });
  const names = account.asked.map(({ name, input }) => ('DryRun' in input ? 'DryRun' : name));
  return { ...account, ending, lines, slept, names, output: lines.join('\n') };
};

const yesToAll: Person = { types: [phone, 'y', 'y', code] };
const isWriting = (name: string): boolean => !/^(?:Describe|List|DryRun)/.test(name);

describe('the walk', () => {
  test('the walk makes a configuration, waits until it is active, checks the message and sends one', async () => {
    const { ending, names, slept } = await walk({}, yesToAll);
    expect(ending).toEqual({ kind: 'sent' });
    expect(names).toEqual([
      'DescribeAccountAttributes',
      'DescribeNotifyConfigurations',
      'ListNotifyCountries',
      'DescribeNotifyTemplates',
      'DescribeSpendLimits',
      'CreateNotifyConfiguration',
      'DescribeNotifyConfigurations',
      'DryRun',
      'SendNotifyTextMessage',
    ]);
    expect(slept).toEqual([3000, 1100]);
  });

  test('the walk prints each call, and its command, before it makes it', async () => {
    const printed: [name: string, lines: readonly string[]][] = [];
    const account = notifyAccount();
    const lines: string[] = [];
    const typed = [phone, 'y', 'y', code];
    await walkToFirstSms({
      account: async () => '111122223333',
      call: (name, input) => {
        printed.push([name, lines.slice(-3)]);
        return account.call(name, input);
      },
      say: (line) => lines.push(line),
      ask: async () => typed.shift(),
      sleep: async () => undefined,
      nowMs: () => 0,
      newCode: () => code,
      problemWith: () => undefined,
    })({ region: 'eu-west-1', policy: policyOf(parseSettings(rawSettings)), routes: [{}], consent: 'ask' });
    expect(printed).toHaveLength(9);
    for (const [name, before] of printed) {
      expect(before.at(-2)).toContain(`${name} {`);
      expect(before.at(-1)).toMatch(/^ {3}\$ aws pinpoint-sms-voice-v2 [a-z-]+ .*--region eu-west-1$/);
    }
  });

  test('the walk creates and sends nothing if the person does not say yes', async () => {
    for (const answer of ['', 'n', 'no', 'Y es', 'yess']) {
      const { ending, names } = await walk({}, { types: [phone, answer] });
      expect(ending).toEqual({ kind: 'stopped', todo: expect.stringMatching(/^Nothing was created\./) });
      expect(names.filter(isWriting)).toEqual([]);
    }
    const { ending, names } = await walk({ configurations: [configuration()] }, { types: [phone, 'n'] });
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringMatching(/^Nothing was sent\./) });
    expect(names.filter(isWriting)).toEqual([]);
  });

  test('the walk creates and sends nothing if nobody can be asked, and shows the call that it would make', async () => {
    const { ending, names, lines } = await walk({}, { plan: { consent: 'no', number: phone } });
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('--yes') });
    expect(names.filter(isWriting)).toEqual([]);
    expect(lines.filter((line) => line.includes('$ aws')).at(-1)).toContain('create-notify-configuration');
    const ready = await walk({ configurations: [configuration()] }, { plan: { consent: 'no', number: phone } });
    expect(ready.names.filter(isWriting)).toEqual([]);
    expect(ready.lines.filter((line) => line.includes('$ aws')).at(-1)).toContain('send-notify-text-message');
  });

  test('the walk needs no question if a script says yes to all', async () => {
    const { ending, names, lines } = await walk({}, { plan: { consent: 'yes', number: phone } });
    expect(ending).toEqual({ kind: 'sent' });
    expect(names.filter(isWriting)).toEqual(['CreateNotifyConfiguration', 'SendNotifyTextMessage']);
    expect(lines.filter((line) => line.includes('[y/N]'))).toEqual([]);
  });

  test('the walk creates nothing for a script that gives no number', async () => {
    const { ending, names } = await walk({}, { plan: { consent: 'yes' } });
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('no number to send to') });
    expect(names.filter(isWriting)).toEqual([]);
    const ready = await walk({ configurations: [configuration()] }, { plan: { consent: 'no' } });
    expect(ready.ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('no number to send to') });
  });

  test('the walk goes on where it stopped: it takes the configuration that is there, and makes no second one', async () => {
    const { notify } = await walk({ becomes: [] }, { types: [phone, 'y'] });
    expect(notify.configurations).toHaveLength(1);
    const again = await walk({ ...notify, becomes: [{ Status: 'ACTIVE' }] }, { types: [phone, 'y', code] });
    expect(again.ending).toEqual({ kind: 'sent' });
    expect(again.names).not.toContain('CreateNotifyConfiguration');
  });

  test('the walk takes an active configuration before a rejected one of the same name', async () => {
    const both = [
      configuration({ Status: 'REJECTED', NotifyConfigurationId: 'notify-rejected' }),
      configuration({ NotifyConfigurationId: 'notify-pending', Status: 'PENDING' }),
      configuration({ NotifyConfigurationId: 'notify-active' }),
    ];
    const { output } = await walk({ configurations: both }, { types: [phone, 'y', code] });
    expect(output).toContain('“Example” is there: notify-active, ACTIVE.');
  });

  test('the walk reads all pages, one a second', async () => {
    const { ending, slept } = await walk({ pageSize: 2, configurations: [configuration()] }, { types: [phone, 'y'] });
    expect(ending).toEqual({ kind: 'sent' });
    // Four countries are two pages, seven templates four. Then the message waits for its dry run.
    expect(slept).toEqual([1100, 1100, 1100, 1100, 1100]);
  });

  test('the walk prints neither the number nor the code, in whatever spelling the number came', async () => {
    for (const spelling of [phone, '+44 7400 123456', '+44 (0) 7400-123-456']) {
      const { output, ending, asked } = await walk({}, { types: [spelling, 'y', 'y', ''] });
      expect(ending).toEqual({ kind: 'sent' });
      expect(output).not.toContain(code);
      expect(output.replaceAll(/\D/g, '')).not.toContain('7400123456');
      expect(output).toContain('•••3456');
      expect(asked.at(-1)?.input).toMatchObject({ DestinationPhoneNumber: phone, TemplateVariables: { code } });
    }
  });

  test('the walk asks again for what is no mobile number, and three times at most', async () => {
    const { ending, asked } = await walk({}, { types: ['07400123456', '+1', phone, 'y', 'y', code] });
    expect(ending).toEqual({ kind: 'sent' });
    expect(asked.at(-1)?.input).toMatchObject({ DestinationPhoneNumber: phone });
    const never = await walk({}, { types: ['1', '2', '3', phone] });
    expect(never.ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('calling code') });
    const landline = await walk({}, { plan: { consent: 'yes', number: '+442079460018' } });
    expect(landline.ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('no mobile number') });
    expect(landline.names.filter(isWriting)).toEqual([]);
  });

  test('the walk sends nothing to a country that Notify or the configuration does not serve', async () => {
    const { ending, names } = await walk({}, { types: ['+33612345678', 'y', 'y'] });
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('nothing to FR') });
    expect(names.filter(isWriting)).toEqual([]);
    const narrow = [configuration({ EnabledCountries: ['US'] })];
    const other = await walk({ configurations: narrow }, { types: [phone, 'y'] });
    expect(other.ending).toEqual({
      kind: 'stopped',
      todo: expect.stringMatching(/does not serve GB.*--enabled-countries US GB\.$/),
    });
  });

  test('the walk says if the settings lack the country of the number', async () => {
    const { output, asked } = await walk({}, { types: ['+4915123456789', 'y', 'y', code] });
    expect(output).toContain('The settings do not list DE');
    expect(asked.find(({ name }) => name === 'CreateNotifyConfiguration')?.input).toMatchObject({
      EnabledCountries: ['IN', 'US', 'GB', 'DE'],
    });
  });

  test('the walk leaves out countries that need an identity of one’s own, and stops if none is left', async () => {
    const countries = [country('GB'), country('IN', true), country('US')];
    const { asked, output } = await walk({ countries }, yesToAll);
    expect(asked.find(({ name }) => name === 'CreateNotifyConfiguration')?.input).toMatchObject({
      EnabledCountries: ['US', 'GB'],
    });
    expect(output).toContain('Not by Notify in this tier: IN.');
    const { ending } = await walk({ countries: [country('FR')] }, yesToAll);
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('none of the countries') });
  });

  test('the walk asks for a name if AWS does not take the brand, and names --name if nobody can be asked', async () => {
    const settings = { brand: 'Müller & Söhne AG' };
    const { asked } = await walk({}, { settings, types: ['Mueller', phone, 'y', 'y', code] });
    expect(asked.find(({ name }) => name === 'CreateNotifyConfiguration')?.input).toMatchObject({
      DisplayName: 'Mueller',
    });
    const { ending } = await walk({}, { settings, plan: { consent: 'no' } });
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('--name AcmeCorp') });
    const named = await walk({}, { settings, ...yesToAll, plan: { name: 'Mueller-AG' } });
    expect(named.ending).toEqual({ kind: 'sent' });
  });

  test('the walk says whether the SMS came, as only the person can', async () => {
    const outcomes = [
      [code, 'It arrived'],
      ['048 261', 'It arrived'],
      ['', 'may still lose or delay it'],
      ['111111', 'another code'],
    ] as const;
    for (const [typed, said] of outcomes) {
      const { output, ending } = await walk({}, { types: [phone, 'y', 'y', typed] });
      expect([ending, output]).toEqual([{ kind: 'sent' }, expect.stringContaining(said)]);
    }
  });

  test('the walk ends at the end of the input, and sends nothing', async () => {
    const { ending, names } = await walk();
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('no number') });
    expect(names.filter(isWriting)).toEqual([]);
  });
});

describe('a configuration', () => {
  test.each([
    ['PENDING', undefined, /still checks.*Ask again in a minute/],
    ['REQUIRES_VERIFICATION', undefined, /another organization.*letter of authorization/],
    ['REJECTED', 'PROFANITY', /\(PROFANITY\).*--name/],
  ] as const)(
    'a configuration that becomes %s stops the walk with what to do',
    async (Status, RejectionReason, said) => {
      const becomes = Array.from({ length: 100 }, () => ({
        Status,
        ...(RejectionReason === undefined ? {} : { RejectionReason }),
      }));
      const { ending, names, slept } = await walk({ becomes }, yesToAll);
      expect(ending).toEqual({ kind: 'stopped', todo: expect.stringMatching(said) });
      expect(names).not.toContain('SendNotifyTextMessage');
      expect(slept).toEqual(Array.from({ length: Status === 'PENDING' ? 40 : 1 }, () => 3000));
    },
  );

  test.each(['REQUIRES_VERIFICATION', 'REJECTED'] as const)(
    'a configuration that is %s from earlier stops the walk before anything is asked of the person',
    async (Status) => {
      const { ending, lines } = await walk({ configurations: [configuration({ Status })] }, yesToAll);
      expect(ending.kind).toBe('stopped');
      expect(lines.filter((line) => line.includes('(+…)'))).toEqual([]);
    },
  );

  test('a configuration without SMS names the command that switches it on', async () => {
    const { ending } = await walk({ configurations: [configuration({ EnabledChannels: ['VOICE'] })] }, yesToAll);
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('--enabled-channels SMS') });
  });

  test('a configuration of the Advanced tier gets the countries and the templates of that tier', async () => {
    const { asked, output } = await walk(
      { configurations: [configuration({ Tier: 'ADVANCED' })] },
      { types: [phone, 'y', code] },
    );
    expect(asked.find(({ name }) => name === 'ListNotifyCountries')?.input).toMatchObject({ Tier: 'ADVANCED' });
    expect(output).toContain("tier: 'advanced'");
  });
});

describe('a template', () => {
  const chosen = async (templates: Notify['templates'], settings: Partial<SettingsInput> = {}) => {
    const { asked, ending, output } = await walk({ templates }, { ...yesToAll, settings });
    const sent = asked.find(({ name }) => name === 'SendNotifyTextMessage')?.input;
    return { id: sent !== undefined && 'TemplateId' in sent ? sent.TemplateId : undefined, ending, output };
  };

  test.each([
    ['has another required variable', { Variables: { code: codeOf(), time: codeOf() } }, 'needs time as well'],
    ['has no code', { Variables: { otp: codeOf() } }, 'has no variable code'],
    ['takes short codes only', { Variables: { code: codeOf({ Pattern: '^\\d{4}$' }) } }, 'takes no codes of 6 digits'],
    ['has room for less', { Variables: { code: codeOf({ MaxLength: 5 }) } }, 'takes codes of 5 digits at most'],
    ['takes a number, which loses zeros', { Variables: { code: codeOf({ Type: 'INTEGER' }) } }, 'as INTEGER'],
    ['makes the code itself', { Variables: { code: codeOf({ Source: 'SYSTEM' }) } }, 'by itself'],
    ['is inactive', { Status: 'INACTIVE' }, 'is not active'],
    ['is for voice', { Channels: ['VOICE'] }, 'is not for SMS'],
    ['is for the Advanced tier', { TierAccess: ['ADVANCED'] }, 'is not for the tier BASIC'],
  ] as const)('a template that %s is not chosen, and the walk says why', async (_, more, why) => {
    const bad = template('en', { TemplateId: 'notify-a', ...more } as Partial<ReturnType<typeof template>>);
    const { id } = await chosen([bad, template('en', { TemplateId: 'notify-b' })]);
    expect(id).toBe('notify-b');
    const alone = await chosen([bad]);
    expect(alone.ending.kind).toBe('stopped');
    expect(alone.output).toContain(why);
  });

  test('a template has to fit before a configuration is created, so that a walk without one leaves nothing behind', async () => {
    const short = template('en', { Variables: { code: codeOf({ Pattern: '^\\d{4}$' }) } });
    for (const templates of [[], [short], [template('ja')]])
      for (const consent of ['ask', 'yes'] as const) {
        const { ending, names, notify } = await walk({ templates }, { ...yesToAll, plan: { consent, number: phone } });
        expect(ending).toEqual({
          kind: 'stopped',
          todo: expect.stringContaining('No template takes codes of 6 digits'),
        });
        expect(names.filter(isWriting)).toEqual([]);
        expect(notify.configurations).toEqual([]);
      }
  });

  test('a template that a language lacks is named before the question whether to create', async () => {
    const { output, ending } = await walk({ templates: [template('en')] }, { types: [phone, 'n'] });
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringMatching(/^Nothing was created\./) });
    const [without, question] = ['fr: none, because AWS has none', 'Create this configuration?'].map((each) =>
      output.indexOf(each),
    );
    expect(without).toBeGreaterThan(0);
    expect(question).toBeGreaterThan(without ?? Number.POSITIVE_INFINITY);
  });

  test('a template for more of the countries is chosen first, then one of the language itself', async () => {
    const { id } = await chosen([
      template('en', { TemplateId: 'notify-a', SupportedCountries: ['US'] }),
      template('en-US', { TemplateId: 'notify-b' }),
      template('en', { TemplateId: 'notify-c' }),
    ]);
    expect(id).toBe('notify-c');
  });

  test('a template is listed in the settings for each language that has one', async () => {
    const { output } = await chosen([template('en'), template('pt-BR'), template('de')]);
    expect(output).toContain("en: 'notify-code-verification-en-001'");
    expect(output).toContain("pt: 'notify-code-verification-pt-BR-001'");
    expect(output).toMatch(/fr: none, because AWS has none in this language/);
  });

  test('a template that takes no longer codes is named, because codes grow under code spraying', async () => {
    const short = template('en', { Variables: { code: codeOf({ Pattern: '^\\d{6}$' }) } });
    const { output, ending } = await chosen([short]);
    expect(ending).toEqual({ kind: 'sent' });
    expect(output).toMatch(/Under code spraying codes have \d+ digits, which these do not take: en\./);
  });

  test('a template with a pattern that this machine cannot read is left to AWS', async () => {
    const { id } = await chosen([template('en', { Variables: { code: codeOf({ Pattern: '(' }) } })]);
    expect(id).toBe('notify-code-verification-en-001');
  });
});

describe('a refusal', () => {
  const operations = [
    'DescribeNotifyConfigurations',
    'ListNotifyCountries',
    'CreateNotifyConfiguration',
    'DescribeNotifyTemplates',
    'DryRun',
    'SendNotifyTextMessage',
  ] as const;
  const refusals = [
    refusal('AccessDeniedException'),
    refusal('ValidationException', { reason: 'FIELD_VALIDATION_FAILED', fields: ['EnabledCountries'] }),
    refusal('ThrottlingException'),
    refusal('InternalServerException', { status: 500 }),
    refusal('TimeoutError', { status: 0 }),
    refusal('Error', { status: 0, code: 'ENOTFOUND' }),
    refusal('UnrecognizedClientException', { status: 403 }),
  ];
  const each = operations.flatMap((operation) =>
    refusals.map((refused) => [operation, refused.name, refused] as const),
  );

  test.each(each)(
    'a refusal of %s by %s stops the walk with a sentence, and nothing is sent after it',
    async (operation, _, refused) => {
      const { ending, names } = await walk({ refusals: { [operation]: refused } }, yesToAll);
      expect(ending.kind).toBe('stopped');
      expect(ending.kind === 'stopped' ? ending.todo : '').toMatch(/^[A-Z].*\. \(.+\)$/);
      expect(names.at(-1)).toBe(operation);
    },
  );

  test('a refusal of the question about the sandbox or the spend limit stops nothing', async () => {
    const refused = refusal('AccessDeniedException');
    const { ending } = await walk(
      { refusals: { DescribeAccountAttributes: refused, DescribeSpendLimits: refused } },
      yesToAll,
    );
    expect(ending).toEqual({ kind: 'sent' });
  });

  test('a refusal for each reason that AWS knows is a sentence with what to do', () => {
    const reasons = [
      ['AccessDeniedException', AccessDeniedExceptionReason],
      ['ConflictException', ConflictExceptionReason],
      ['ServiceQuotaExceededException', ServiceQuotaExceededExceptionReason],
      ['ValidationException', ValidationExceptionReason],
    ] as const;
    for (const [name, known] of reasons)
      for (const reason of Object.values(known)) {
        const todo = todoFor('SendNotifyTextMessage', refusal(name, { reason }));
        expect(todo).toMatch(/^[A-Z].*\. \(.+\)$/);
        expect(todo).toContain(reason);
      }
  });

  test('a refusal of any name and reason is a sentence, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.string(),
        fc.string(),
        fc.integer({ min: 0, max: 599 }),
        (name, reason, code, status) => {
          const todo = todoFor('CreateNotifyConfiguration', { name, reason, code, status, fields: [] });
          expect(todo.length).toBeGreaterThan(20);
        },
      ),
    );
  });

  test.each([
    ['DAILY_NOTIFY_TIER_MESSAGE_LIMIT', 'ServiceQuotaExceededException', /200 messages/],
    ['DAILY_DESTINATION_CALL_LIMIT', 'ServiceQuotaExceededException', /ten messages/],
    ['MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY', 'ServiceQuotaExceededException', /spend limit of Notify/],
    ['DESTINATION_PHONE_NUMBER_NOT_VERIFIED', 'ConflictException', /sandbox.*create-verified-destination-number/],
    ['NOTIFY_CONFIGURATION_NOT_ACTIVE', 'ConflictException', /not active/],
    ['COUNTRY_NOT_ENABLED', 'ValidationException', /does not serve the country/],
    ['UNKNOWN_OPERATION', 'ValidationException', /another Region/i],
  ])('a refusal because of %s says how to go on', (reason, name, said) => {
    expect(todoFor('SendNotifyTextMessage', refusal(name, { reason }))).toMatch(said);
  });

  test('a refusal without an answer warns that the SMS may come, and that no second configuration is made', () => {
    const lost = refusal('TimeoutError', { status: 0 });
    expect(todoFor('SendNotifyTextMessage', lost)).toContain('may arrive');
    expect(todoFor('CreateNotifyConfiguration', lost)).toContain('makes no second one');
  });
});

test('the policy of the walk allows its calls, and no others', async () => {
  const { asked } = await walk({}, yesToAll);
  const { Statement } = walkPolicy() as { Statement: { Action: string | string[]; Resource: string }[] };
  const allowed = Statement.flatMap(({ Action }) => Action);
  expect(new Set(allowed)).toEqual(new Set(asked.map(({ name }) => `sms-voice:${name satisfies OperationName}`)));
  const sending = Statement.find(({ Action }) => Action === 'sms-voice:SendNotifyTextMessage');
  expect(sending?.Resource).toBe('arn:aws:sms-voice:*:*:notify-configuration/*');
});
