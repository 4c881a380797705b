import * as fc from 'fast-check';
import { SegmentedMessage } from 'sms-segments-calculator';
import { describe, expect, test } from 'vitest';
import { fields } from '../../../lambdas/contract.ts';
import { renderMessage } from '../../../lambdas/otp/record/message.ts';
import { transactionPurpose } from '../../../lambdas/policy.ts';
import { templateProblems } from '../../../lib/settings/messages/message-length.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { defaultLanguages, shippedTemplates } from '../../../lib/settings/templates.ts';
import { minimalSettings } from '../template/synthesized.ts';

const defaultTemplates = shippedTemplates(defaultLanguages);
const widest = {
  brand: 'W'.repeat(20),
  digits: 10,
  lifetimeSeconds: 300,
  longestHost: 'login.example.com',
  hasApps: true,
  maxParts: { gsm7: 1, unicode: 1, extraForLines: 1, extraForPayment: 1 },
};

describe('a text is refused', () => {
  const problemsOf = (text: string, purpose = 'login', bounds = widest) =>
    templateProblems({ purpose, locale: 'en', text }, bounds);

  test.each<readonly [how: string, text: string, sentence: string]>([
    ['without its code', 'Hello', 'The text has no {{code}}. Purpose login needs it: write {{code}} into the text'],
    ['with a placeholder that there is none of', '{{code}} {{name}}', 'There is no placeholder {{name}}'],
    ['with the amount where nothing is paid', '{{code}} {{amount}}', 'There is no placeholder {{amount}}'],
    ['with a placeholder in spaces', '{{ code }}', 'There is no placeholder {{ code }}'],
    ['with half a placeholder', '{{code}} {brand}', 'and no other braces'],
    ['with a mark of direction', '{{code}}\u202e', 'characters that nobody sees: U+202E. Remove them'],
    ['with a zero-width space', '{{code}}\u200b', 'characters that nobody sees: U+200B. Remove them'],
    ...(
      [
        ['a filler', '\u3164', 'U+3164'],
        ['a joiner of graphemes', '\u034f', 'U+034F'],
        ['a selector of variants', '\u{e0100}', 'U+E0100'],
        ['a selector of emoji behind a letter', '\ufe0f', 'U+FE0F'],
        ['a blank of Braille', '\u2800', 'U+2800'],
        ['a joiner between Latin letters', '\u200d', 'U+200D'],
        ['a non-joiner between Latin letters', '\u200c', 'U+200C'],
      ] as const
    ).map(
      ([what, each, point]) =>
        [`with ${what}`, `Co${each}de {{code}}`, `characters that nobody sees: ${point}.`] as const,
    ),
    ['with letters in pieces', 'Tu co\u0301digo: {{code}}', 'in pieces (NFD)'],
    [
      'with a letter that triples its price',
      `Tu código es {{code}}. ${'x'.repeat(60)}`,
      'The SMS alphabet (GSM-7) lacks "ó": without, for example clave for código, one part has 160 characters',
    ],
    ['with an origin of its own', '{{code}}\n@evil.example #1', 'The text names an origin by itself'],
    ['with a carriage return', '{{code}}\r\nHello', 'Write a line break as \\n alone'],
    ['with {{origin}}', '{{code}} {{origin}}', 'An SMS names an origin by its host: @{{host}} #{{code}}'],
    ['with {{host}} where no browser reads it', '{{host}}: {{code}}', 'Write {{host}} there: \\n@{{host}} #{{code}}'],
    ['with {{host}} above the last line', '{{code}}\n@{{host}} #{{code}}\nBye', 'in the last line only'],
  ])('a text is refused %s', (_, text, sentence) => {
    expect(problemsOf(text).join(' ')).toContain(sentence);
  });

  test.each([
    ['words of Persian', 'نمی‌خواهید؟ {{code}}'],
    ['the end of a word of Malayalam', 'അവന്\u200d {{code}}'],
    ['an emoji', '{{code}} ❤️'],
    ['emoji that are joined', '{{code}} 👩🏽‍💻 ❤️‍🔥'],
  ])('a text may have joiners and selectors that people see the work of: %s', (_, text) => {
    expect(problemsOf(text)).toEqual([]);
  });

  test('a text for a payment is refused without amount, currency and payee', () => {
    expect(problemsOf('{{code}}', transactionPurpose)).toHaveLength(3);
  });
  test('a text that is too long is refused, with by how much', () => {
    // 140 bytes, less the code twice, the Android line and the WebOTP line of a 17-letter host.
    const room = 140 - 10 - 12 - (2 + 17 + 2 + 10);
    expect(problemsOf(`{{code}}${'x'.repeat(room)}`)).toEqual([]);
    expect(problemsOf(`{{code}}${'x'.repeat(room + 3)}`).join(' ')).toContain('is 3 characters too long');
    expect(problemsOf(`{{code}}${'x'.repeat(room + 1)}`).join(' ')).toContain('is 1 character too long');
  });
  test('a text that is refused is named, with the settings', () => {
    const templates = [{ purpose: 'login', locale: 'en', text: `{{code}} ${'x'.repeat(140)}` }];
    expect(() => parseSettings({ ...minimalSettings, appHashes: ['FA+9qCX9VSu'], templates })).toThrow(
      /templates\.0\.text \(login\/en\): .* is 22 characters too long for Android's 140 bytes/,
    );
  });
  test('an origin is refused that leaves no room for a shipped text', () => {
    const origins = [`https://${'w'.repeat(60)}.example`];
    expect(() => parseSettings({ ...minimalSettings, origins, appHashes: ['FA+9qCX9VSu'] })).toThrow(
      /the shipped text transaction\/en: .* WebOTP line of w+\.example .* Shorten the text, the host or the brand/,
    );
  });
});

describe('a text of several lines', () => {
  const problemsOf = (text: string, more: { readonly templateId?: string; readonly purpose?: string } = {}) =>
    templateProblems({ purpose: 'login', locale: 'en', country: 'IN', text, ...more }, widest);
  const registered = { templateId: '1107000000000000001' };

  test.each([
    ['of the team', '{{code}} is your code.\nNever share it.', {}],
    ['with a place for the app', '{{code}}\n\n{{appHash}}', {}],
    ['with the line for browsers', '{{code}}\n\n@{{host}} #{{code}}', {}],
    ['that is registered', 'Dear customer,\n {{code}} \n', registered],
    ['that is registered with lines for app and browser', '{{code}}\n@{{host}} #{{code}}\n{{appHash}}', registered],
    ['that is registered with a host of its own', '{{code}}\n@app.example.com #{{code}}', registered],
  ])('a text of several lines is accepted %s', (_, text, more) => {
    expect(problemsOf(text, more)).toEqual([]);
  });

  test('a line counts only where it is added, and a place counts with the longest value', () => {
    // A registered text may fill the whole part; the same text of the team leaves room for both lines.
    expect(problemsOf(`{{code}}${'x'.repeat(150)}`, registered)).toEqual([]);
    expect(problemsOf(`{{code}}${'x'.repeat(151)}`, registered).join(' ')).toContain('is 1 character too long');
    expect(problemsOf(`{{code}}${'x'.repeat(150)}`).join(' ')).toContain('too long');
    const hosted = `{{code}}${'x'.repeat(160 - 10 - 2 - 17 - 2 - 10)}\n@{{host}} #{{code}}`;
    expect(problemsOf(hosted)).toEqual([]);
    expect(problemsOf(`x${hosted}`).join(' ')).toContain('login.example.com as host the text is 1 character too long');
    const hashed = `{{code}}${'x'.repeat(140 - 10 - 12)}\n{{appHash}}`;
    expect(problemsOf(hashed)).toEqual([]);
    expect(problemsOf(`x${hashed}`).join(' ')).toContain('1 character too long for Android');
  });

  test('a text has a whole part for itself if the settings list no app and no origin', () => {
    const bare = { ...widest, longestHost: undefined, hasApps: false };
    const of = (length: number) => ({ purpose: 'login', locale: 'en', text: `{{code}}${'x'.repeat(length)}` });
    expect(templateProblems(of(150), bare)).toEqual([]);
    expect(templateProblems(of(151), bare).join(' ')).toContain('is 1 character too long for one SMS part');
  });

  test('a registered text outside of GSM-7 is accepted as long as it is one part', () => {
    expect(problemsOf('{{code}} आपका कोड है', registered)).toEqual([]);
    expect(problemsOf(`{{code}}${'है'.repeat(30)}`, registered)).toEqual([]);
    expect(problemsOf(`{{code}}${'है'.repeat(31)}`, registered).join(' ')).toContain(
      'is 2 characters too long for one SMS part, which has 70 characters outside of GSM-7',
    );
  });
});

describe('whatever is asked for, an SMS has one part', () => {
  const gsm7 = [
    ...'@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿',
    ...'abcdefghijklmnopqrstuvwxyzäöñüà^[~]|€',
  ];
  const matching = (pattern: string) => fc.stringMatching(new RegExp(pattern));
  const brands = fc.string({ unit: fc.constantFrom(...gsm7), minLength: 1, maxLength: 10 });
  const requests = fc.record({
    template: fc.nat(),
    brand: brands,
    digits: fc.integer({ min: 4, max: 10 }),
    transaction: fc.record({
      amount: matching(fields.amount),
      currency: matching(fields.currency),
      payee: matching(fields.payee),
    }),
    appHash: fc.option(matching(fields.appHash), { nil: undefined }),
    withHost: fc.boolean(),
  });

  test('the settings take any brand that an SMS has the letters for', () => {
    fc.assert(
      fc.property(brands, fc.integer({ min: 4, max: 10 }), (brand, digits) => {
        const settings = {
          ...minimalSettings,
          brand,
          code: { digits },
          origins: ['https://login.example.com'],
          appHashes: ['FA+9qCX9VSu'],
        };
        expect(policyOf(parseSettings(settings)).brand).toBe(brand);
      }),
      { numRuns: 30 },
    );
  });
  test('an SMS has one part in the GSM-7 alphabet, whatever is asked for', () => {
    fc.assert(
      fc.property(requests, ({ template: index, brand, digits, withHost, ...asked }) => {
        const template = defaultTemplates[index % defaultTemplates.length];
        if (template === undefined) throw new Error('There are no templates');
        const message = renderMessage(template, {
          ...asked,
          brand,
          code: '8'.repeat(digits),
          lifetimeSeconds: 300,
          host: withHost ? 'login.example.com' : undefined,
        });
        const { encodingName, segmentsCount } = new SegmentedMessage(message, 'auto');
        expect([encodingName, segmentsCount, message]).toEqual(['GSM-7', 1, message]);
      }),
      { numRuns: 200 },
    );
  });
});
