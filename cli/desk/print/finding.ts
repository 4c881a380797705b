import { type Fields, fieldsOf, listOf, moneyOf, numberOf, textOf, textsOf } from './json.ts';
import { wrapped } from './table.ts';
import { both } from './times.ts';
import { trafficLines } from './traffic.ts';

/** `country IN`, `range +919876543xxxx` of a field `what`. */
export const whatText = (what: unknown): string => {
  const [entry] = Object.entries(fieldsOf(what));
  if (entry === undefined) return '';
  const [kind, of] = entry;
  return kind === 'number' || kind === 'ip' ? `${textOf(kind)} (hidden)` : `${textOf(kind)} ${textOf(of)}`;
};

const headOf = (finding: Fields, nowMs: number): readonly string[] => {
  const { severity, status, headline, id, what, startedAt, updatedAt, note, parent } = finding;
  return [
    `${textOf(severity).toUpperCase()}: ${textOf(headline)}`,
    '',
    `${textOf(id)}, ${textOf(status)}${whatText(what) === '' ? '' : `, on ${whatText(what)}`}`,
    `Found ${both(startedAt, nowMs)}, last changed ${both(updatedAt, nowMs)}.`,
    ...(textOf(parent) === '' ? [] : [`It is a part of ${textOf(parent)}.`]),
    ...(textOf(note) === '' ? [] : [`Note: ${textOf(note)}`]),
  ];
};

/** Without a sentence of the API, its numbers tell. */
const factsOf = (finding: Fields, nowMs: number): readonly string[] => {
  const { costUsd, costUsdPerHour, refused, savedUsd, action, until, isOpen } = finding;
  const cost = [
    ...(moneyOf(costUsd) === '' ? [] : [`${moneyOf(costUsd)} so far`]),
    ...(moneyOf(costUsdPerHour) === '' ? [] : [`${moneyOf(costUsdPerHour)} an hour`]),
  ];
  const holds = textOf(action) !== 'none' && isOpen === true;
  return [
    ...(cost.length === 0 ? [] : [`Cost: ${cost.join(', ')}.`]),
    `Refused because of it: ${numberOf(refused) ?? 0} requests${moneyOf(savedUsd) === '' ? '' : `, which saved ${moneyOf(savedUsd)}`}.`,
    ...(holds && textOf(until) !== '' ? [`Ends: ${both(until, nowMs)}, unless it is renewed.`] : []),
  ];
};

const wrong = 'Record that the detector was wrong (closes the finding, lifts nothing)';
const titles: Readonly<Record<string, string>> = {
  launch:
    'Announce a launch of yours, after you have lifted (for a prefix or a country, none is narrower; write your own number of requests in all, and your own time)',
  acknowledge: 'Show your colleagues that you look after it (stops no mail, lifts nothing)',
  falsePositive: wrong,
  false_positive: wrong,
  refuse: 'Refuse them yourself',
};

const lifts: ReadonlyMap<string, readonly [now: string, then: string]> = new Map([
  ['restrict', ['Lift the restriction now, and ', 'the detector restricts nothing here']],
  ['block', ['Lift the block now, and ', 'the detector blocks nothing here']],
  ['longer-codes', ['Make codes short again now, and ', 'the detector makes none longer here']],
]);

/** A lift does something else for each action. */
const liftTitle = (action: unknown, period: string): string => {
  const [now, then] = lifts.get(textOf(action)) ?? ['', 'the detector leaves this alone'];
  const rest = `for ${period} ${then}`;
  return now === '' ? `F${rest.slice(1)}` : `${now}${rest}`;
};

const titleOf = (name: string, action: unknown): string => {
  if (name === 'lift') return `${liftTitle(action, 'an hour')} (no verdict on the detector)`;
  return name === 'suppress' ? liftTitle(action, 'a week') : (titles[name] ?? textOf(name));
};

const lifting: ReadonlySet<string> = new Set(['lift', 'suppress', 'launch']);
const judging: ReadonlySet<string> = new Set(['acknowledge', 'falsePositive', 'false_positive']);

/** A time that is not known is not over. */
const isOver = (until: unknown, nowMs: number): boolean => typeof until === 'string' && Date.parse(until) <= nowMs;

/** A restriction outlives its finding, if staff closed it by a verdict. */
const holdsStill = ({ action, status, until, isOpen }: Fields, nowMs: number): boolean => {
  if (textOf(action) === 'none') return isOpen !== false;
  return !isOver(until, nowMs) && textOf(status) !== 'lifted' && textOf(status) !== 'over';
};

const isJudged = ({ status }: Fields): boolean => textOf(status) === 'false-positive' || textOf(status) === 'resolved';

/** Nobody can lift what has ended, and a finding that is closed asks for no verdict. The reader has just used `show`. */
const isOffered = (name: string, finding: Fields, nowMs: number): boolean => {
  if (lifting.has(name)) return holdsStill(finding, nowMs);
  if (judging.has(name)) return finding['isOpen'] !== false && !isJudged(finding);
  return name !== 'show';
};

const commandsOf = (finding: Fields, columns: number, nowMs: number): readonly string[] => {
  const { commands, action } = finding;
  const found = Object.entries(fieldsOf(commands)).filter(
    ([name, command]) => textOf(command) !== '' && isOffered(name, finding, nowMs),
  );
  if (found.length === 0) return [];
  return [
    '',
    'What you can do',
    ...found.flatMap(([name, command]) => [
      ...wrapped(`${titleOf(name, action)}:`, columns, '  '),
      `    ${textOf(command)}`,
    ]),
  ];
};

/** A mail names the command that shows the finding. Its reader has just used it. */
const withoutDetails = (line: string, { commands }: Fields): string => {
  const command = textOf(fieldsOf(commands)['show']);
  return command === '' ? line : line.replaceAll(` Details: ${command}`, '');
};

const section = (title: string, texts: readonly string[], columns: number): readonly string[] =>
  texts.length === 0 ? [] : ['', title, ...texts.flatMap((text) => wrapped(text, columns, '  '))];

const timelineOf = (timeline: unknown, nowMs: number): readonly string[] =>
  listOf(timeline).map(({ at, text, what }) => `${both(at, nowMs)}: ${textOf(text) || textOf(what)}`);

/** A finding as a stranger reads it: what happens first, the numbers last. */
export const findingLines = (answer: unknown, columns: number, nowMs: number): readonly string[] => {
  const finding = fieldsOf(answer);
  const { lines, explanation, evidence, timeline, traffic, children } = finding;
  const told = textsOf(lines).map((line) => withoutDetails(line, finding));
  const numbers = [...textsOf(evidence), ...(textOf(explanation) === '' ? [] : [textOf(explanation)])];
  const parts = textsOf(children);
  return [
    ...headOf(finding, nowMs).flatMap((line) => wrapped(line, columns)),
    '',
    ...(told.length === 0 ? factsOf(finding, nowMs) : told).flatMap((line) => wrapped(line, columns)),
    ...(parts.length === 0 ? [] : wrapped(`Parts of it: ${parts.join(', ')}`, columns)),
    ...commandsOf(finding, columns, nowMs),
    ...section('Traffic of the last two hours, by ten minutes', trafficLines(traffic), Number.POSITIVE_INFINITY),
    ...section('What happened', timelineOf(timeline, nowMs), columns),
    ...section('The numbers behind it, when it was last judged', numbers, columns),
  ];
};

const shortCosts = ({ costUsd, refused }: Fields): readonly string[] => [moneyOf(costUsd), textOf(refused)];

export const findingHead = ['severity', 'status', 'what', 'id', 'changed', 'cost', 'refused', 'headline'];

export const findingRow = (finding: Fields, nowMs: number): readonly string[] => [
  textOf(finding['severity']),
  textOf(finding['status']),
  whatText(finding['what']),
  textOf(finding['id']),
  both(finding['updatedAt'], nowMs),
  ...shortCosts(finding),
  textOf(finding['headline']),
];
