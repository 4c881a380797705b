/** Reads a template for what is allowed with a star: any action, any resource, anybody. */

import { linesOf, listOf, type Resources, recordOf, type Spell, statementsIn } from './permissions.ts';

/** `line` is as of `linesOf`; a statement for anybody begins with `anybody: `. */
export type Star = { readonly type: string; readonly line: string };

/** A star that is right. */
export type Explanation = { readonly type: string; readonly lines: RegExp; readonly because: string };

/** Every policy of a resource, wherever in its properties it stands. */
const documentsIn = (value: unknown): readonly unknown[] => {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(documentsIn);
  return 'Statement' in value ? [value, ...inside] : inside;
};

/** Everything that is allowed, with a star or without one. A refusal harms nobody by being wide. */
const allowancesOf = (resources: Resources, spell: Spell): readonly Star[] =>
  Object.values(resources).flatMap(({ Type: type, Properties }) =>
    // A rule of the firewall has a statement, too, which allows nobody anything.
    (type.startsWith('AWS::WAFv2::') ? [] : documentsIn(Properties))
      .flatMap(statementsIn)
      .filter(({ Effect }) => Effect !== 'Deny')
      // The policy by which a role is taken names no resource: it is the role.
      .map((statement) => ('NotResource' in statement ? statement : { Resource: 'itself', ...statement }))
      .flatMap((statement) =>
        linesOf(statement, spell).map((line) => ({ type, line: isForAnybody(statement) ? `anybody: ${line}` : line })),
      ),
  );

const isForAnybody = ({ Principal }: Readonly<Record<string, unknown>>): boolean =>
  Principal === '*' ||
  (typeof Principal === 'object' &&
    Principal !== null &&
    Object.values(recordOf(Principal)).some((each) => listOf(each).includes('*')));

const hasStar = ({ line }: Star): boolean =>
  line.startsWith('anybody: ') || (line.split(' if ')[0] ?? '').includes('*') || line.includes(' on all but ');

const explains =
  ({ type, line }: Star) =>
  (explanation: Explanation): boolean =>
    explanation.type === type && explanation.lines.test(line);

export const unexplainedStars = (
  resources: Resources,
  spell: Spell,
  explanations: readonly Explanation[],
): readonly Star[] =>
  allowancesOf(resources, spell).filter((each) => hasStar(each) && !explanations.some(explains(each)));

export const unusedExplanations = (
  resources: Resources,
  spell: Spell,
  explanations: readonly Explanation[],
): readonly Explanation[] => {
  const stars = allowancesOf(resources, spell).filter(hasStar);
  return explanations.filter((explanation) => !stars.some((star) => explains(star)(explanation)));
};
