// @ts-check
import { find, make, write } from '../elements.js';

/**
 * @typedef {object} Message
 * @property {readonly string[]} carries
 * @property {string} usual
 * @property {string} longest
 * @property {string} encoding
 * @property {number} units
 * @property {number} parts
 * @property {number} maxParts
 * @property {number} over
 * @property {boolean} mayMissApp
 * @property {Readonly<Record<string, number>>} pricesUsd
 *
 * @typedef {object} Text
 * @property {string} [application]
 * @property {string} purpose
 * @property {string} locale
 * @property {string} [country]
 * @property {'ltr' | 'rtl'} direction
 * @property {boolean} isRegistered
 * @property {readonly Message[]} messages
 *
 * @typedef {'usual' | 'longest'} Values
 */

const languageNames = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'code' });

/** @param {string} locale */
const nameOf = (locale) => {
  try {
    return languageNames.of(locale) ?? locale;
  } catch {
    return locale;
  }
};

/** @type {Readonly<Record<string, string>>} */
const lineNames = { appHash: 'the app hash', host: 'the line for browsers' };

/** @param {readonly string[]} carries */
const withOf = (carries) =>
  carries.length === 0 ? 'Alone' : `With ${carries.map((each) => lineNames[each] ?? each).join(' and ')}`;

/** @param {Text} text */
const headOf = ({ purpose, country, application, isRegistered }) =>
  [
    purpose,
    ...(country === undefined ? [] : [`for ${country}`]),
    ...(application === undefined ? [] : [`of ${application}`]),
    ...(isRegistered ? ['(registered)'] : []),
  ].join(' ');

/** @param {Message} message */
const factsOf = ({ carries, encoding, units, parts, maxParts }) =>
  `${withOf(carries)}: ${parts === 1 ? 'one part' : `${parts} parts`} of ${maxParts} at its longest (${encoding}, ${units} ${encoding === 'GSM-7' ? 'septets' : 'units'}).`;

/** @param {Message} message */
const pricesOf = ({ pricesUsd }) =>
  Object.entries(pricesUsd)
    .map(([country, usd]) => `${country} $${usd}`)
    .join(', ') || 'It goes to no country.';

/** @param {Message} message */
const warningsOf = ({ over, mayMissApp }) => [
  ...(over > 0 ? [`Too long by ${over} ${over === 1 ? 'character' : 'characters'}.`] : []),
  ...(mayMissApp && over === 0 ? ['More than 140 bytes: Android may not hand it to the app.'] : []),
];

/**
 * A message as a phone shows it. Phones take the direction of a line from its first letter.
 *
 * @param {Text} text
 * @param {Message} message
 * @param {Values} values
 */
const bubble = ({ locale, direction }, message, values) =>
  make(
    'p',
    { class: 'sms', lang: locale, dir: direction },
    ...message[values].split('\n').map((line) => make('span', { dir: 'auto' }, line)),
  );

/**
 * @param {Text} text
 * @param {Values} values
 */
const card = (text, values) =>
  make(
    'article',
    { class: 'text' },
    make('h3', {}, headOf(text)),
    ...text.messages.map((message) =>
      make(
        'div',
        { class: 'message' },
        bubble(text, message, values),
        make('p', { class: 'hint' }, factsOf(message)),
        make('p', { class: 'hint' }, pricesOf(message)),
        ...warningsOf(message).map((warning) => make('p', { class: 'warning' }, warning)),
      ),
    ),
  );

/**
 * @param {string} locale
 * @param {readonly Text[]} texts
 * @param {Values} values
 */
const language = (locale, texts, values) =>
  make(
    'section',
    { class: 'language', 'aria-label': nameOf(locale) },
    make('h2', {}, `${nameOf(locale)} `, make('code', {}, locale)),
    make('div', { class: 'cards' }, ...texts.map((text) => card(text, values))),
  );

/** @type {readonly Text[]} */
const texts = await fetch('/page/texts.json').then((response) => response.json());
const locales = [...new Set(texts.map(({ locale }) => locale))];
const chosen = find('language', HTMLSelectElement);
const values = find('values', HTMLSelectElement);

const show = () => {
  const shown = locales.filter((locale) => chosen.value === '' || locale === chosen.value);
  find('texts', HTMLElement).replaceChildren(
    ...shown.map((locale) =>
      language(
        locale,
        texts.filter((text) => text.locale === locale),
        values.value === 'longest' ? 'longest' : 'usual',
      ),
    ),
  );
  const count = texts.filter(({ locale }) => shown.includes(locale)).length;
  write(find('count', HTMLElement), `${count} ${count === 1 ? 'text' : 'texts'}.`);
};

chosen.append(
  make('option', { value: '' }, 'all'),
  ...locales.map((locale) => make('option', { value: locale }, nameOf(locale))),
);
find('choice', HTMLFormElement).addEventListener('change', show);
find('choice', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
show();
