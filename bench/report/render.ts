/** The page of benchmarks as text, from results and words. */

import { code, table } from '../../docs/generate/markdown.ts';
import { boundOf, isMet, shown, withUnit } from './cells.ts';
import { isNoisy } from './machine.ts';
import type { BenchName, Result, Table, Target } from './results.ts';
import { type Section, sections } from './sections.ts';

export type Material = {
  readonly results: Partial<Readonly<Record<BenchName, Result>>>;
  /** By file name without its ending. */
  readonly words: Readonly<Record<string, string>>;
};

const anchorOf = (heading: string): string => heading.toLowerCase().replaceAll(',', '').replaceAll(' ', '-');

/** A bar would end the cell. */
const cellOf = (text: string): string => text.replaceAll('|', '\\|');

/** A section without words has no bench yet. */
const sectionsWith = ({ words }: Material): readonly Section[] =>
  sections.filter((section) => words[section.words] !== undefined);

const commandTable = (material: Material): string =>
  table(
    ['command', 'measures'],
    sectionsWith(material).flatMap(({ commands }) =>
      commands.map(({ command, measures }) => [code(command), measures]),
    ),
  );

const verdictOf = (target: Target): string => {
  if (isMet(target)) return 'met';
  return target.why === undefined ? '**missed**' : `**missed**: ${target.why}`;
};

const targetRows = (material: Material): readonly (readonly string[])[] =>
  sectionsWith(material).flatMap(({ bench, heading }) => {
    const targets = bench === undefined ? [] : (material.results[bench]?.targets ?? []);
    return targets.map((target) => [
      `[${cellOf(target.measure)}](#${anchorOf(heading)})`,
      boundOf(target),
      withUnit(shown(target.value), target.unit),
      cellOf(verdictOf(target)),
    ]);
  });

const nothingYet = 'No run on a quiet machine is published yet.';

const targetTable = (material: Material): string => {
  const rows = targetRows(material);
  return rows.length === 0 ? nothingYet : table(['measure', 'target', 'value', 'verdict'], rows);
};

const tableOf = ({ title, columns, rows }: Table): string =>
  `**${title}**\n\n${table(
    columns,
    rows.map((cells) => cells.map((cell) => cellOf(shown(cell)))),
  )}`;

const noise =
  '> **This run was noisy.** Other programs ran before it began, so its times are too long. Its counts are right.';

const aboutOf = ({ command, machine, commit, date, loads }: Result): string =>
  [
    `    ${command}`,
    `    ${machine.processor}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`,
    `    commit ${commit}, ${date}, load average ${loads.before.toFixed(1)} before and ${loads.highest.toFixed(1)} at most`,
  ].join('\n');

const resultOf = (result: Result | undefined): readonly string[] => {
  if (result === undefined) return [nothingYet];
  return [
    'Last run:',
    aboutOf(result),
    ...(isNoisy(result.loads) ? [noise] : []),
    ...result.tables.map(tableOf),
    ...result.plots.map(({ name, title, unit }) => `![${title}, in ${unit}](${name}.svg)`),
    ...result.notes,
  ];
};

/** Words may begin with a heading of their own, for whoever reads the file. */
const bodyOf = (words: string | undefined): readonly string[] => {
  const body = (words ?? '').replace(/^# .*\n|^## .*\n/, '').trim();
  return body === '' ? [] : [body];
};

const sectionOf = ({ heading, words, bench }: Section, material: Material): readonly string[] => [
  `## ${heading}`,
  ...bodyOf(material.words[words]),
  ...(bench === undefined ? [] : resultOf(material.results[bench])),
];

export const renderPage = (material: Material): string =>
  `${[
    '# Benchmarks',
    ...bodyOf(material.words['intro']),
    commandTable(material),
    '## Targets',
    targetTable(material),
    ...sectionsWith(material).flatMap((section) => sectionOf(section, material)),
  ].join('\n\n')}\n`;
