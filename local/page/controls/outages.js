// @ts-check
import { onSubmit, whileBusy } from '../busy.js';
import { find, write } from '../elements.js';

/**
 * The answer of the service to each fault.
 *
 * @type {Readonly<Record<string, string>>}
 */
const hints = {
  throttle: 'The service tries three times. Then it answers delivery-failed: the SMS was surely not sent.',
  'internal-error': 'The service cannot know whether it was sent. It answers unconfirmed and keeps the code good.',
  'opted-out': 'SNS takes the SMS and says nothing. The service answers as ever, and no SMS arrives.',
  'timeout-after-accept': 'The service sends nothing twice. It answers unconfirmed after five seconds.',
  'reset-after-accept': 'The service sends nothing twice. It answers unconfirmed.',
  'timeout-before-accept':
    'The service cannot know, and answers unconfirmed after five seconds. Send a new code to get one.',
  reset: 'The service cannot know, and answers unconfirmed. Send a new code to get one.',
};

/**
 * The faults of the SMS network.
 *
 * @param {HTMLElement} status
 */
export const playOutages = (status) => {
  const fault = find('fault', HTMLSelectElement);
  const times = find('times', HTMLInputElement);
  const form = find('fault-form', HTMLFormElement);
  const heal = find('heal', HTMLButtonElement);
  const submit = form.querySelector('[type=submit]');

  const explain = () => {
    write(find('fault-hint', HTMLElement), hints[fault.value] ?? '');
    times.value = fault.selectedOptions[0]?.dataset['times'] ?? '1';
  };
  fault.addEventListener('change', explain);
  explain();

  if (submit instanceof HTMLButtonElement)
    onSubmit(form, submit, async () => {
      const isArmed = await postFault({ mode: fault.value, times: times.valueAsNumber });
      const label = fault.selectedOptions[0]?.textContent ?? '';
      const tries = times.value === '1' ? 'For the next try' : `For the next ${times.value} tries`;
      write(status, isArmed ? `${tries}: ${label}.` : noServer);
    });
  heal.addEventListener('click', () =>
    whileBusy(heal, async () =>
      write(status, (await postFault({ mode: 'none' })) ? 'The next SMS has no fault.' : noServer),
    ),
  );
};

export const noServer = 'The server cannot be reached. Is npm start still running?';

/** @param {{ mode: string, times?: number }} fault */
const postFault = (fault) =>
  fetch('/_local/faults', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  }).then(
    ({ ok }) => ok,
    () => false,
  );
