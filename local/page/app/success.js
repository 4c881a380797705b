// @ts-check
import { copyOnClick } from '../copy.js';
import { everyTick, secondsUntil, spellSeconds } from '../countdown.js';
import { find, make, write } from '../elements.js';
import { isSignedBy, readProof } from './proof.js';

/** @type {Readonly<Record<string, string>>} */
const wordsOfPurposes = {
  login: 'may sign in',
  'verify-number': 'is added',
  transaction: 'has approved the payment',
  'account-change': 'has approved the change',
};

/** The proof of a number whose SIM was swapped lately: a back end asks for something else as well. */
const notEnough = 'needs another proof: its SIM may have been swapped';

/**
 * The success. It does with the proof what the back end of an app does: checks the signature and reads the claims.
 *
 * @param {object} world
 * @param {import('../facts.js').Facts} world.facts
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {typeof globalThis.fetch} world.fetch
 * @param {() => void} world.onStartOver
 * @param {() => void} world.onCode
 */
export const createSuccess = ({ facts, clock, fetch, onStartOver, onCode }) => {
  const element = find('success', HTMLElement);
  const title = find('approved-title', HTMLElement);
  const goodFor = find('good-for', HTMLElement);
  let token = '';
  let expiresMs = 0;

  find('start-over', HTMLButtonElement).addEventListener('click', onStartOver);
  find('to-code', HTMLButtonElement).addEventListener('click', onCode);
  copyOnClick(find('copy-proof', HTMLButtonElement), () => token);
  everyTick(() => {
    const left = secondsUntil(expiresMs, clock.now());
    write(goodFor, left === 0 ? 'expired' : spellSeconds(left));
  });

  return {
    /**
     * @param {import('./app.js').Approval} approval
     * @returns {Readonly<Record<string, unknown>>} the claims of the proof
     */
    open: ({ proof: given, phoneNumber, purpose }) => {
      token = given;
      const proof = readProof(token);
      expiresMs = Number(proof.claims['exp']) * 1000;
      write(find('approved-number', HTMLElement), phoneNumber);
      const isEnough = proof.claims['phone_number_verified'] === true;
      write(find('approved-purpose', HTMLElement), isEnough ? (wordsOfPurposes[purpose] ?? purpose) : notEnough);
      list('proof-header', proof.header);
      list('proof-claims', proof.claims);
      element.hidden = false;
      title.focus({ preventScroll: true });
      // Not awaited: the code is approved, even if the signature cannot be checked.
      void showSignature(proof, `${facts.endpoint}/.well-known/jwks.json`, fetch);
      return proof.claims;
    },
    close: () => {
      element.hidden = true;
    },
  };
};

/**
 * @param {import('./proof.js').Proof} proof
 * @param {string} jwksUrl
 * @param {typeof globalThis.fetch} fetch
 */
const showSignature = async (proof, jwksUrl, fetch) => {
  const signature = find('signature', HTMLElement);
  /** @type {(kind: string, words: string) => void} */
  const say = (kind, words) => {
    signature.className = `signature ${kind}`;
    write(signature, words);
  };
  say('', 'Checking the signature…');
  const keys = await fetch(jwksUrl, { cache: 'no-store' })
    .then((response) => response.json())
    .then((set) => (Array.isArray(set.keys) ? set.keys : undefined))
    .catch(() => undefined);
  if (keys === undefined) return say('bad', 'Signature not checked: the keys of the service cannot be read.');
  const isValid = await isSignedBy(proof, keys).catch(() => false);
  if (isValid) return say('good', 'Signature valid, checked in this browser');
  say('bad', 'Signature NOT valid: no key of the service made it. Do not accept this proof.');
};

/**
 * @param {string} id of a list of definitions
 * @param {Readonly<Record<string, unknown>>} facts
 */
const list = (id, facts) => {
  const entries = Object.entries(facts).map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, ...shown(name, value))),
  );
  find(id, HTMLElement).replaceChildren(...entries);
};

/**
 * @param {string} name
 * @param {unknown} value
 * @returns {(Node | string)[]}
 */
const shown = (name, value) => {
  if (typeof value === 'string') return [value];
  if (/^(iat|exp)$/.test(name)) return [`${value} `, make('small', {}, '(', timeOf(Number(value) * 1000), ')')];
  return [JSON.stringify(value)];
};

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** @param {number} epochMs */
const timeOf = (epochMs) =>
  make('time', { datetime: new Date(epochMs).toISOString() }, times.format(new Date(epochMs)));
