// @ts-check
import { whileBusy } from '../busy.js';
import { make, write } from '../elements.js';
import { sentenceOf } from './api.js';

/**
 * An act of a person on the desk. It answers with the sentence that is said of it.
 *
 * @typedef {() => Promise<string>} Act
 */

let fields = 0;

/**
 * A field with its label.
 *
 * @template {HTMLInputElement | HTMLSelectElement} Control
 * @param {string} label
 * @param {Control} control
 */
export const fieldOf = (label, control) => {
  fields += 1;
  control.id = `desk-field-${fields}`;
  return make('div', { class: 'field' }, make('label', { for: control.id }, label), control);
};

/** @param {string} value */
export const reasonInput = (value) => {
  const input = make('input', { autocomplete: 'off' });
  input.value = value;
  return input;
};

/** The periods for which the detector writes no block after a lift. */
export const periodSelect = () => {
  const select = make('select');
  for (const [minutes, label] of [
    ['60', '1 hour'],
    ['1440', '1 day'],
    ['10080', '7 days'],
  ])
    select.append(make('option', { value: minutes ?? '' }, label ?? ''));
  return select;
};

/**
 * A place that says once what became of an act.
 *
 * @returns {{ element: HTMLElement, say: (text: string, isBad?: boolean) => void }}
 */
export const createSaid = () => {
  const element = make('p', { class: 'said', role: 'status' });
  return {
    element,
    say: (text, isBad = false) => {
      element.classList.toggle('bad', isBad);
      write(element, text);
    },
  };
};

/** @typedef {ReturnType<typeof createSaid>} Said */

/**
 * @param {string} label
 * @param {string} about names the object for a screen reader
 * @param {string} [kind]
 */
export const buttonOf = (label, about, kind = 'quiet') =>
  make('button', { type: 'button', class: kind }, label, make('span', { class: 'visually-hidden' }, ` ${about}`));

/**
 * Acts when the button is pressed, once at a time, and says what became of it.
 *
 * @param {HTMLButtonElement} button
 * @param {Said['say']} say
 * @param {Act} act
 */
export const onPress = (button, say, act) =>
  button.addEventListener('click', () =>
    whileBusy(button, () =>
      act().then(
        (text) => say(text),
        (error) => say(sentenceOf(error), true),
      ),
    ),
  );

/**
 * A form that is folded away until a person asks for it.
 *
 * @param {object} form
 * @param {string} form.label
 * @param {string} form.about names the object for a screen reader
 * @param {readonly HTMLElement[]} form.fields
 * @param {readonly (readonly [HTMLButtonElement, Act])[]} form.buttons the first one is that of the Enter key
 * @param {Said['say']} form.say
 */
export const foldedForm = ({ label, about, fields: given, buttons, say }) => {
  const row = make('div', { class: 'row' }, ...buttons.map(([button]) => button));
  const form = make('form', {}, ...given, row);
  const details = make(
    'details',
    { class: 'act' },
    make('summary', {}, label, make('span', { class: 'visually-hidden' }, ` ${about}`)),
    form,
  );
  for (const [button, act] of buttons)
    onPress(button, say, async () => {
      const text = await act();
      details.open = false;
      if (details.contains(document.activeElement)) details.querySelector('summary')?.focus({ preventScroll: true });
      return text;
    });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    buttons[0]?.[0].click();
  });
  return details;
};
