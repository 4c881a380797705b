import { createHmac } from 'node:crypto';
import { type CheckPorts, checkVerification } from '../../lambdas/otp/check.ts';
import { cancelVerification, findVerification } from '../../lambdas/otp/find.ts';
import { countGuess, guessOf } from '../../lambdas/otp/guesses.ts';
import { dayOf } from '../../lambdas/otp/limits/caps.ts';
import { type Phone, parsePhone } from '../../lambdas/otp/number/phone.ts';
import { pseudonymsFrom } from '../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import { type Sms, type SmsOutcome, Unavailable } from '../../lambdas/otp/ports.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import { requestVerification, type SendRequest } from '../../lambdas/otp/request.ts';
import { resendVerification } from '../../lambdas/otp/resend.ts';
import type { Policy } from '../../lambdas/policy.ts';
import { defaultBursts } from '../../lib/settings/schema/bursts.ts';
import { memoryLedger } from './memory-ledger.ts';

export const policy: Policy = {
  brand: 'Acme',
  audience: 'https://backend.example.com',
  code: {
    digits: 6,
    duringCodeSpraying: { digits: 9, maxAttempts: 3 },
    lifetimeSeconds: 300,
    maxLifetimeSeconds: 600,
    maxAttempts: 5,
    afterWrongGuesses: [
      { wrong: 8, maxAttempts: 1 },
      { wrong: 5, maxAttempts: 3 },
    ],
  },
  sends: {
    cooldownSeconds: [30, 60, 120],
    cooldownWindowSeconds: 600,
    windows: [
      { name: 'phone-10m', windowSeconds: 600, sends: 5 },
      { name: 'phone-24h', windowSeconds: 86_400, sends: 10 },
    ],
  },
  proofLifetimeSeconds: 300,
  ips: {
    untrusted: { sends: 10, windowSeconds: 600 },
    trusted: { sends: 60, windowSeconds: 600 },
    trustedAfter: 3,
    countriesPerDay: 3,
    exemptApplications: ['backend'],
  },
  caps: { hourUsd: 20, dayUsd: 100 },
  lowVolume: { verifications: 100, unverifiedSendsPerDay: 50 },
  bursts: defaultBursts,
  findingDays: 400,
  auditDays: 90,
  testNumbers: [],
  countries: {
    IN: { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd: 10, dayUsd: 50 } },
    US: { maxPriceUsd: 0.05, priceUsd: 0.01, caps: { hourUsd: 10, dayUsd: 50 } },
    GB: { maxPriceUsd: 0.1, priceUsd: 0.04, caps: { hourUsd: 10, dayUsd: 50 }, senderId: 'Acme' },
  },
  purposes: ['verify-number', 'login', 'transaction', 'account-change'],
  origins: ['https://app.example.com'],
  templates: [
    { purpose: 'verify-number', locale: 'en', text: '{{brand}}: {{code}} is your code. Never share it.' },
    { purpose: 'login', locale: 'en', text: '{{brand}}: {{code}} logs you in. Never share it.' },
    { purpose: 'login', locale: 'de', text: '{{brand}}: {{code}} ist dein Code. Gib ihn nie weiter.' },
    { purpose: 'account-change', locale: 'en', text: '{{brand}}: {{code}} changes your account. Never share it.' },
    {
      purpose: 'transaction',
      locale: 'en',
      text: '{{brand}}: {{code}} pays {{amount}} {{currency}} to {{payee}}. Never share it.',
    },
  ],
  defaultLocale: 'en',
  smsRoutes: [{ region: '' }, { region: 'eu-west-1' }],
};

export const phone = (text = '+919876543210'): Phone => {
  const parsed = parsePhone(text);
  if (parsed.kind !== 'phone') throw new Error(parsed.detail);
  return parsed.phone;
};

/** A world in memory: a clock that stands, generators that count, KMS as an HMAC, an SMS network that keeps messages. */
export const world = (settings: Partial<Policy> = {}) => {
  const rules = { ...policy, ...settings };
  const ledger = memoryLedger();
  const inbox: { to: string; text: string; region: string }[] = [];
  const noted: string[] = [];
  const state = {
    nowMs: Date.UTC(2026, 10, 21, 12, 0, 0),
    drawn: 100_000,
    ids: 0,
    /** Outcomes of the next tries to send; accepted when it runs out. */
    network: [] as SmsOutcome[],
    /** Steps of KMS that fail from now on. */
    broken: new Set<string>(),
  };
  const kms = (step: string) => {
    if (state.broken.has(step)) throw new Unavailable(`KMS ${step}`);
  };
  const now = () => state.nowMs;
  const randomId = () => {
    state.ids += 1;
    return `id${String(state.ids).padStart(25, '0')}`;
  };
  const draw = (below: number) => {
    state.drawn += 7919;
    return state.drawn % below;
  };
  const codes = {
    newest: 'a',
    knows: (generation: string) => generation === 'a',
    mac: async (_: string, message: Uint8Array) => {
      kms('GenerateMac');
      return createHmac('sha256', 'code key').update(message).digest('base64');
    },
  };
  const seals = {
    seal: async (key: string, text: { reveal: () => string }) => {
      kms('Encrypt');
      return Buffer.from(JSON.stringify([key, text.reveal()])).toString('base64');
    },
    open: async (key: string, sealed: string) => {
      kms('Decrypt');
      const [boundTo, text] = JSON.parse(Buffer.from(sealed, 'base64').toString('utf8'));
      if (boundTo !== key) throw new Error('wrong encryption context');
      return secret(text);
    },
  };
  const pseudonyms = pseudonymsFrom(Buffer.alloc(32, 7));
  const sender = {
    send: async ({ phone: to, text, route }: Sms): Promise<SmsOutcome> => {
      const outcome = state.network.shift() ?? { kind: 'accepted' as const, messageId: `m${inbox.length}` };
      if (outcome.kind !== 'rejected') inbox.push({ to: to.reveal(), text: text.reveal(), region: route.region });
      return outcome;
    },
  };
  const signer: CheckPorts['signer'] = {
    keyId: 'kid',
    sign: async (input) => {
      kms('Sign');
      return createHmac('sha512', 'proof key').update(input).digest();
    },
  };
  const watch = {
    dependencyFailed: (step: string) => noted.push(step),
    compensationFailed: (step: string) => noted.push(step),
  };
  const ports = {
    now,
    draw,
    randomId,
    ledger,
    codes,
    seals,
    sender,
    signer,
    watch,
    issuer: 'https://otp.example.com',
    pseudonyms: async () => {
      kms('pseudonyms');
      return pseudonyms;
    },
  };
  const send = requestVerification(ports, rules);
  return {
    state,
    ledger,
    inbox,
    noted,
    pseudonyms,
    ports,
    rules,
    request: (request: Partial<SendRequest> = {}) =>
      send({ phone: phone(), purpose: 'login', application: 'app', ip: '192.0.2.1', ...request }),
    check: checkVerification(ports, rules),
    resend: resendVerification(ports, rules),
    find: findVerification(ports),
    cancel: cancelVerification(ports),
    /** What the stream function does with a change of a record; returns whether there was something to count. */
    stream: async (id: string, before: Verification | undefined, after: Verification | undefined) => {
      const fact = guessOf({ id, before, after });
      if (fact === undefined) return undefined;
      const counted = await countGuess(ledger)(fact);
      if (counted !== 'written' || fact.kind !== 'right' || after === undefined) return counted;
      const name = `verified ${after.country} ${dayOf(fact.atMs)}`;
      ledger.counts.set(name, (ledger.counts.get(name) ?? 0) + 1);
      return counted;
    },
    /** The code in the newest SMS. */
    lastCode: () => /\b\d{4,10}\b/.exec(inbox.at(-1)?.text ?? '')?.[0] ?? '',
    pass: (seconds: number) => {
      state.nowMs += seconds * 1000;
    },
  };
};

export type World = ReturnType<typeof world>;

/** Requests a verification that has to succeed, and reads its code from the phone. */
export const requested = async (here: World, request: Partial<SendRequest> = {}) => {
  const outcome = await here.request(request);
  if (outcome.kind !== 'created') throw new Error(`expected a verification, got ${outcome.kind}`);
  return { ...outcome.view, code: here.lastCode() };
};

/** A code of the same length that is not the right one; another one for every `nth`. */
export const wrongCode = (code: string, nth = 1): string =>
  String((Number(code) + nth) % 10 ** code.length).padStart(code.length, '0');
