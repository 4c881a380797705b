import { readFileSync } from 'node:fs';
import {
  type AnyFunctionName,
  functions,
  hourlySealKeyVariable,
  policyFile,
  stackNameVariable,
  webhookQueueVariables,
} from './contract.ts';
import type { Policy } from './policy.ts';

/** The variables that the contract gives to a function, and no other. */
export type Environment<Name extends AnyFunctionName> = {
  readonly [Variable in (typeof functions)[Name]['environment'][number]]: string;
};

/** @throws Error that names the missing variables, when the container starts. */
export const readEnvironment = <Name extends AnyFunctionName>(name: Name): Environment<Name> => {
  const variables = functions[name].environment.map((variable) => [variable, process.env[variable]] as const);
  const missing = variables.filter(([, value]) => !value).map(([variable]) => variable);
  if (missing.length > 0) {
    throw new Error(`${name} needs the environment variables ${missing.join(', ')}. The stack sets them.`);
  }
  return Object.fromEntries(variables) as Environment<Name>;
};

/** @throws Error if it is missing: no alarm would watch the metrics. */
export const readStackName = (): string => {
  const name = process.env[stackNameVariable];
  if (!name)
    throw new Error(`${stackNameVariable} is missing: the name of the stack, for the metrics. The stack sets it.`);
  return name;
};

/**
 * ARN of the key from which keys of hours are derived, if the settings ask for it.
 *
 * @throws Error if it is missing and the policy seals with it.
 */
export const readHourlySealKey = ({ sealing }: Pick<Policy, 'sealing'>): string | undefined => {
  const arn = process.env[hourlySealKeyVariable];
  if (arn) return arn;
  if (sealing === 'hourly')
    throw new Error(`${hourlySealKeyVariable} is missing: the settings have sealing: 'hourly'. The stack sets it.`);
  return undefined;
};

/** URLs of the queues of webhooks. A stack without webhooks has none. */
export const readWebhookQueues = (): { readonly waiting: string; readonly deadLetters: string } | undefined => {
  const [waiting, deadLetters] = webhookQueueVariables.map((variable) => process.env[variable]);
  return waiting && deadLetters ? { waiting, deadLetters } : undefined;
};

/** The name of this function. Lambda sets it. */
export const readFunctionName = (): string => {
  const name = process.env['AWS_LAMBDA_FUNCTION_NAME'];
  if (!name) throw new Error('AWS_LAMBDA_FUNCTION_NAME is missing. Lambda sets it.');
  return name;
};

/** The policy beside the bundle. The settings were validated before it was written. */
export const readPolicy = (bundle: string): Policy => JSON.parse(readFileSync(new URL(policyFile, bundle), 'utf8'));

/** The credentials of each application. */
export const readApplications = (text: string): Readonly<Record<string, readonly string[]>> => JSON.parse(text);

/** ARN of each key by its name. */
export const readKeys = (text: string): Readonly<Record<string, string>> => JSON.parse(text);

/** ARN of each CodeKey by generation, the newest last. */
export const readCodeKeys = (text: string): Readonly<Record<string, string>> => JSON.parse(text);
