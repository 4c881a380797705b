// @ts-check
import { make, write } from '../elements.js';
import { buttonOf, createSaid, fieldOf, foldedForm, periodSelect, reasonInput } from './acts.js';
import { createChart } from './chart.js';
import { clockTime, statusWords, timeText } from './words.js';

/**
 * @typedef {import('./api.js').Finding} Finding
 * @typedef {{ readonly api: import('./api.js').OperatorApi, readonly now: () => number, readonly onActed: () => void }} Desk
 */

const closing = ['resolved', 'false-positive'];

/**
 * A finding: what happens in a sentence, its traffic, what it costs and what to do, and the judgement of a person.
 *
 * @param {Finding} finding
 * @param {Desk} desk
 * @returns {import('./rows.js').Row<Finding>}
 */
export const findingRow = ({ id, headline }, desk) => {
  const severity = make('strong', { class: 'severity' });
  const status = make('span', { class: 'status' });
  const found = make('time');
  const title = make('h4', { id: `finding-${id}` }, headline);
  const note = make('p', { class: 'note' });
  const lines = make('ul', { class: 'lines' });
  const chart = createChart();
  const said = createSaid();
  const more = moreOf();
  const acts = make('div', { class: 'acts' }, ...actsOf(id, headline, desk, said));
  const tags = make('p', { class: 'tags' }, severity, ' ', status, ' ', found);
  const element = make(
    'li',
    { class: 'finding', 'aria-labelledby': title.id },
    ...[tags, title, chart.element, note, lines, more.element, acts, said.element],
  );
  return {
    element,
    update: (finding) => {
      element.dataset['severity'] = finding.severity;
      // The detector closes what is judged at its next sweep.
      const isOpen = finding.isOpen && !closing.includes(finding.status);
      element.dataset['open'] = String(isOpen);
      write(severity, `${finding.severity.charAt(0).toUpperCase()}${finding.severity.slice(1)}`);
      write(status, statusWords[finding.status] ?? finding.status);
      found.dateTime = finding.startedAt;
      write(found, timeText(finding.startedAt, desk.now()));
      write(title, finding.headline);
      note.hidden = finding.note === undefined;
      write(note, `Note: ${finding.note ?? ''}`);
      showTexts(lines, finding.lines);
      acts.hidden = !isOpen;
      chart.update(finding, desk.now());
      more.update(finding);
    },
  };
};

/**
 * Shows texts as the items of a list, and leaves those that have not changed.
 *
 * @param {HTMLElement} list
 * @param {readonly string[]} texts
 */
const showTexts = (list, texts) => {
  while (list.childElementCount > texts.length) list.lastElementChild?.remove();
  texts.forEach((text, nth) => {
    const item = list.children[nth] ?? list.appendChild(make('li'));
    write(item, text);
  });
};

const moreOf = () => {
  const timeline = make('ol', { class: 'timeline' });
  const evidence = make('ul', { class: 'evidence' });
  const element = make(
    'details',
    {},
    make('summary', {}, 'Timeline and numbers'),
    make('h5', {}, 'Timeline'),
    timeline,
    make('h5', {}, 'The numbers behind it, when it was last judged'),
    evidence,
  );
  return {
    element,
    /** @param {Finding} finding */
    update: (finding) => {
      showTexts(
        timeline,
        (finding.timeline ?? []).map(({ at, text }) => `${clockTime(Date.parse(at))}: ${text}`),
      );
      showTexts(evidence, finding.evidence);
    },
  };
};

/**
 * @param {string} id
 * @param {string} headline
 * @param {Desk} desk
 * @param {import('./acts.js').Said} said
 * @returns {HTMLElement[]}
 */
const actsOf = (id, headline, { api, now, onActed }, { say }) => {
  const about = `of the finding: ${headline}`;
  const note = reasonInput('');
  /** @type {(status: string, words: string) => import('./acts.js').Act} */
  const judge = (status, words) => async () => {
    await api.judge(id, status, note.value.trim());
    note.value = '';
    onActed();
    return words;
  };
  const [period, reason] = [periodSelect(), reasonInput('these are our users')];
  const lift = async () => {
    const { allowUntil } = await api.lift({ finding: id }, Number(period.value), reason.value);
    onActed();
    return `Lifted. The detector writes no block there until ${timeText(allowUntil, now())}.`;
  };
  return [
    foldedForm({
      label: 'Judge',
      about,
      fields: [fieldOf('Note (may be empty)', note)],
      buttons: [
        [buttonOf('Acknowledge', about), judge('acknowledged', 'Acknowledged: it stays open.')],
        [buttonOf('Resolve', about), judge('resolved', 'Resolved. The detector closes it within a minute.')],
        [
          buttonOf('False positive', about),
          judge('false-positive', 'Called a false positive. The detector closes it within a minute.'),
        ],
      ],
      say,
    }),
    foldedForm({
      label: 'Lift',
      about,
      fields: [fieldOf('No block for', period), fieldOf('Reason', reason)],
      buttons: [[buttonOf('Lift the block', about, 'strong'), lift]],
      say,
    }),
  ];
};
