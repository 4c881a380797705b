/** Finds circles among imports, those of types included: what stands in one cannot be read, tested or moved alone. */

import type { Source } from './source/files.ts';
import { importsOf, targetOf } from './source/imports.ts';
import { parse } from './source/syntax.ts';

/** A file that imports another. */
export type Edge = { readonly from: string; readonly to: string };

/** The imports between files of the project, by the file that imports. */
type Graph = ReadonlyMap<string, readonly string[]>;

const graphOf = (sources: readonly Source[]): Graph =>
  new Map(
    sources.map(({ path, text }) => {
      const targets = importsOf(parse(text)).map(({ from = '' }) => targetOf(from, path).replace(/^\.\//, ''));
      return [path, [...new Set(targets)].filter((target) => sources.some((source) => source.path === target))];
    }),
  );

const without = (graph: Graph, edges: readonly Edge[]): Graph =>
  new Map(
    [...graph].map(([from, targets]) => [
      from,
      targets.filter((to) => !edges.some((edge) => edge.from === from && edge.to === to)),
    ]),
  );

/** The shortest way from one file to another by imports, both included, if there is one. */
const wayBetween = (graph: Graph, start: string, goal: string): readonly string[] | undefined => {
  const seen = new Set<string>();
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const longer = ways.flatMap((way) => (graph.get(way.at(-1) ?? '') ?? []).map((next) => [...way, next]));
    const arrived = longer.find((way) => way.at(-1) === goal);
    if (arrived !== undefined) return arrived;
    ways = longer.filter((way) => {
      const last = way.at(-1) ?? '';
      return seen.has(last) ? false : seen.add(last);
    });
  }
  return undefined;
};

/** Each circle as `a → b → a`, once, from the file that is first in the alphabet. Allowed imports close none. */
export const circles = (sources: readonly Source[], allowed: readonly Edge[] = []): readonly string[] => {
  const graph = without(graphOf(sources), allowed);
  return [...graph.keys()].toSorted().flatMap((file) => {
    const circle = wayBetween(graph, file, file);
    return circle === undefined || circle.toSorted()[0] !== file ? [] : [circle.join(' → ')];
  });
};

/** Allowed imports that close no circle any more. */
export const needless = (sources: readonly Source[], allowed: readonly Edge[]): readonly Edge[] => {
  const graph = graphOf(sources);
  return allowed.filter(({ from, to }) => {
    const closes = graph.get(from)?.includes(to) === true && wayBetween(graph, to, from) !== undefined;
    return !closes;
  });
};
