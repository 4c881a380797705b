/** The steps of a verification, as a person takes them: number, code, approved. */

import type { Channel, CheckInput, Client, RepeatableOptions, RequestInput, ResendOptions } from '../caller/client.ts';
import type {
  Approved,
  CallError,
  Problem,
  SupersededCode,
  Transaction,
  Verification,
  WrongCode,
} from '../caller/outcomes.ts';
import { sentenceFor } from '../messages/messages.ts';
import { createCalls } from './calls.ts';
import { type NumberInput, numberToSend } from './number.ts';
import { secondsUntil, type Times, timesOf } from './times.ts';
import type { Model, Stage, View } from './view.ts';
import { listenForCode } from './web-otp.ts';
import type { FormLanguage, Labels } from './words/labels.ts';

export type FormClient = {
  readonly request: (input: RequestInput, options?: RepeatableOptions) => ReturnType<Client['request']>;
  readonly check: (id: string, input: CheckInput, options?: RepeatableOptions) => ReturnType<Client['check']>;
  readonly resend: (id: string, options?: ResendOptions) => ReturnType<Client['resend']>;
  readonly cancel: (id: string) => Promise<unknown>;
};

/** Anything that a call may bring but success. */
export type Failure = Problem | WrongCode | SupersededCode | CallError;

export type FormEvents = {
  'otp-sent': Verification;
  'otp-approved': Omit<Approved, 'kind'>;
  'otp-problem': { readonly problem: Failure; readonly sentence: string };
  'otp-reset': undefined;
};

/** The element around the flow. */
export type World = {
  readonly client: () => FormClient;
  /** All of the request but the number. */
  readonly request: () => Omit<RequestInput, 'phoneNumber' | 'defaultCountry'>;
  /** How a code may go out, the way of the main button first. */
  readonly channels: () => readonly [Channel, ...Channel[]];
  readonly words: () => FormLanguage;
  readonly now: () => number;
  readonly view: View;
  readonly emit: <Name extends keyof FormEvents>(name: Name, detail: FormEvents[Name]) => void;
  /** Tells the page's form and style sheets. */
  readonly reflect: (state: { readonly stage: Stage; readonly isBusy: boolean; readonly proof: string }) => void;
};

type Pending = Times & {
  readonly id: string;
  readonly codeLength: number;
  readonly shown: string;
  readonly isUnconfirmed: boolean;
  readonly isSpoken: boolean;
  /** To ask for another code, once this verification is over. */
  readonly number: NumberInput;
  readonly transaction: Transaction | undefined;
};
type Fault = { readonly failure: Failure; readonly untilMs: number } | { readonly label: keyof Labels };

/** Problems after which no code of this verification is accepted. */
const endings: readonly string[] = [
  ...['code-expired', 'code-already-used', 'attempts-exhausted', 'verification-canceled', 'verification-not-found'],
];
const expired: Problem = { kind: 'code-expired', code: 'code-expired', status: 410, title: '', detail: '', body: {} };
const noNumber: Problem = { ...expired, kind: 'invalid-phone-number', code: 'invalid-phone-number', status: 400 };

/** Answers may be anything: a page of millions of cells would be no form. */
const lengthIn = ({ codeLength }: Verification): number =>
  Number.isInteger(codeLength) && codeLength >= 1 && codeLength <= 12 ? codeLength : 6;

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const retryMsOf = (failure: Failure): number =>
  'retryAfterSeconds' in failure && failure.retryAfterSeconds !== undefined
    ? failure.retryAfterSeconds * 1000
    : Number.NaN;

export const createFlow = (world: World) => {
  const { view, now, emit } = world;
  const calls = createCalls();
  let stage: Stage = 'number';
  let pending: Pending | undefined;
  let isOver = false;
  let fault: Fault | undefined;
  let proof = '';
  let checked = '';
  let stopListening = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  const seconds = (thenMs: number | undefined): number => secondsUntil(thenMs ?? Number.NaN, now());
  const hasExpired = (): boolean => pending !== undefined && pending.expiresAtMs <= now();
  const faultWords = (words: FormLanguage): string => {
    if (fault === undefined) return stage === 'code' && hasExpired() ? sentenceFor(expired, words) : '';
    if ('failure' in fault) return sentenceFor(fault.failure, words);
    return words.labels[fault.label].replace('{digits}', String(pending?.codeLength));
  };
  const modelOf = (words: FormLanguage): Model => ({
    words,
    stage,
    isBusy: calls.isBusy(),
    codeLength: pending?.codeLength ?? 6,
    shownNumber: pending?.shown ?? '',
    isUnconfirmed: pending?.isUnconfirmed ?? false,
    isSpoken: pending?.isSpoken ?? false,
    channels: world.channels(),
    error: faultWords(words),
    expiresInSeconds: isOver ? 0 : seconds(pending?.expiresAtMs),
    resendInSeconds: isOver || hasExpired() ? 0 : seconds(pending?.resendAtMs),
  });
  const render = () => {
    clearTimeout(timer);
    if (fault !== undefined && 'failure' in fault && fault.untilMs <= now()) fault = undefined;
    view.render(modelOf(world.words()));
    world.reflect({ stage, isBusy: calls.isBusy(), proof });
    const isTicking = stage === 'code' || (fault !== undefined && 'failure' in fault && Number.isFinite(fault.untilMs));
    if (isTicking && view.isConnected()) timer = setTimeout(render, 250);
  };

  /** Shows why something did not work, and leaves what was typed. */
  const fail = (failure: Failure) => {
    fault = { failure, untilMs: now() + retryMsOf(failure) };
    if ('kind' in failure && endings.includes(failure.kind)) isOver = true;
    render();
    view.focus(stage);
    emit('otp-problem', { problem: failure, sentence: faultWords(world.words()) });
  };
  const ask = (label: keyof Labels) => {
    fault = { label };
    render();
    view.focus(stage);
  };
  const call = async <Outcome extends { readonly kind: string }>(
    name: string,
    make: (client: FormClient, options: RepeatableOptions) => Promise<Outcome>,
    onOutcome: (outcome: Outcome) => void,
  ): Promise<void> => {
    if (calls.isBusy()) return;
    fault = undefined;
    const running = calls.run(name, async (options) => make(world.client(), options));
    render();
    const outcome = await running;
    if (outcome === undefined) return;
    if ('kind' in outcome) onOutcome(outcome);
    else fail(outcome);
  };

  const listen = () => {
    stopListening();
    stopListening = listenForCode((code) => void fill(code));
  };
  const onSent = (verification: Verification, number: NumberInput, transaction: Transaction | undefined) => {
    pending = {
      ...timesOf(verification, now()),
      id: verification.id,
      codeLength: lengthIn(verification),
      shown: textOf(verification.phoneNumber) || number.phoneNumber,
      isUnconfirmed: verification.delivery === 'unconfirmed',
      isSpoken: verification.channel === 'voice',
      number,
      transaction,
    };
    [stage, isOver, checked] = ['code', false, ''];
    view.setCode('');
    render();
    view.focus(stage);
    listen();
    emit('otp-sent', verification);
  };
  const request = (number: NumberInput, channel: Channel) => {
    const input = { ...world.request(), ...number, ...(channel === 'voice' ? { channel } : {}) };
    return call(
      `request ${JSON.stringify(input)}`,
      (client, options) => client.request(input, options),
      (outcome) => (outcome.kind === 'sent' ? onSent(outcome.verification, number, input.transaction) : fail(outcome)),
    );
  };

  const send = async (channel: Channel) => {
    const { text, country } = view.number();
    if (text.trim() === '') return ask('enterNumber');
    const number = numberToSend(text, country);
    return number === undefined ? fail(noNumber) : request(number, channel);
  };
  const approve = ({ kind: _, ...approved }: Approved) => {
    [stage, proof] = ['approved', approved.proof];
    calls.forget();
    render();
    view.focus(stage);
    emit('otp-approved', approved);
  };
  const check = async () => {
    if (pending === undefined || stage !== 'code' || calls.isBusy()) return;
    const { id, codeLength, transaction } = pending;
    const code = view.code();
    if (code.length < codeLength) return ask('enterCode');
    checked = code;
    stopListening();
    await call(
      `check ${id} ${code}`,
      (client, options) => client.check(id, transaction === undefined ? { code } : { code, transaction }, options),
      (outcome) => {
        if (outcome.kind === 'approved') return approve(outcome);
        if (outcome.kind === 'wrong-code' || outcome.kind === 'superseded-code') {
          checked = '';
          view.setCode('');
        }
        fail(outcome);
      },
    );
  };
  const resend = async (channel: Channel) => {
    if (pending === undefined || stage !== 'code') return;
    const { id, number, transaction } = pending;
    if (isOver || hasExpired()) return request(number, channel);
    if (seconds(pending.resendAtMs) > 0) return;
    await call(
      // A key is for one channel.
      `resend ${id} ${channel}`,
      (client, options) => client.resend(id, world.channels().length > 1 ? { ...options, channel } : options),
      (outcome) => {
        if (outcome.kind === 'sent') return onSent(outcome.verification, number, transaction);
        const waitMs = retryMsOf(outcome);
        if (pending !== undefined && Number.isFinite(waitMs)) pending = { ...pending, resendAtMs: now() + waitMs };
        fail(outcome);
      },
    );
  };

  /** Ends the verification here and, if a code may still be typed in, at the service. */
  const leave = () => {
    calls.abort();
    calls.forget();
    stopListening();
    if (pending !== undefined && stage === 'code' && !isOver)
      void (async ({ id }) => world.client().cancel(id))(pending).catch(() => {});
    [stage, pending, isOver, fault, proof, checked] = ['number', undefined, false, undefined, '', ''];
    view.setCode('');
  };
  const changeNumber = () => {
    leave();
    render();
    view.focus(stage);
    emit('otp-reset', undefined);
  };
  const reset = () => {
    const hadFocus = view.hasFocus();
    leave();
    view.setNumber();
    render();
    if (hadFocus) view.focus(stage);
    emit('otp-reset', undefined);
  };
  const fill = async (code: string) => {
    if (stage !== 'code' || calls.isBusy()) return;
    view.setCode(code);
    await typed();
  };
  /** Checks a code by itself as soon as its last digit is in, once. */
  const typed = async () => {
    const code = view.code();
    if (fault !== undefined && !isOver) fault = undefined;
    render();
    if (code.length === pending?.codeLength && code !== checked && !isOver) await check();
  };

  return {
    render,
    reset,
    /** The person mends the number: what was said of the old one goes. */
    numberTyped: () => {
      fault = undefined;
      render();
    },
    changeNumber,
    fill,
    typed,
    resend: () => resend(world.channels()[0]),
    call: () => (stage === 'number' ? send('voice') : resend('voice')),
    submit: () => (stage === 'number' ? send(world.channels()[0]) : check()),
    /** The element is back in a page. */
    resume: () => {
      render();
      if (stage === 'code' && !isOver) listen();
    },
    /** The element leaves the page: no call, timer or waiting stays behind. */
    suspend: () => {
      calls.abort();
      stopListening();
      clearTimeout(timer);
    },
  };
};
