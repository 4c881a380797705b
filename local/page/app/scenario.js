// @ts-check
import { find } from '../elements.js';
import { createChannel } from './channel.js';

/**
 * The purpose of the next request, its payment, its channel, and the fields of the controls.
 *
 * @param {import('./app.js').OtpForm} form
 * @param {import('../facts.js').Facts} facts
 */
export const createScenario = (form, facts) => {
  const channel = createChannel(facts.voice);
  const purposes = find('purposes', HTMLFieldSetElement);
  const payment = find('payment', HTMLFieldSetElement);

  const apply = () => {
    const chosen = purposes.querySelector('input:checked');
    const purpose = chosen instanceof HTMLInputElement ? chosen.value : 'login';
    const isPayment = purpose === 'transaction';
    payment.hidden = !isPayment;
    channel.offerFor(purpose);
    form.setAttribute('purpose', purpose);
    form.transaction = isPayment
      ? { amount: given('amount') ?? '', currency: given('currency') ?? '', payee: given('payee') ?? '' }
      : undefined;
  };
  purposes.addEventListener('change', apply);
  payment.addEventListener('input', apply);
  // A browser that comes back to the page fills the fields in as they were.
  window.addEventListener('pageshow', apply);
  apply();

  return {
    /** A code is good for one purpose and one payment. */
    lock: () => {
      purposes.disabled = true;
      payment.disabled = true;
    },
    unlock: () => {
      purposes.disabled = false;
      payment.disabled = false;
    },
    /** Further fields of a request. Empty ones are left out. */
    more: () => {
      const fields = { locale: given('locale'), appHash: given('app-hash'), origin: given('origin') };
      const written = Object.entries(fields).filter(([, value]) => value !== undefined);
      return { ...Object.fromEntries(written), ...channel.chosen() };
    },
    channel: channel.chosen,
  };
};

/** @param {string} id */
const given = (id) => find(id, HTMLInputElement).value.trim() || undefined;
