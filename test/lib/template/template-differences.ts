/** Compares templates; what it does not know to compare it compares as a whole, so that no difference passes. */

import { isDeepStrictEqual } from 'node:util';
import { type Resources, recordOf } from './permissions.ts';

type Template = Readonly<Record<string, unknown>>;

const resourcesIn = (template: Template): Resources => recordOf(template['Resources']) as Resources;

/** `- type id` for a resource that only the first has, `+ type id` for one that only the second has, `~ place` for what differs. */
export const differencesOf = (one: Template, other: Template): readonly string[] => {
  const [before, after] = [resourcesIn(one), resourcesIn(other)];
  const gone = Object.entries(before).flatMap(([id, { Type }]) => (after[id] === undefined ? [`- ${Type} ${id}`] : []));
  const come = Object.entries(after).flatMap(([id, { Type }]) => (before[id] === undefined ? [`+ ${Type} ${id}`] : []));
  const changed = Object.entries(before).flatMap(([id, resource]) =>
    after[id] === undefined || isDeepStrictEqual(resource, after[id]) ? [] : [`~ ${resource.Type} ${id}`],
  );
  const sections = new Set([...Object.keys(one), ...Object.keys(other)]);
  const others = [...sections]
    .filter((section) => section !== 'Resources' && !isDeepStrictEqual(one[section], other[section]))
    .map((section) => `~ ${section}`);
  return [...gone, ...come, ...changed, ...others];
};
