/** The part of the document from which clients are generated: it has no route of operators. */

import { operatorTag } from './operators/words.ts';

type Operation = { readonly tags?: readonly string[] };
type Components = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
type OpenApi = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: Components;
};

const isOfOperators = (operation: unknown): boolean =>
  typeof operation === 'object' && operation !== null && ((operation as Operation).tags ?? []).includes(operatorTag);

/** `schemas/Verification` of `"#/components/schemas/Verification"`. */
const namesIn = (part: unknown): readonly string[] =>
  [...JSON.stringify(part).matchAll(/"#\/components\/([^"]+)"/g)].map(([, name = '']) => name);

const reached = (part: unknown, components: Components): ReadonlySet<string> => {
  const names = new Set(namesIn(part));
  // A set grows while it is read.
  for (const name of names) {
    const [kind = '', each = ''] = name.split('/');
    for (const more of namesIn(components[kind]?.[each] ?? {})) names.add(more);
  }
  return names;
};

const schemesIn = (paths: OpenApi['paths']): ReadonlySet<string> =>
  new Set(
    Object.values(paths)
      .flatMap((methods) => Object.values(methods) as readonly { readonly security?: readonly object[] }[])
      .flatMap(({ security = [] }) => security.flatMap(Object.keys)),
  );

/** Leaves out the routes of operators and the events, and the components that only they need. */
export const clientDocumentOf = <Whole extends OpenApi>(whole: Whole): Whole => {
  const paths = Object.fromEntries(
    Object.entries(whole.paths).filter(([, methods]) => !Object.values(methods).some(isOfOperators)),
  );
  const [names, schemes] = [reached(paths, whole.components), schemesIn(paths)];
  const isNeeded = (kind: string, name: string): boolean =>
    kind === 'securitySchemes' ? schemes.has(name) : names.has(`${kind}/${name}`);
  const components = Object.fromEntries(
    Object.entries(whole.components).map(([kind, each]) => [
      kind,
      Object.fromEntries(Object.entries(each).filter(([name]) => isNeeded(kind, name))),
    ]),
  );
  const tags = whole.tags.filter(({ name }) => name !== operatorTag && name !== 'Events');
  const { webhooks: _, ...others } = { webhooks: undefined, ...whole };
  return { ...others, paths, tags, components } as unknown as Whole;
};
