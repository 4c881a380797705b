// @ts-check
import { createIdempotencyKeys } from '../api.js';
import { onSubmit, whileBusy } from '../busy.js';
import { everyTick, secondsUntil, spellSeconds } from '../countdown.js';
import { find, write } from '../elements.js';
import { clearFields, markField, markFields } from './fields.js';
import { createNotice } from './notice.js';

/**
 * @typedef {import('./request-step.js').Verification} Verification
 * @typedef {import('./request-step.js').Transaction} Transaction
 * @typedef {import('../api.js').Refused} Refused
 *
 * @typedef {object} Approval as the API answers a right code
 * @property {string} proof
 * @property {string} phoneNumber masked
 * @property {string} purpose
 * @property {string} approvedAt
 */

/**
 * The form that takes the code, with a resend and a way out.
 *
 * @param {object} world
 * @param {import('../api.js').Api} world.api
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {(words: string) => void} world.announce
 * @param {(approval: Approval) => void} world.onApproved
 * @param {(refused: Refused) => void} world.onEnded the verification is over
 * @param {() => void} world.onResent
 * @param {() => void} world.onCanceled
 */
export const createCodeStep = ({ api, clock, announce, onApproved, onEnded, onResent, onCanceled }) => {
  const form = find('code-step', HTMLFormElement);
  const code = find('code', HTMLInputElement);
  const check = find('check', HTMLButtonElement);
  const resend = find('resend', HTMLButtonElement);
  const cancel = find('cancel', HTMLButtonElement);
  const notice = createNotice('code-notice', clock);
  const keys = createIdempotencyKeys();
  const resendKeys = createIdempotencyKeys();
  /** @type {{ verification: Verification, transaction: Transaction | undefined, resendAtMs: number } | undefined} */
  let open;

  /** @param {Verification} verification */
  const show = (verification) => {
    code.value = '';
    write(find('masked', HTMLElement), verification.phoneNumber);
    find('unconfirmed', HTMLElement).hidden = verification.delivery !== 'unconfirmed';
    showAttempts(verification.attemptsRemaining);
    clearFields(form);
    notice.clear();
  };

  /** @param {Refused} refused */
  const showRefused = (refused) => {
    if (isOver(refused)) return onEnded(refused);
    notice.show(refused);
    markFields(form, refused.problem, 'code-notice');
    if (refused.problem.errors.length === 0) code.focus();
  };

  onSubmit(form, check, async () => {
    if (open === undefined) return;
    const { verification, transaction } = open;
    const body = { code: code.value.trim(), transaction };
    const path = `/v1/verifications/${verification.id}/check`;
    const outcome = await api({ method: 'POST', path, body, idempotencyKey: keys.keyOf({ path, body }) });
    keys.learn(outcome);
    if (open?.verification.id !== verification.id) return;
    clearFields(form);
    notice.clear();
    if (!outcome.ok) return showRefused(outcome);
    if (outcome.body.status === 'approved') return onApproved(outcome.body);
    open.verification = { ...open.verification, ...outcome.body };
    showAttempts(outcome.body.attemptsRemaining);
    const words = outcome.body.hint === 'superseded-code' ? wordsOfSuperseded : wordsOfWrong;
    markField(code, words, 'code-notice');
    announce(`${spellAttempts(outcome.body.attemptsRemaining)}.`);
    code.focus();
    code.select();
  });

  const sendAgain = async () => {
    if (open === undefined) return;
    const { id } = open.verification;
    const path = `/v1/verifications/${id}/resend`;
    const outcome = await api({ method: 'POST', path, idempotencyKey: resendKeys.keyOf({ path }) });
    resendKeys.learn(outcome);
    if (open?.verification.id !== id) return;
    if (outcome.ok) {
      open.verification = outcome.body;
      open.resendAtMs = Date.parse(outcome.body.resendAvailableAt);
      show(outcome.body);
      code.focus();
      announce('A new code was sent. The old one is no longer good.');
      return onResent();
    }
    if (outcome.retryAfterSeconds !== undefined) open.resendAtMs = clock.now() + outcome.retryAfterSeconds * 1000;
    showRefused(outcome);
  };
  resend.addEventListener('click', () => whileBusy(resend, sendAgain));

  const leave = async () => {
    if (open === undefined) return;
    const outcome = await api({ method: 'DELETE', path: `/v1/verifications/${open.verification.id}` });
    if (!outcome.ok && !isOver(outcome)) return notice.show(outcome);
    onCanceled();
  };
  cancel.addEventListener('click', () => whileBusy(cancel, leave));

  let wasExpired = false;
  everyTick(() => {
    if (open === undefined || form.hidden) return;
    const now = clock.now();
    const left = secondsUntil(Date.parse(open.verification.expiresAt), now);
    write(find('expires-in', HTMLElement), left === 0 ? 'Expired' : `Expires in ${spellSeconds(left)}`);
    if (left === 0 && !wasExpired) announce('The code has expired.');
    wasExpired = left === 0;
    const wait = secondsUntil(open.resendAtMs, now);
    resend.disabled = wait > 0;
    write(resend, wait > 0 ? `Send a new code in ${spellSeconds(wait)}` : 'Send a new code');
  });

  return {
    element: form,
    /**
     * @param {Verification} verification
     * @param {Transaction | undefined} transaction
     */
    open: (verification, transaction) => {
      open = { verification, transaction, resendAtMs: Date.parse(verification.resendAvailableAt) };
      show(verification);
    },
    close: () => {
      open = undefined;
      code.value = '';
    },
    focus: () => code.focus(),
    /** The number and code length that the app waits for, so that the handset finds the message. */
    expected: () => open && { masked: open.verification.phoneNumber, codeLength: open.verification.codeLength },
    /** @param {string} text a code that the handset offers */
    fill: (text) => {
      code.value = text;
      code.focus();
    },
  };
};

const wordsOfWrong = 'This is not the code. Look at the newest message.';
const wordsOfSuperseded =
  'A newer code was sent. Type the code of the newest message; it may still be on its way. This cost no attempt.';

/** @param {Refused} refused */
const isOver = ({ status }) => status === 410 || status === 404;

/** @param {number} remaining */
const showAttempts = (remaining) => write(find('attempts', HTMLElement), spellAttempts(remaining));

/** @param {number} remaining */
const spellAttempts = (remaining) => (remaining === 1 ? '1 attempt left' : `${remaining} attempts left`);
