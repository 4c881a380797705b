// @ts-check
import { copyOnClick } from '../copy.js';
import { everyTick, secondsUntil, spellSeconds } from '../countdown.js';
import { find, make, write } from '../elements.js';
import { isSignedBy, readProof } from './proof.js';

/**
 * Does with the proof what the back end of an app does: checks the signature and reads the claims.
 *
 * @param {object} world
 * @param {import('../api.js').Api} world.api
 * @param {import('../clock.js').ServerClock} world.clock
 * @param {() => void} world.onStartOver
 */
export const createProofStep = ({ api, clock, onStartOver }) => {
  const element = find('proof-step', HTMLElement);
  const title = find('approved-title', HTMLElement);
  const signature = find('signature', HTMLElement);
  const goodFor = make('span', { class: 'digits', role: 'timer', 'aria-label': 'Time until the proof expires' });
  let token = '';
  let expiresMs = 0;

  find('start-over', HTMLButtonElement).addEventListener('click', onStartOver);
  copyOnClick(find('copy-proof', HTMLButtonElement), () => token);
  everyTick(() => {
    const left = secondsUntil(expiresMs, clock.now());
    write(goodFor, left === 0 ? 'expired' : spellSeconds(left));
  });

  /** @param {import('./proof.js').Proof} proof */
  const showSignature = async (proof) => {
    signature.className = 'signature';
    write(signature, 'Checking the signature…');
    const outcome = await api({ method: 'GET', path: '/.well-known/jwks.json', isPublic: true });
    if (!outcome.ok) {
      signature.classList.add('bad');
      return write(signature, `Signature not checked: ${outcome.problem.detail}`);
    }
    const isValid = await isSignedBy(proof, outcome.body.keys).catch(() => false);
    signature.classList.add(isValid ? 'good' : 'bad');
    write(
      signature,
      isValid
        ? 'Signature valid, checked in this browser against /.well-known/jwks.json'
        : 'Signature NOT valid: no key of /.well-known/jwks.json made it. Do not accept this proof.',
    );
  };

  return {
    element,
    focus: () => title.focus(),
    /** @param {import('./code-step.js').Approval} approval */
    open: async ({ proof: given, phoneNumber, purpose, approvedAt }) => {
      token = given;
      const proof = readProof(token);
      expiresMs = Number(proof.claims['exp']) * 1000;
      const approved = { Number: phoneNumber, Purpose: purpose, 'Approved at': timeOf(Date.parse(approvedAt)) };
      list('approved', { ...approved, 'Good for': goodFor });
      list('proof-header', proof.header);
      list('proof-claims', proof.claims);
      await showSignature(proof);
    },
  };
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
  if (value instanceof Node) return [value];
  if (typeof value === 'string') return [value];
  if (/^(iat|exp)$/.test(name)) return [`${value} `, make('small', {}, '(', timeOf(Number(value) * 1000), ')')];
  return [JSON.stringify(value)];
};

const times = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });

/** @param {number} epochMs */
const timeOf = (epochMs) =>
  make('time', { datetime: new Date(epochMs).toISOString() }, times.format(new Date(epochMs)));
