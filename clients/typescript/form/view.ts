/**
 * The elements of the form.
 *
 * The two inputs, their labels and the error stand in the page itself, in slots. Browsers fill in codes and numbers where
 * they find inputs, and not all of them look into shadow trees; labels and descriptions work within one tree alone. All
 * else is in the shadow tree, where the styles of the page do not reach it.
 */

import type { Channel } from '../caller/client.ts';
import { caretIn, codeIn } from './digits.ts';
import { callingCodeOf, countriesIn, firstCountry, readTyped } from './number.ts';
import { spellSeconds } from './times.ts';
import type { FormLanguage } from './words/labels.ts';

export type Stage = 'number' | 'code' | 'approved';
export type Model = {
  readonly words: FormLanguage;
  readonly stage: Stage;
  readonly isBusy: boolean;
  readonly codeLength: number;
  readonly shownNumber: string;
  readonly isUnconfirmed: boolean;
  /** The last code went out by a call. */
  readonly isSpoken: boolean;
  /** The way of the main button first. */
  readonly channels: readonly [Channel, ...Channel[]];
  readonly error: string;
  /** 0 if unknown or over. */
  readonly expiresInSeconds: number;
  readonly resendInSeconds: number;
};

type Attributes = Readonly<Record<string, string>>;

/** No markup is parsed anywhere: what the service answers is text. */
const make = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] => {
  const element = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  element.append(...children);
  return element;
};

/** A live region speaks whatever is written into it, also the same text again. */
const write = (element: HTMLElement, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};
const setFlag = (element: HTMLElement, name: string, isSet: boolean): void => {
  if (element.hasAttribute(name) !== isSet) element.toggleAttribute(name, isSet);
};

let forms = 0;

/** The elements in the page itself. */
const makeLight = () => {
  forms += 1;
  const id = (name: string) => `otp-form-${forms}-${name}`;
  const described = { 'aria-describedby': id('error') };
  return {
    numberLabel: make('label', { slot: 'number-label', for: id('number'), 'data-otp': '' }),
    number: make('input', {
      ...{ slot: 'number', id: id('number'), type: 'tel', autocomplete: 'tel', dir: 'ltr', 'data-otp': '' },
      ...described,
    }),
    codeLabel: make('label', { slot: 'code-label', for: id('code'), 'data-otp': '' }),
    code: make('input', {
      ...{ slot: 'code', id: id('code'), type: 'text', inputmode: 'numeric', autocomplete: 'one-time-code' },
      ...{ dir: 'ltr', spellcheck: 'false', autocorrect: 'off', 'data-otp': '' },
      ...described,
    }),
    error: make('p', { slot: 'error', id: id('error'), 'aria-live': 'polite', 'data-otp': '' }),
  };
};

const slot = (name: string) => make('slot', { name });

const makeShadow = () => {
  const country = make('select', { class: 'select' });
  const chosen = make('span', { class: 'chosen', 'aria-hidden': 'true' });
  const cells = make('div', { part: 'cells', class: 'cells' });
  const status = make('p', { part: 'status', role: 'status', tabindex: '-1' });
  const change = make('button', { part: 'change', type: 'button', class: 'quiet' });
  const button = make('button', { part: 'button', type: 'button', class: 'main' });
  const resend = make('button', { part: 'resend', type: 'button', class: 'quiet' });
  const call = make('button', { part: 'call', type: 'button', class: 'quiet' });
  const wait = make('span', { class: 'time', 'aria-hidden': 'true' });
  const expiry = make('p', { class: 'expiry', role: 'timer' });
  const picker = make('div', { part: 'country', class: 'country' }, chosen, country);
  const numberStep = make(
    'div',
    { class: 'step' },
    slot('number-label'),
    make('div', { part: 'number', class: 'number' }, picker, slot('number')),
  );
  const codeStep = make(
    'div',
    { class: 'step' },
    slot('code-label'),
    make('div', { class: 'code' }, cells, slot('code')),
  );
  const error = make('div', { part: 'error', class: 'error' }, slot('error'));
  const more = make('div', { class: 'more' }, make('span', { class: 'again' }, resend, wait), expiry);
  const head = make('div', { class: 'head' }, status, change);
  const form = make('div', { part: 'form', class: 'form' }, head, numberStep, codeStep, error, button, more, call);
  return {
    form,
    country,
    picker,
    chosen,
    cells,
    status,
    change,
    button,
    resend,
    call,
    wait,
    expiry,
    numberStep,
    codeStep,
    error,
    more,
  };
};

export type Handlers = {
  readonly onSubmit: () => void;
  readonly onCode: () => void;
  readonly onNumber: () => void;
  readonly onResend: () => void;
  readonly onCall: () => void;
  readonly onChange: () => void;
};

/** The attributes of the element that say what to offer. */
export type Offer = {
  readonly countries: string | null;
  readonly country: string | null;
  readonly tags: readonly string[];
};

const showCells = (cells: HTMLElement, input: HTMLInputElement, length: number): void => {
  while (cells.childElementCount > length) cells.lastElementChild?.remove();
  while (cells.childElementCount < length)
    cells.append(make('span', { part: 'cell', class: 'cell', 'aria-hidden': 'true' }));
  const isFocused = input.matches(':focus');
  const place = Math.min(input.selectionStart ?? length, length - 1);
  [...cells.children].forEach((cell, index) => {
    if (!(cell instanceof HTMLElement)) return;
    write(cell, input.value.charAt(index));
    setFlag(cell, 'data-filled', index < input.value.length);
    setFlag(cell, 'data-active', isFocused && index === place);
  });
};

const fillIn = (label: string, number: string): string => label.replace('{number}', () => `\u2068${number}\u2069`);

const headOf = ({ stage, words: { labels }, shownNumber, isUnconfirmed, isSpoken, isBusy }: Model): string => {
  if (stage === 'approved') return fillIn(labels.approved, shownNumber);
  if (stage === 'number') return isBusy ? labels.sending : '';
  if (isUnconfirmed) return fillIn(labels.unconfirmed, shownNumber);
  return fillIn(isSpoken ? labels.calling : labels.sent, shownNumber);
};

export const createView = (host: HTMLElement, shadow: ShadowRoot, handlers: Handlers) => {
  const [light, parts] = [makeLight(), makeShadow()];
  shadow.append(parts.form);
  let country = '';
  let codeLength = 6;
  let shownStage: Stage = 'number';
  let isDisabled = false;

  const showCountry = () => {
    const { country: named, isInternational } = readTyped(light.number.value, country);
    write(parts.chosen, isInternational ? (named ?? '+') : `${country} ${callingCodeOf(country)}`);
  };
  const formatNumber = (text: string, caret: number) => {
    const typed = readTyped(text, country);
    if (typed.country !== undefined && [...parts.country.options].some(({ value }) => value === typed.country)) {
      country = typed.country;
      parts.country.value = country;
    }
    if (typed.text !== light.number.value) {
      light.number.value = typed.text;
      if (light.number.matches(':focus')) {
        const place = caretIn(typed.text, text, caret);
        light.number.setSelectionRange(place, place);
      }
    }
    showCountry();
  };
  const offer = (offered: Offer, words: FormLanguage) => {
    const codes = countriesIn(offered.countries);
    const names = new Intl.DisplayNames([words.locale, 'en'], { type: 'region' });
    const named = codes.map((code) => ({ code, name: names.of(code) ?? code }));
    if (offered.countries === null) named.sort((a, b) => a.name.localeCompare(b.name, words.locale));
    if (!codes.includes(country)) country = firstCountry(codes, offered.country, offered.tags);
    parts.country.replaceChildren(
      ...named.map(({ code, name }) => make('option', { value: code }, `${name} (\u2068${callingCodeOf(code)}\u2069)`)),
    );
    parts.country.value = country;
    setFlag(parts.picker, 'data-single', codes.length === 1);
    showCountry();
  };
  const setCode = (text: string) => {
    light.code.value = codeIn(text, codeLength);
    showCells(parts.cells, light.code, codeLength);
  };
  const render = (model: Model) => {
    const { labels, direction } = model.words;
    const { stage, isBusy } = model;
    [codeLength, shownStage] = [model.codeLength, stage];
    parts.form.dir = direction;
    parts.form.lang = model.words.locale;
    parts.country.setAttribute('aria-label', labels.country);
    write(light.numberLabel, labels.phoneNumber);
    write(light.codeLabel, labels.code);
    write(parts.status, headOf(model));
    write(light.error, model.error);
    write(parts.change, labels.changeNumber);
    write(parts.button, buttonWords(model));
    write(parts.resend, model.channels[0] === 'voice' ? labels.callMe : labels.resend);
    write(parts.call, labels.callMe);
    write(parts.wait, model.resendInSeconds > 0 ? spellSeconds(model.resendInSeconds) : '');
    write(parts.expiry, model.expiresInSeconds > 0 ? `${labels.expires} ${spellSeconds(model.expiresInSeconds)}` : '');
    parts.form.dataset['stage'] = stage;
    for (const [element, isShown] of [
      [parts.numberStep, stage === 'number'],
      [parts.codeStep, stage === 'code'],
      [parts.change, stage === 'code'],
      [parts.more, stage === 'code'],
      [parts.button, stage !== 'approved'],
      [parts.call, stage !== 'approved' && model.channels.length > 1],
      [parts.error, model.error !== ''],
    ] as const)
      setFlag(element, 'hidden', !isShown);
    for (const again of [parts.resend, parts.call])
      setFlag(again, 'disabled', isDisabled || (stage === 'code' && model.resendInSeconds > 0) || isBusy);
    setFlag(light.code, 'readonly', isBusy);
    setFlag(light.number, 'readonly', isBusy);
    parts.button.setAttribute('aria-disabled', String(isBusy));
    for (const input of [light.number, light.code]) input.setAttribute('aria-invalid', String(model.error !== ''));
    showCells(parts.cells, light.code, codeLength);
  };

  listenTo({
    light,
    parts,
    handlers,
    formatNumber,
    setCode,
    show: () => showCells(parts.cells, light.code, codeLength),
  });
  parts.country.addEventListener('change', () => {
    const { nationalDigits } = readTyped(light.number.value, country);
    country = parts.country.value;
    formatNumber(nationalDigits, nationalDigits.length);
    handlers.onNumber();
    light.number.focus();
  });

  const hasFocus = (): boolean => host.matches(':focus-within') || shadow.activeElement !== null;
  return {
    render,
    offer,
    setCode,
    hasFocus,
    isConnected: () => host.isConnected,
    /**
     * Puts the elements of the page into it. A copy of the host brings old ones along.
     *
     * @returns whether they were not there.
     */
    place: (): boolean => {
      if (light.number.parentNode === host) return false;
      host.querySelectorAll(':scope > [data-otp]').forEach((old) => void old.remove());
      host.append(...Object.values(light));
      return true;
    },
    forgetCountry: () => {
      country = '';
    },
    code: () => light.code.value,
    number: () => ({ text: light.number.value, country }),
    setNumber: (text = '') => {
      light.number.value = '';
      formatNumber(text, text.length);
    },
    setDisabled: (disabled: boolean) => {
      isDisabled = disabled;
      for (const each of [light.number, light.code, parts.country, parts.button, parts.call, parts.change])
        each.disabled = disabled;
    },
    anchor: light.number,
    focusable: () => (shownStage === 'number' ? light.number : light.code),
    /** Moves the keyboard within the form. A person who is elsewhere in the page stays there. */
    focus: (stage: Stage) => {
      const active = document.activeElement;
      if (!hasFocus() && active !== null && active !== document.body && active !== host) return;
      if (stage === 'number') light.number.focus();
      if (stage === 'code') light.code.focus();
      if (stage === 'approved') parts.status.focus();
    },
  };
};
export type View = ReturnType<typeof createView>;

const buttonWords = ({ stage, isBusy, channels, words: { labels } }: Model): string => {
  if (stage === 'number' && isBusy) return labels.sending;
  if (stage === 'number') return channels[0] === 'voice' ? labels.callMe : labels.sendCode;
  return isBusy ? labels.verifying : labels.verify;
};

type Wiring = {
  readonly light: ReturnType<typeof makeLight>;
  readonly parts: ReturnType<typeof makeShadow>;
  readonly handlers: Handlers;
  readonly formatNumber: (text: string, caret: number) => void;
  readonly setCode: (text: string) => void;
  readonly show: () => void;
};

const listenTo = ({ light, parts, handlers, formatNumber, setCode, show }: Wiring): void => {
  light.number.addEventListener('input', (event) => {
    if (event instanceof InputEvent && event.isComposing) return;
    formatNumber(light.number.value, light.number.selectionStart ?? light.number.value.length);
    handlers.onNumber();
  });
  light.code.addEventListener('input', (event) => {
    if (event instanceof InputEvent && event.isComposing) return;
    setCode(light.code.value);
    handlers.onCode();
  });
  for (const name of ['focus', 'blur', 'keyup', 'click', 'select']) light.code.addEventListener(name, show);
  for (const input of [light.number, light.code]) {
    input.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || event.isComposing) return;
      // Otherwise the page's own form around this one would be submitted.
      event.preventDefault();
      handlers.onSubmit();
    });
    input.addEventListener('compositionend', () => input.dispatchEvent(new Event('input')));
  }
  parts.button.addEventListener('click', handlers.onSubmit);
  parts.resend.addEventListener('click', handlers.onResend);
  parts.call.addEventListener('click', handlers.onCall);
  parts.change.addEventListener('click', handlers.onChange);
};
