// @ts-check
import { make, write } from '../elements.js';
import { bendsOf, countAt, createSeries, measures, placesOf } from './series.js';
import { actionWords, clockTime } from './words.js';

/**
 * @typedef {import('./api.js').Finding} Finding
 * @typedef {import('./series.js').Measure} Measure
 * @typedef {import('./series.js').Lines} Lines
 */

const width = 320;
const height = 88;
const edge = 3;
const tableRows = 6;

/** @type {Readonly<Record<Measure, string>>} */
const labels = { requests: 'got a code', approved: 'entered it', refused: 'refused' };

/**
 * @param {string} name
 * @param {Readonly<Record<string, string>>} attributes
 */
const svg = (name, attributes) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
};

/**
 * The traffic of a finding as lines: requests, approvals and refusals by time, and the moment of the block. The same stands in
 * a sentence and in a table.
 */
export const createChart = () => {
  const series = createSeries();
  const lines = measures.map((measure) => svg('polyline', { class: `line ${measure}` }));
  const block = svg('line', { class: 'block-line', y1: '0', y2: String(height) });
  const picture = svg('svg', { class: 'plot', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': '' });
  picture.append(svg('path', { class: 'ground', d: `M0 ${height - edge}H${width}` }), ...lines, block);
  const legend = make('ul', { class: 'legend' });
  const span = make('p', { class: 'span' });
  const body = make('tbody');
  const element = make('figure', { class: 'chart' }, legend, span, tableOf(body));
  element.prepend(picture);

  return {
    element,
    /**
     * @param {Finding} finding
     * @param {number} nowMs
     */
    update: (finding, nowMs) => {
      element.hidden = finding.traffic === undefined;
      if (finding.traffic === undefined) return;
      const foundMs = Date.parse(finding.startedAt);
      series.add(finding.traffic, foundMs, nowMs);
      const all = series.lines(nowMs);
      const view = viewOf(all, bendsOf(all, foundMs, nowMs), nowMs);
      measures.forEach((measure, nth) => void lines[nth]?.setAttribute('points', view.pathOf(measure)));
      const mark = finding.action === 'none' ? '' : (actionWords[finding.action] ?? '');
      block.toggleAttribute('hidden', mark === '');
      for (const x of ['x1', 'x2']) block.setAttribute(x, view.xOf(foundMs).toFixed(1));
      const moment = `${actionWords[finding.action] ?? 'Found'} at ${clockTime(foundMs)}.`;
      picture.setAttribute('aria-label', `Since ${clockTime(view.fromMs)}: ${view.words(nowMs)}. ${moment}`);
      showLegend(legend, view, nowMs);
      write(span, `${clockTime(view.fromMs)} to ${clockTime(nowMs)}, long pauses shortened. ${moment}`);
      showTable(body, view, { foundMs, mark });
    },
  };
};

/**
 * @typedef {object} View the part of the lines that is shown
 * @property {number} fromMs
 * @property {readonly number[]} bends
 * @property {(atMs: number) => number} xOf
 * @property {(measure: Measure) => string} pathOf
 * @property {(measure: Measure, atMs: number) => number} countOf since its start
 * @property {(atMs: number) => string} words
 */

/**
 * @param {Lines} all
 * @param {readonly number[]} bends
 * @param {number} nowMs
 * @returns {View}
 */
const viewOf = (all, bends, nowMs) => {
  const [fromMs = nowMs] = bends;
  const placeOf = placesOf(bends);
  /** @type {View['countOf']} */
  const countOf = (measure, atMs) => Math.round(countAt(all[measure], atMs));
  const top = Math.max(1, ...measures.map((measure) => countOf(measure, nowMs)));
  /** @type {View['xOf']} */
  const xOf = (atMs) => placeOf(atMs) * width;
  /** @param {number} count */
  const yOf = (count) => height - edge - (count / top) * (height - 2 * edge);
  return {
    fromMs,
    bends,
    xOf,
    countOf,
    pathOf: (measure) =>
      bends.map((atMs) => `${xOf(atMs).toFixed(1)},${yOf(countOf(measure, atMs)).toFixed(1)}`).join(' '),
    words: (atMs) => measures.map((measure) => `${countOf(measure, atMs)} ${labels[measure]}`).join(', '),
  };
};

/**
 * @param {HTMLElement} legend
 * @param {View} view
 * @param {number} nowMs
 */
const showLegend = (legend, { countOf }, nowMs) => {
  if (legend.childElementCount === 0) {
    for (const measure of measures) {
      const sample = svg('svg', { class: 'sample', viewBox: '0 0 24 4', 'aria-hidden': 'true' });
      sample.append(svg('path', { class: `line ${measure}`, d: 'M0 2h24' }));
      legend.append(make('li', {}, sample, make('span')));
    }
  }
  measures.forEach((measure, nth) => {
    const text = legend.children[nth]?.querySelector('span');
    if (text) write(text, `${countOf(measure, nowMs)} ${labels[measure]}`);
  });
};

/** @param {HTMLElement} body */
const tableOf = (body) => {
  const head = ['Time', 'Got a code', 'Entered it', 'Refused'].map((text) => make('th', { scope: 'col' }, text));
  const table = make(
    'table',
    {},
    make('caption', { class: 'visually-hidden' }, 'Totals since the start of the chart'),
    make('thead', {}, make('tr', {}, ...head)),
    body,
  );
  return make('details', { class: 'numbers' }, make('summary', {}, 'The chart as a table'), table);
};

/**
 * @param {HTMLElement} body
 * @param {View} view
 * @param {{ foundMs: number, mark: string }} moments `mark` names the act of the detector
 */
const showTable = (body, { bends, countOf }, { foundMs, mark }) => {
  const step = Math.max(1, Math.ceil(bends.length / tableRows));
  const times = bends.filter((atMs, nth) => nth % step === 0 || nth === bends.length - 1 || atMs === foundMs);
  const rows = times.map((atMs) => {
    const time = atMs === foundMs && mark !== '' ? `${clockTime(atMs)}, ${mark.toLowerCase()}` : clockTime(atMs);
    const cells = measures.map((measure) => make('td', { class: 'digits' }, String(countOf(measure, atMs))));
    return make('tr', {}, make('th', { scope: 'row' }, time), ...cells);
  });
  body.replaceChildren(...rows);
};
