// @ts-check
import { find, write } from '../elements.js';
import { createReceipts } from './receipt.js';
import { createScenario } from './scenario.js';
import { createSuccess } from './success.js';

/**
 * @typedef {object} Approval as `<otp-form>` hands it on
 * @property {string} proof
 * @property {string} phoneNumber masked
 * @property {string} purpose
 * @property {string} approvedAt
 *
 * @typedef {HTMLElement & { client: object, transaction: object | undefined, reset: () => void, fill: (code: string) => void }} OtpForm
 */

/**
 * The app: `<otp-form>`, and the success that it leads to.
 *
 * @param {object} world
 * @param {import('../facts.js').Facts} world.facts
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {typeof globalThis.fetch} world.fetch
 * @param {() => void} world.onSms an SMS may have been sent
 * @param {(approval: Approval, claims: Readonly<Record<string, unknown>>) => void} world.onApproved
 * @param {() => void} world.onCode the person asks for the code of the flow
 */
export const createApp = ({ onSms, onApproved, ...world }) => {
  const form = /** @type {OtpForm} */ (find('form', HTMLElement));
  const stages = createStages(form, world);
  /** @type {{ masked: string, codeLength: number } | undefined} */
  let expected;
  const receipts = createReceipts({ ...world.facts, fetch: world.fetch }, stages.say);

  form.addEventListener('otp-sent', (event) => {
    const { id, phoneNumber, codeLength } = detailOf(event);
    expected = { masked: phoneNumber, codeLength };
    stages.wait();
    if (world.facts.hasReceipts) receipts.follow(id);
    onSms();
  });
  form.addEventListener('otp-approved', (event) => {
    expected = undefined;
    receipts.forget();
    const approval = detailOf(event);
    onApproved(approval, stages.approve(approval));
  });
  form.addEventListener('otp-reset', () => {
    expected = undefined;
    receipts.forget();
    stages.ask();
  });
  void connect(form, world.facts, world.fetch, stages);

  return {
    expected: () => expected,
    /** @param {string} code that the phone offers */
    fill: (code) => {
      takeTurn('app');
      form.fill(code);
    },
    reset: () => form.reset(),
  };
};

/**
 * The stages of the app: it asks, waits for the code, and is approved.
 *
 * @param {OtpForm} form
 * @param {Omit<Parameters<typeof createSuccess>[0], 'onStartOver'>} world
 */
const createStages = (form, world) => {
  const status = find('app-status', HTMLElement);
  const element = find('ask', HTMLElement);
  const hint = find('countries-hint', HTMLElement);
  const scenario = createScenario(form, world.facts);
  const success = createSuccess({
    ...world,
    onStartOver: () => {
      form.reset();
      form.focus();
    },
  });
  return {
    ask: () => {
      takeTurn('app');
      element.hidden = false;
      hint.hidden = false;
      success.close();
      scenario.unlock();
      write(status, '');
    },
    wait: () => {
      takeTurn('phone');
      hint.hidden = true;
      scenario.lock();
      write(status, '');
    },
    /** @param {Approval} approval */
    approve: (approval) => {
      takeTurn('code');
      element.hidden = true;
      write(status, 'Approved.');
      return success.open(approval);
    },
    more: scenario.more,
    channel: scenario.channel,
    /** @param {string} words */
    say: (words) => write(status, words),
  };
};

/**
 * Marks the place where the next thing happens.
 *
 * @param {'app' | 'phone' | 'code'} turn
 */
const takeTurn = (turn) => {
  document.body.dataset['turn'] = turn;
};

/** @param {Event} event */
const detailOf = (event) => (event instanceof CustomEvent ? event.detail : {});

/**
 * Gives the form a client that shows its calls, and adds the fields of the controls to its requests.
 *
 * @param {OtpForm} form
 * @param {import('../facts.js').Facts} facts
 * @param {typeof globalThis.fetch} fetch
 * @param {{ more: () => object, channel: () => object }} chosen
 */
const connect = async (form, { endpoint, apiKey }, fetch, { more, channel }) => {
  const module = '/page/otp-client.js';
  const { createClient } = await import(module);
  const client = createClient({ baseUrl: endpoint, apiKey, fetch });
  /** @type {(input: object, options?: object) => Promise<object>} */
  const request = (input, options) => client.request({ ...input, ...more() }, options);
  // Without a channel, a resend would take that of the last send.
  /** @type {(id: string, options?: object) => Promise<object>} */
  const resend = (id, options) => client.resend(id, { ...options, ...channel() });
  form.setAttribute('api', endpoint);
  form.setAttribute('api-key', apiKey);
  form.client = { ...client, request, resend };
};
