// @ts-check
import { createIdempotencyKeys } from '../api.js';
import { onSubmit } from '../busy.js';
import { find } from '../elements.js';
import { clearFields, markFields } from './fields.js';
import { createNotice } from './notice.js';

/**
 * @typedef {{ amount: string, currency: string, payee: string }} Transaction
 *
 * @typedef {object} Verification as the API answers it
 * @property {string} id
 * @property {string} phoneNumber masked
 * @property {string} purpose
 * @property {number} codeLength
 * @property {number} attemptsRemaining
 * @property {string} expiresAt
 * @property {string} resendAvailableAt
 * @property {'accepted' | 'unconfirmed'} delivery
 */

/**
 * The form that asks for a code.
 *
 * @param {object} world
 * @param {import('../api.js').Api} world.api
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {(verification: Verification, transaction: Transaction | undefined) => void} world.onSent
 */
export const createRequestStep = ({ api, clock, onSent }) => {
  const form = find('request-step', HTMLFormElement);
  const phone = find('phone', HTMLInputElement);
  const purpose = find('purpose', HTMLSelectElement);
  const send = find('send', HTMLButtonElement);
  const notice = createNotice('request-notice', clock);
  const keys = createIdempotencyKeys();

  const showTransaction = () => {
    find('transaction', HTMLFieldSetElement).hidden = purpose.value !== 'transaction';
  };
  purpose.addEventListener('change', showTransaction);
  // A browser that comes back to the page fills the form in as it was.
  window.addEventListener('pageshow', showTransaction);

  const request = async () => {
    const body = readForm();
    const idempotencyKey = keys.keyOf(body);
    const outcome = await api({ method: 'POST', path: '/v1/verifications', body, idempotencyKey });
    keys.learn(outcome);
    clearFields(form);
    if (outcome.ok) {
      notice.clear();
      return onSent(outcome.body, body.transaction);
    }
    notice.show(outcome);
    markFields(form, outcome.problem, 'request-notice');
  };
  onSubmit(form, send, request);

  return {
    element: form,
    focus: () => phone.focus(),
  };
};

/** The filled-in form, as the API takes it. Empty fields are left out. */
const readForm = () => {
  /** @param {string} id */
  const given = (id) => {
    const field = document.getElementById(id);
    const isField = field instanceof HTMLInputElement || field instanceof HTMLSelectElement;
    const text = isField ? field.value.trim() : '';
    return text === '' ? undefined : text;
  };
  const purpose = given('purpose');
  return {
    phoneNumber: given('phone') ?? '',
    defaultCountry: given('country'),
    purpose,
    transaction: purpose === 'transaction' ? readTransaction(given) : undefined,
    locale: given('locale'),
    appHash: given('app-hash'),
    origin: given('origin'),
  };
};

/**
 * @param {(id: string) => string | undefined} given
 * @returns {Transaction}
 */
const readTransaction = (given) => ({
  amount: given('amount') ?? '',
  currency: given('currency') ?? '',
  payee: given('payee') ?? '',
});
