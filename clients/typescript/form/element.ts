/** The element `<otp-form>`. */

import { type Channel, createClient } from '../caller/client.ts';
import type { Transaction } from '../caller/outcomes.ts';
import { createFlow, type FormClient, type FormEvents } from './flow.ts';
import { styles } from './styles.ts';
import { createServerClock } from './times.ts';
import { createView } from './view.ts';
import type { FormLanguage } from './words/labels.ts';
import { setWords, wordsFor } from './words.ts';

/** A server that renders pages imports this module, too. It has no elements. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? class {};

const connected = new Set<OtpForm>();

/** Adds languages, or replaces them, on all forms of the page. */
export const registerWords = (...languages: readonly FormLanguage[]): void => {
  setWords(languages);
  for (const form of connected) form.refresh();
};

let sheet: CSSStyleSheet | undefined;
/** A constructed style sheet needs no permission of a Content Security Policy. */
const sheetOf = (): CSSStyleSheet => {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
  }
  return sheet;
};

/** The service speaks no code of these: a voicemail box hears it as well. */
const purposesWithoutCall: readonly (string | null)[] = ['transaction', 'account-change'];

/** The channels that the page offers. Without the attribute, and for a purpose without calls, it is SMS alone. */
const channelsIn = (text: string | null, purpose: string | null): readonly [Channel, ...Channel[]] => {
  const named = (text ?? '').toLowerCase().split(/[\s,]+/);
  if (!named.includes('voice') || purposesWithoutCall.includes(purpose)) return ['sms'];
  return named.includes('sms') ? ['sms', 'voice'] : ['voice'];
};

export class OtpForm extends Base {
  static readonly formAssociated = true;
  static readonly observedAttributes = [
    'lang',
    'countries',
    'default-country',
    'phone-number',
    'required',
    'channels',
    'purpose',
  ];

  /** Calls the API in place of `api` and `api-key`. */
  client: FormClient | undefined = this.#earlier('client');
  /** The payment, for purpose `transaction`. */
  transaction: Transaction | undefined = this.#earlier('transaction');

  readonly #internals = this.attachInternals();
  readonly #clock = createServerClock();
  readonly #view = createView(this, this.#shadow(), {
    onSubmit: () => void this.#flow.submit(),
    onCode: () => void this.#flow.typed(),
    onNumber: () => this.#flow.numberTyped(),
    onResend: () => void this.#flow.resend(),
    onCall: () => void this.#flow.call(),
    onChange: () => this.#flow.changeNumber(),
  });
  readonly #flow = createFlow({
    view: this.#view,
    client: () => this.client ?? this.#ownClient(),
    request: () => this.#request(),
    channels: () => channelsIn(this.getAttribute('channels'), this.getAttribute('purpose')),
    words: () => wordsFor(this.#tag()),
    now: () => (this.client === undefined ? this.#clock.now() : Date.now()),
    emit: (name, detail) => this.#emit(name, detail),
    reflect: ({ stage, isBusy, proof }) => {
      this.#setState('pending', stage === 'code');
      this.#setState('approved', stage === 'approved');
      this.#setState('busy', isBusy);
      if (this.value !== proof) this.#setValue(proof);
    },
  });
  #value = '';

  /** The proof; empty before approval. */
  get value(): string {
    return this.#value;
  }
  get form(): HTMLFormElement | null {
    return this.#internals.form;
  }
  get name(): string {
    return this.getAttribute('name') ?? '';
  }

  /** Starts anew. A code that was sent becomes worthless. */
  reset(): void {
    this.#flow.reset();
  }
  /** Enters a code as autofill does, and checks it. */
  fill(code: string): void {
    void this.#flow.fill(String(code));
  }
  override focus(options?: FocusOptions): void {
    this.#view.focusable().focus(options);
  }
  /** Shows the words of the page's language. */
  refresh(): void {
    const words = wordsFor(this.#tag());
    const [countries, country] = [this.getAttribute('countries'), this.getAttribute('default-country')];
    this.#view.offer({ countries, country, tags: navigator.languages }, words);
    this.#flow.render();
    this.#setValue(this.#value);
  }

  connectedCallback(): void {
    const isFirst = this.#view.place();
    connected.add(this);
    this.refresh();
    if (isFirst) this.#view.setNumber(this.getAttribute('phone-number') ?? '');
    this.#flow.resume();
  }
  disconnectedCallback(): void {
    connected.delete(this);
    this.#flow.suspend();
  }
  /** Moved by `moveBefore`: nothing ends. */
  connectedMoveCallback(): void {}
  attributeChangedCallback(name: string): void {
    // During an upgrade, attributes come before the elements have their places.
    if (!connected.has(this)) return;
    if (name === 'phone-number') this.#view.setNumber(this.getAttribute(name) ?? '');
    if (name === 'default-country') this.#view.forgetCountry();
    this.refresh();
  }
  formResetCallback(): void {
    this.reset();
  }
  formDisabledCallback(isDisabled: boolean): void {
    this.#view.setDisabled(isDisabled);
  }

  #shadow(): ShadowRoot {
    const shadow = this.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheetOf()];
    return shadow;
  }
  /** A page may set a property before the element is defined. */
  #earlier<Name extends 'client' | 'transaction'>(name: Name): OtpForm[Name] {
    return Object.hasOwn(this, name) ? this[name] : undefined;
  }
  #tag(): string {
    return this.closest('[lang]')?.getAttribute('lang') || document.documentElement.lang || 'en';
  }
  #ownClient(): FormClient {
    const apiKey = this.getAttribute('api-key') ?? undefined;
    return createClient({ baseUrl: this.getAttribute('api') || '/', apiKey, fetch: this.#clock.fetch });
  }
  #request() {
    const [purpose, origin] = [this.getAttribute('purpose'), this.getAttribute('origin')];
    return {
      locale: this.#tag(),
      ...(purpose && { purpose }),
      // WebOTP: the SMS names the page's host. Without a value it is the host of this page.
      ...(origin !== null && { origin: origin || location.origin }),
      ...(this.transaction && { transaction: this.transaction }),
    };
  }
  #emit<Name extends keyof FormEvents>(name: Name, detail: FormEvents[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, detail }));
  }
  #setState(name: string, isSet: boolean): void {
    const { states } = this.#internals;
    if (isSet) states?.add(name);
    else states?.delete(name);
  }
  #setValue(proof: string): void {
    this.#value = proof;
    this.#internals.setFormValue(proof || null);
    const isMissing = this.hasAttribute('required') && proof === '';
    const { labels } = wordsFor(this.#tag());
    if (isMissing && this.isConnected)
      this.#internals.setValidity({ valueMissing: true }, labels.enterNumber, this.#view.anchor);
    else this.#internals.setValidity({});
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'otp-form': OtpForm;
  }
  interface GlobalEventHandlersEventMap {
    'otp-sent': CustomEvent<FormEvents['otp-sent']>;
    'otp-approved': CustomEvent<FormEvents['otp-approved']>;
    'otp-problem': CustomEvent<FormEvents['otp-problem']>;
    'otp-reset': CustomEvent<FormEvents['otp-reset']>;
  }
}
