import {
  type AnyFunctionName,
  type FunctionName,
  functionNames,
  optionalFunctionNames,
} from '../../lambdas/contract.ts';
import { listOf, recordOf } from '../lib/template/permissions.ts';
import type { AwsCall } from './aws-call.ts';
import { decide } from './decide.ts';
import { type Deployed, deploy, type Statement, type Template } from './deployed.ts';
import type { MustNot } from './must-not.ts';

export type Evidence = {
  /** Everything that is done in the name of a function, by itself or by AWS. */
  readonly calls: readonly AwsCall[];
  readonly mustNots: readonly MustNot[];
};

/**
 * Holds the policies of a template against what is really called, and says where they are too narrow or too wide.
 *
 * @param of whose role is looked at; all, unless told otherwise.
 */
export const audit = async (
  template: Template,
  { calls, mustNots }: Evidence,
  of: readonly FunctionName[] = functionNames,
): Promise<readonly string[]> => {
  const deployed = deploy(template);
  const findings = of.map(async (by) => [
    ...deployed.roles[by].unreadable.map((policy) => `${by} has a policy that nobody here can read: ${policy}`),
    ...(await tooNarrow(deployed, calls, by)),
    ...(await unused(deployed, calls, by)),
    ...unnamed(deployed, calls, by),
    ...(await othersMay(deployed, calls, by)),
    ...(await broken(deployed, mustNots, by)),
  ]);
  return (await Promise.all(findings)).flat();
};

/** The calls that the policies of a template do not allow. */
export const refusedCalls = async (template: Template, calls: readonly AwsCall[]): Promise<readonly string[]> => {
  const deployed = deploy(template);
  const all = [...functionNames, ...optionalFunctionNames];
  return (await Promise.all(all.map((by) => tooNarrow(deployed, calls, by)))).flat();
};

const tooNarrow = async (deployed: Deployed, calls: readonly AwsCall[], by: AnyFunctionName): Promise<string[]> =>
  await foundIn(
    calls.filter((call) => call.by === by),
    async (call) => ((await decide(deployed, call)).isAllowed ? undefined : `${spelled(call)} is made, and refused`),
  );

const unused = async (deployed: Deployed, calls: readonly AwsCall[], by: FunctionName): Promise<string[]> => {
  const used = new Set<number>();
  for (const call of calls.filter((each) => each.by === by)) {
    const decision = await decide(deployed, call);
    if (decision.isAllowed) for (const place of decision.by) used.add(place);
  }
  return deployed.roles[by].statements.flatMap((statement, place) => {
    if (statement['Effect'] !== 'Allow') return [];
    if (String(statement['Action']).includes('*')) return [`${by} may ${grant(statement)}: more than one action`];
    return used.has(place) ? [] : [`${by} may ${grant(statement)}, and never does`];
  });
};

/** Items and attributes that a permission lists, and that no call names. */
const unnamed = (deployed: Deployed, calls: readonly AwsCall[], by: FunctionName): readonly string[] =>
  deployed.roles[by].statements.flatMap((statement) => {
    const own = calls.filter((call) => call.by === by && call.action === statement['Action']);
    return listsIn(statement).flatMap(([key, listed]) => {
      const named = own
        .filter(({ on }) => deployed.arnOf(on) === statement['Resource'])
        .flatMap(({ context }) => context[key] ?? []);
      return listed
        .filter((each) => !named.some((name) => fits(name, each)))
        .filter((each) => !namedInConflicts.includes(`${by} ${String(statement['Action'])} ${each}`))
        .map((each) => `${by} may ${grant(statement)} with ${key} ${each}, and never does`);
    });
  });

const fits = (name: string, listed: string): boolean =>
  listed.endsWith('*') ? name.startsWith(listed.slice(0, -1)) : name === listed;

/** Named only if DynamoDB reports a conflict, which the emulator never does: the resend of a test number that is refused. */
const namedInConflicts = ['resend-verification dynamodb:PutItem test'];

const listedKeys = ['dynamodb:LeadingKeys', 'dynamodb:Attributes'];

const listsIn = ({ Condition = {} }: Statement): readonly (readonly [string, readonly string[]])[] =>
  Object.entries(recordOf(Condition)).flatMap(([operator, claims]) =>
    Object.entries(recordOf(claims)).flatMap(([key, values]) =>
      operator.startsWith('ForAllValues:') && listedKeys.includes(key)
        ? [[key, listOf(values).map(String)] as const]
        : [],
    ),
  );

/** What others do, and this function does not, it must not be able to do either. */
const othersMay = async (deployed: Deployed, calls: readonly AwsCall[], by: FunctionName): Promise<string[]> => {
  const own = new Set(calls.filter((call) => call.by === by).map(kindOf));
  const foreign = new Map(calls.filter((call) => !own.has(kindOf(call))).map((call) => [kindOf(call), call]));
  return await foundIn([...foreign.values()], async (call) => {
    const asked = { ...call, by };
    return (await decide(deployed, asked)).isAllowed ? `${spelled(asked)} is allowed, and never done` : undefined;
  });
};

const broken = async (deployed: Deployed, mustNots: readonly MustNot[], by: FunctionName): Promise<string[]> =>
  await foundIn(
    mustNots.filter(({ call }) => call.by === by),
    async ({ rule, call }) => ((await decide(deployed, call)).isAllowed ? `This does not hold: ${rule}` : undefined),
  );

const foundIn = async <Each>(
  list: readonly Each[],
  look: (each: Each) => Promise<string | undefined>,
): Promise<string[]> => (await Promise.all(list.map(look))).filter((finding) => finding !== undefined);

const onWhat = ({ on }: AwsCall): string => (on.startsWith('+') ? 'a phone' : on);
const kindOf = (call: AwsCall): string => `${call.action} ${onWhat(call)}`;
const spelled = (call: AwsCall): string => `${call.by}: ${call.action} on ${onWhat(call)}`;

const grant = ({ Action, Resource, NotResource }: Statement): string =>
  `${String(Action)} on ${Resource === undefined ? `all but ${String(NotResource)}` : String(Resource)}`;
