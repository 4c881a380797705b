// @ts-check

import { find, write } from './elements.js';
import { createCodeStep } from './steps/code-step.js';
import { createNotice } from './steps/notice.js';
import { createProofStep } from './steps/proof-step.js';
import { createRequestStep } from './steps/request-step.js';

/**
 * The app. It asks for a code, takes it and shows the proof, one step at a time.
 *
 * @param {object} world
 * @param {import('./api.js').Api} world.api
 * @param {import('./clock.js').ServerClock} world.clock
 * @param {() => void} world.onSms an SMS may have been sent
 */
export const createClient = ({ api, clock, onSms }) => {
  const status = find('client-status', HTMLElement);
  /** @param {string} words */
  const announce = (words) => write(status, words);

  const request = createRequestStep({
    api,
    clock,
    onSent: (verification, transaction) => {
      code.open(verification, transaction);
      go(code);
      announce(`A code was sent to ${verification.phoneNumber}.`);
      onSms();
    },
  });
  const code = createCodeStep({
    api,
    clock,
    announce,
    onApproved: (approval) => {
      code.close();
      go(proof);
      announce('Approved.');
      // Not awaited: the code is approved, even if the signature cannot be checked.
      void proof.open(approval);
    },
    onEnded: (refused) => {
      code.close();
      ended.open(refused);
      go(ended);
    },
    onResent: onSms,
    onCanceled: () => {
      code.close();
      go(request);
      announce('Canceled. The code is no longer good.');
    },
  });
  const ended = createEndedStep({ clock, onAskAgain: () => go(request) });
  const proof = createProofStep({ api, clock, onStartOver: () => go(request) });

  /** @param {{ element: HTMLElement, focus: () => void }} step */
  const go = (step) => {
    for (const { element } of [request, code, ended, proof]) element.hidden = element !== step.element;
    announce('');
    step.focus();
  };

  return { expected: code.expected, fill: code.fill };
};

/**
 * A verification that is over, and why.
 *
 * @param {object} world
 * @param {import('./clock.js').ServerClock} world.clock
 * @param {() => void} world.onAskAgain
 */
const createEndedStep = ({ clock, onAskAgain }) => {
  const title = find('ended-title', HTMLElement);
  const notice = createNotice('ended-notice', clock);
  find('ask-again', HTMLButtonElement).addEventListener('click', onAskAgain);
  return {
    element: find('ended-step', HTMLElement),
    focus: () => title.focus(),
    /** @param {import('./api.js').Refused} refused */
    open: (refused) => {
      write(title, refused.problem.title);
      notice.show(refused);
    },
  };
};
