import type { Resources } from './permissions.ts';

/** A template that can be broken, and nobody else's. */
export type Mutable = Record<
  string,
  { Type: string; Properties: Record<string, unknown>; DependsOn?: unknown; DeletionPolicy?: string }
>;
export type Change = (resources: Mutable) => void;

/** A copy of a template, with a change. It has to change something, or it would prove nothing. */
export const changed = (resources: Resources, change: Change): Resources => {
  const copy: Mutable = JSON.parse(JSON.stringify(resources));
  change(copy);
  if (JSON.stringify(copy) === JSON.stringify(resources)) throw new Error('The change changed nothing.');
  return copy as Resources;
};

/** The only resource of a type, or the first one for which `isIt` holds. */
export const theOne = (
  resources: Mutable,
  type: string,
  isIt: (properties: Record<string, unknown>) => boolean = () => true,
): Mutable[string] => {
  const found = Object.values(resources).find(({ Type, Properties }) => Type === type && isIt(Properties));
  if (found === undefined) throw new Error(`There is no ${type}.`);
  return found;
};

type Statement = Record<string, unknown>;

/** Changes the statements of a policy, or takes some of them out. */
export const inPolicy = (
  { Properties }: Mutable[string],
  change: (statement: Statement) => Statement | undefined,
  name = 'PolicyDocument',
): void => {
  const document = Properties[name] as { Statement: Statement[] };
  Properties[name] = { ...document, Statement: document.Statement.flatMap((each) => change(each) ?? []) };
};

export const remove = (resources: Mutable, type: string): void => {
  for (const [id, { Type }] of Object.entries(resources)) if (Type === type) delete resources[id];
};
