/** Asks an IAM simulator what AWS would decide. */

import { runSimulation, runUnsafeSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import { recordOf } from '../lib/template/permissions.ts';
import type { AwsCall, Context } from './aws-call.ts';
import { account, type Deployed, type Statement } from './deployed.ts';

/** The statements of the role that allow it, by their place; none, and it is refused. */
export type Decision = { readonly isAllowed: boolean; readonly by: readonly number[] };

/** What a role of these statements gets as an answer to a call of its function. */
export const decide = async (
  deployed: Deployed,
  { by, action, on, context }: AwsCall,
  statements?: readonly Statement[],
): Promise<Decision> => {
  const role = deployed.roles[by];
  if (role === undefined) throw new Error(`The template has no ${by}`);
  const resource = deployed.arnOf(on);
  const asked = { principal: role.arn, action, resource, context };
  return on.startsWith('+')
    ? decideOnPhone(asked, statements ?? role.statements)
    : await simulate(asked, statements ?? role.statements, deployed.policyOn(resource));
};

/** What a service of AWS gets as an answer: only the policy of the resource itself can allow it. */
export const decideForService = async (
  deployed: Deployed,
  { service, action, on, context }: Omit<AwsCall, 'by'> & { readonly service: string },
): Promise<boolean> => {
  const resource = deployed.arnOf(on);
  return (await simulate({ principal: service, action, resource, context }, [], deployed.policyOn(resource))).isAllowed;
};

type Asked = {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly context: Context;
};

const simulate = async (
  asked: Asked,
  statements: readonly Statement[],
  resourcePolicy: readonly Statement[] | undefined,
): Promise<Decision> => {
  const simulation = {
    ...simulationOf(asked, statements),
    ...(resourcePolicy === undefined ? {} : { resourcePolicy: document(resourcePolicy.map(respelled)) }),
  };
  const question = JSON.stringify(simulation);
  const known = answers.get(question) ?? run(asked, simulation);
  answers.set(question, known);
  return await known;
};

/** The same question has the same answer, and mutants of a template ask almost the same questions. */
const answers = new Map<string, Promise<Decision>>();

const run = async (asked: Asked, simulation: Simulation): Promise<Decision> => {
  const answer = await runSimulation(simulation, {});
  if (answer.resultType === 'error') throw new Error(`Cannot simulate ${JSON.stringify(asked)}: ${reason(answer)}`);
  // Who asks for all alarms is decided on for each pattern of the policies.
  const results = answer.resultType === 'single' ? [answer.result] : answer.results;
  const ignored = results.flatMap(({ ignoredContextKeys = [] }) => ignoredContextKeys);
  if (ignored.length > 0) throw new Error(`${asked.action} has no condition keys ${ignored}`);
  return {
    isAllowed: answer.overallResult === 'Allowed',
    by: results.flatMap(({ analysis }) =>
      (analysis.identityAnalysis?.allowStatements ?? []).map(({ policyId }) => Number(policyId)),
    ),
  };
};

const reason = (answer: { readonly resultType: string }): string => JSON.stringify(answer).slice(0, 500);

/** A phone number is a resource without an ARN, which the simulator takes only where it does not validate. */
const decideOnPhone = (asked: Asked, statements: readonly Statement[]): Decision => {
  const allows = (some: readonly Statement[]) => runUnsafeSimulation(simulationOf(asked, some), {}) === 'Allowed';
  return {
    isAllowed: allows(statements),
    by: statements.flatMap((statement, place) => (allows([statement]) ? [place] : [])),
  };
};

/** A policy per statement on the action, named by its place, so that the answer tells them apart. */
const simulationOf = (
  { principal, action, resource, context }: Asked,
  statements: readonly Statement[],
): Simulation => ({
  request: {
    principal,
    action,
    resource: { resource, accountId: account },
    contextVariables: Object.fromEntries(
      Object.entries(context).map(([key, value]) => [respell(key), typeof value === 'string' ? value : [...value]]),
    ),
  },
  identityPolicies: statements.flatMap((statement, place) =>
    isOn(action, statement) ? [{ name: String(place), policy: document([respelled(statement)]) }] : [],
  ),
  serviceControlPolicies: [],
  resourceControlPolicies: [],
});

const isOn = (action: string, { Action }: Statement): boolean =>
  typeof Action !== 'string' || /[*?]/.test(Action) || Action.toLowerCase() === action.toLowerCase();

const document = (Statement: readonly Statement[]) => ({ Version: '2012-10-17', Statement: [...Statement] });

/**
 * The simulator drops condition keys that end in a name of one's own after a colon (`kms:EncryptionContext:purpose`),
 * but keeps those after a slash. Policies and calls are respelled alike; operators and values stay as they are.
 */
const respell = (key: string): string =>
  key.startsWith('kms:EncryptionContext:') ? `aws:PrincipalTag/${key.replaceAll(':', '-')}` : key;

const respelled = (statement: Statement): Statement => {
  if (statement['Condition'] === undefined) return statement;
  const operators = Object.entries(recordOf(statement['Condition'])).map(([operator, claims]) => [
    operator,
    Object.fromEntries(Object.entries(recordOf(claims)).map(([key, value]) => [respell(key), value])),
  ]);
  return { ...statement, Condition: Object.fromEntries(operators) };
};
