// @ts-check
import { find, make, write } from '../elements.js';
import { buttonOf, createSaid, fieldOf, foldedForm, onPress, periodSelect, reasonInput } from './acts.js';
import { createRows } from './rows.js';
import { counted, groupText, stoppedText, timeText } from './words.js';

/**
 * @typedef {import('./api.js').Block} Block
 * @typedef {import('./api.js').Launch} Launch
 * @typedef {import('./api.js').Stop} Stop
 * @typedef {import('./finding.js').Desk} Desk
 */

/**
 * The blocks that hold, each with a form to lift it.
 *
 * @param {Desk} desk
 */
export const createBlocks = (desk) => {
  const said = saidBelow('blocks');
  return createRows({
    ...partsOf('blocks'),
    keyOf: (/** @type {Block} */ { level, what, finding, by, reason }) =>
      JSON.stringify([level, what, finding, ...(finding === undefined && isHidden(what) ? [by, reason] : [])]),
    make: (/** @type {Block} */ block) => {
      const group = groupText(block.what, block.level);
      const facts = make('p', { class: 'facts' });
      const lifted = isHidden(block.what) ? block.finding && { finding: block.finding } : block.what;
      const form = lifted
        ? liftForm(group, lifted, desk, said)
        : make('p', { class: 'facts' }, 'Lift it by otp-desk lift, which asks for the number or the IP.');
      const element = make('li', { class: 'hold' }, make('h4', {}, group), facts, form);
      return {
        element,
        update: ({ kind, until, by, reason }) => {
          const because = reason === '' ? '' : ` Reason: ${reason}`;
          write(facts, `A ${kind} until ${timeText(until, desk.now())}, by ${nameOf(by)}.${because}`);
        },
      };
    },
  });
};

/** @param {Block['what']} what */
const isHidden = (what) => what === undefined || Object.values(what).includes('hidden');

/**
 * The name at the end of an ARN.
 *
 * @param {string} by
 */
const nameOf = (by) => (by === 'burst-detector' ? 'the detector' : (by.split('/').at(-1) ?? by));

/**
 * @param {string} group
 * @param {import('./api.js').Group | { finding: string }} what
 * @param {Desk} desk
 * @param {import('./acts.js').Said} said
 */
const liftForm = (group, what, { api, now, onActed }, { say }) => {
  const [period, reason] = [periodSelect(), reasonInput('these are our users')];
  const lift = async () => {
    const { allowUntil } = await api.lift(what, Number(period.value), reason.value);
    onActed();
    return `${sentence(group)} is lifted. The detector writes no block there until ${timeText(allowUntil, now())}.`;
  };
  return foldedForm({
    label: 'Lift',
    about: group,
    fields: [fieldOf('No block for', period), fieldOf('Reason', reason)],
    buttons: [[buttonOf('Lift the block', `of ${group}`, 'strong'), lift]],
    say,
  });
};

/** @param {string} text */
const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/**
 * The launches that staff announced.
 *
 * @param {Desk} desk
 */
export const createLaunches = (desk) => {
  const said = saidBelow('launches');
  return createRows({
    ...partsOf('launches'),
    keyOf: (/** @type {Launch} */ { id }) => id,
    make: (/** @type {Launch} */ { id, what }) => {
      const facts = make('p', { class: 'facts' });
      const end = buttonOf('End it', groupText(what));
      onPress(end, said.say, async () => {
        await desk.api.cancel(id);
        desk.onActed();
        return `The launch in ${groupText(what)} is over.`;
      });
      return {
        element: make('li', { class: 'hold' }, make('h4', {}, `Launch in ${groupText(what)}`), facts, end),
        update: ({ requests, expected, until, reason, isExceeded }) => {
          const exceeded = isExceeded ? ' It is exceeded threefold.' : '';
          write(
            facts,
            `${counted(requests, 'request', 'requests')} of ${expected} expected, until ${timeText(until, desk.now())}.${exceeded} Reason: ${reason}`,
          );
        },
      };
    },
  });
};

/**
 * The stops that hold, each with a button to resume, and a form to stop all sending.
 *
 * @param {Desk} desk
 */
export const createStops = (desk) => {
  const said = saidBelow('stops');
  const { api, onActed } = desk;
  const reason = reasonInput('the bill explodes');
  const stopAll = async () => {
    await api.stop('all', reason.value);
    onActed();
    return 'All sending is stopped, from the next request on. It holds until somebody resumes.';
  };
  said.element.before(
    foldedForm({
      label: 'Stop',
      about: 'all sending',
      fields: [fieldOf('Reason', reason)],
      buttons: [[buttonOf('Stop all sending', '', 'strong'), stopAll]],
      say: said.say,
    }),
  );
  return createRows({
    ...partsOf('stops'),
    keyOf: (/** @type {Stop} */ { what }) => JSON.stringify(what),
    make: (/** @type {Stop} */ { what }) => {
      const facts = make('p', { class: 'facts' });
      const resume = buttonOf('Resume', stoppedText(what), 'strong');
      onPress(resume, said.say, async () => {
        await api.resume(what, 'the reason for the stop is gone');
        onActed();
        return `Resumed: ${stoppedText(what)}.`;
      });
      return {
        element: make('li', { class: 'hold' }, make('h4', {}, `Stopped: ${stoppedText(what)}`), facts, resume),
        update: ({ at, by, reason: because }) =>
          write(facts, `Since ${timeText(at, desk.now())}, by ${nameOf(by)}. Reason: ${because}`),
      };
    },
  });
};

/** @param {string} name */
const partsOf = (name) => ({
  list: find(name, HTMLElement),
  title: find(`${name}-title`, HTMLElement),
  empty: find(`no-${name}`, HTMLElement),
});

/**
 * A place outside the rows, because a row goes with what is done about it.
 *
 * @param {string} name
 */
const saidBelow = (name) => {
  const said = createSaid();
  find(name, HTMLElement).after(said.element);
  return said;
};
