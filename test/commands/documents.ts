/** The commands that the project's pages and programs tell people to run. */

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..', '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');

export type Script = {
  /** File and line. */
  readonly place: string;
  /** What a person pastes into a shell. */
  readonly text: string;
};

const asksAws = (text: string): boolean => /(?:^|[\s(|])aws [a-z0-9]+ [a-z]/.test(text);
const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Code blocks: lines that are indented by four or more. */
const blocksOf = (file: string): readonly Script[] => {
  const found: { at: number; lines: string[] }[] = [];
  let isOpen = false;
  for (const [index, line] of read(file).split('\n').entries()) {
    const isCode = /^ {4}/.test(line);
    if (isCode && isOpen) found.at(-1)?.lines.push(line);
    else if (isCode) found.push({ at: index + 1, lines: [line] });
    isOpen = isCode;
  }
  return found.map(({ at, lines }) => {
    const indent = Math.min(...lines.map(indentOf));
    return { place: `${file}:${at}`, text: lines.map((line) => line.slice(indent)).join('\n') };
  });
};

/** Code within a sentence that begins with `aws`. It may go over the end of a line. */
const spansOf = (file: string): readonly Script[] =>
  [...read(file).matchAll(/`(aws [^`]+)`/g)].map(({ 1: span = '', index }) => ({
    place: `${file}:${read(file).slice(0, index).split('\n').length}`,
    text: span.replace(/\s+/g, ' '),
  }));

/** What preflight says of a stack that is stuck. */
const printedBy = (file: string): readonly Script[] =>
  [...read(file).matchAll(/`[^`]*(aws [a-z]+ [a-z-]+ --[^`]*)`/g)].map(({ 1: command = '' }) => ({
    place: file,
    text: command.replaceAll(/\$\{\w+\}/g, 'OtpService'),
  }));

const pages = [
  ...['README.md', 'SECURITY.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...readdirSync(path.join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** Commands that differ in the part that they ask about, and in nothing that the CLI reads. */
const shapeOf = (text: string): string =>
  text.replaceAll(/"\$[A-Z]+"|"\$\(resource [^)]*\)"|(?<=--metric-name )\w+|(?<=Name=Operation,Value=)\w+/g, 'PART');

/** All scripts, one of each shape. */
export const scripts = (): readonly Script[] => {
  const all = [
    ...pages.flatMap((page) => [...blocksOf(page), ...spansOf(page)]),
    ...printedBy('cli/preflight/judge.ts'),
  ];
  const shapes = all.map(({ text }) => shapeOf(text));
  return all.filter(({ text }, index) => asksAws(text) && shapes.indexOf(shapes[index] ?? '') === index);
};

/** Every part that a command of the runbook looks up by itself. */
export const lookups = (): readonly string[] => [
  ...new Set(read('docs/runbook.md').match(/\$\(resource [A-Z]\w*::\w+ \w+\)/g)),
];

/** What is pasted first: it sets the names that the other scripts of the runbook use. */
export const theShell = (): string => scriptAfter('## The shell');

/** The first script of the runbook after some words. */
export const scriptAfter = (words: string, file = 'docs/runbook.md'): string => {
  const page = read(file);
  if (!page.includes(words)) throw new Error(`${file} does not say "${words}".`);
  const line = page.slice(0, page.indexOf(words)).split('\n').length;
  const script = blocksOf(file).find(({ place }) => Number(place.split(':')[1]) > line);
  if (script === undefined) throw new Error(`${file} has no script after "${words}".`);
  return script.text;
};

/** Each command line of `otp-desk` that a page tells people to run, once: lines of code blocks, and code within a sentence. */
export const deskCommands = (file = 'docs/runbook.md'): readonly string[] => {
  const lines = blocksOf(file).flatMap(({ text }) => text.split('\n').map((line) => line.trim()));
  const spans = [...read(file).matchAll(/`(otp-desk [^`]+)`/g)].map(([, span = '']) => span.replace(/\s+/g, ' '));
  return [...new Set([...lines, ...spans].filter((line) => line.startsWith('otp-desk ')))];
};
