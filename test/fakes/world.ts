import { createHmac } from 'node:crypto';
import { cancelVerification } from '../../lambdas/otp/cancel.ts';
import { type CheckPorts, checkVerification } from '../../lambdas/otp/check.ts';
import { findVerification, withoutReceipts } from '../../lambdas/otp/find.ts';
import { countGuesses, guessOf } from '../../lambdas/otp/guesses.ts';
import { dayOf } from '../../lambdas/otp/limits/caps.ts';
import { type Phone, parsePhone } from '../../lambdas/otp/number/phone.ts';
import { pseudonymsFrom } from '../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import { type SmsOutcome, Unavailable } from '../../lambdas/otp/ports.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import type { SendRequest } from '../../lambdas/otp/request/context.ts';
import { requestVerification } from '../../lambdas/otp/request.ts';
import { type ResendRequest, resendVerification } from '../../lambdas/otp/resend.ts';
import { callCodeBy } from '../../lambdas/otp/sending/call.ts';
import type { Policy } from '../../lambdas/policy.ts';
import { type MemoryLedger, memoryLedger } from './ledger/memory-ledger.ts';
import { samplePolicy } from './policy.ts';
import { memorySender } from './sending/memory-sender.ts';
import { memoryVoice } from './sending/memory-voice.ts';
import { memoryOperator } from './sending/operator.ts';

export const phone = (text = '+919876543210'): Phone => {
  const parsed = parsePhone(text);
  if (parsed.kind !== 'phone') throw new Error(parsed.detail);
  return parsed.phone;
};

type State = {
  nowMs: number;
  drawn: number;
  ids: number;
  /** Outcomes of the next tries to send; accepted when it runs out. */
  readonly network: SmsOutcome[];
  /** Steps of KMS that fail from now on. */
  readonly broken: Set<string>;
};

/** KMS as an HMAC and base64, which fails on demand. */
const kmsOf = ({ broken }: State) => {
  const step = (name: string) => {
    if (broken.has(name)) throw new Unavailable(`KMS ${name}`);
  };
  const pseudonyms = pseudonymsFrom(Buffer.alloc(32, 7));
  const codes = {
    newest: 'a',
    knows: (generation: string) => generation === 'a',
    mac: async (_: string, message: Uint8Array) => {
      step('GenerateMac');
      return createHmac('sha256', 'code key').update(message).digest('base64');
    },
  };
  const seals = {
    seal: async (key: string, text: { reveal: () => string }) => {
      step('Encrypt');
      return Buffer.from(JSON.stringify([key, text.reveal()])).toString('base64');
    },
    open: async (key: string, sealed: string) => {
      step('Decrypt');
      const [boundTo, text] = JSON.parse(Buffer.from(sealed, 'base64').toString('utf8'));
      if (boundTo !== key) throw new Error('wrong encryption context');
      return secret(text);
    },
  };
  const signer: CheckPorts['signer'] = {
    keyId: 'kid',
    algorithm: 'ES256',
    sign: async (input) => {
      step('Sign');
      return createHmac('sha512', 'proof key').update(input).digest();
    },
  };
  const pseudonymSource = async () => {
    step('pseudonyms');
    return pseudonyms;
  };
  return { codes, seals, signer, pseudonyms: pseudonymSource, knownPseudonyms: pseudonyms };
};

/** Generators that count, so that each id and code is another. */
const generatorsOf = (state: State) => ({
  randomId: () => {
    state.ids += 1;
    // The count comes first: a name within a record keeps the beginning of an id.
    return `id${String(state.ids).padStart(8, '0')}`.padEnd(27, '0');
  },
  draw: (below: number) => {
    state.drawn += 7919;
    return state.drawn % below;
  },
});

/** What the stream function does with a change of a record; returns whether there was something to count. */
const streamTo =
  (ledger: MemoryLedger) => async (id: string, before: Verification | undefined, after: Verification | undefined) => {
    const fact = guessOf({ id, before, after });
    if (fact === undefined) return undefined;
    const counted = (await countGuesses(ledger)([fact])).length > 0 ? 'written' : 'already-counted';
    if (counted === 'written' && fact.kind === 'right' && after !== undefined) {
      ledger.add(`verified ${after.country} ${dayOf(fact.atMs)}`, 1);
    }
    return counted;
  };

const notedBy = (noted: string[]) => ({
  dependencyFailed: (step: string) => noted.push(step),
  compensationFailed: (step: string) => noted.push(step),
});

const freshState = (): State => ({
  nowMs: Date.UTC(2026, 10, 21, 12, 0, 0),
  drawn: 100_000,
  ids: 0,
  network: [],
  broken: new Set(),
});

/** The flows in memory: a clock that stands, generators that count, KMS as an HMAC, an SMS network that keeps messages. */
export const world = (settings: Partial<Policy> = {}) => {
  const rules = { ...samplePolicy, ...settings };
  const ledger = memoryLedger();
  const noted: string[] = [];
  const state = freshState();
  const { knownPseudonyms, ...kms } = kmsOf(state);
  const { inbox, ...sender } = memorySender(state.network);
  const { calls, ...caller } = memoryVoice(state.network);
  const operator = memoryOperator();
  const ports = {
    ...kms,
    ...generatorsOf(state),
    ledger,
    now: () => state.nowMs,
    sender,
    callCode: rules.voice && callCodeBy(caller),
    numberRisk: rules.numberRisk && operator,
    watch: notedBy(noted),
    issuer: 'https://otp.example.com',
  };
  const send = requestVerification(ports, rules);
  const sendAgain = resendVerification(ports, rules);
  return {
    state,
    ledger,
    inbox,
    calls,
    operator,
    noted,
    pseudonyms: knownPseudonyms,
    ports,
    rules,
    request: (request: Partial<SendRequest> = {}) =>
      send({
        phone: phone(),
        purpose: 'login',
        application: 'app',
        ip: '192.0.2.1',
        // The back end of the suites names no end users.
        isSharedIp: request.application === 'backend',
        ...request,
      }),
    check: checkVerification(ports, rules),
    resend: (request: Partial<ResendRequest> & { readonly id: string }) =>
      sendAgain({ application: 'app', ...request }),
    find: (id: string, application = 'app') =>
      findVerification({ ...ports, ledger: withoutReceipts(ports.ledger) })({ id, application }),
    cancel: (id: string, application = 'app') => cancelVerification(ports)({ id, application }),
    stream: streamTo(ledger),
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
