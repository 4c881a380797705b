/** Runs the first flow of a bundle in a fresh process, as a cold start does, and says what it took. */

import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { stackNameVariable } from '../../../lambdas/contract.ts';

export type FirstFlow = {
  /** Time to import the bundle. */
  readonly loadMs: number;
  /** Time from the call of the handler to its answer. */
  readonly firstFlowMs: number;
  /** Time from the start of the process to that answer. */
  readonly totalMs: number;
  /** CPU of all threads of the process, from the import to that answer. */
  readonly cpuMs: number;
  /** The part of the import. On Lambda it has a whole core, which the first flow has not. */
  readonly loadCpuMs: number;
  /** What the handler answered. */
  readonly answer: unknown;
  /** `process.moduleLoadList` after the answer: the modules of Node that were loaded. */
  readonly modules: readonly string[];
};

export type Flow = {
  /** Path of the bundle, which exports `handler`. */
  readonly bundle: string;
  /** The whole environment of the process; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly event: unknown;
};

export type Endpoints = { readonly dynamodb: string; readonly kms: string; readonly sns: string };

/** What Lambda sets in every function, and where the services are. */
export const lambdaEnvironment = (name: string, endpoints: Endpoints): Readonly<Record<string, string>> => ({
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_SESSION_TOKEN: 'test',
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  LAMBDA_TASK_ROOT: '/var/task',
  [stackNameVariable]: 'bench',
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_ENDPOINT_URL_KMS: endpoints.kms,
  AWS_ENDPOINT_URL_SNS: endpoints.sns,
});

const child = path.join(import.meta.dirname, 'fresh.mjs');
const mustBeOver = 30_000;

/** Throws, with what the process wrote, when there was no answer. */
export const firstFlow = async ({ bundle, env, event }: Flow): Promise<FirstFlow> => {
  const running = spawn(process.execPath, [child, pathToFileURL(bundle).href, JSON.stringify(event)], {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    timeout: mustBeOver,
  });
  const [, out, err, report] = running.stdio;
  const texts = [out, err, report].map((stream) => text(stream as Readable));
  const [logs, errors, json] = await Promise.all(texts);
  if (json === undefined || json === '') throw new Error(`${bundle} gave no answer.\n${errors}${logs}`);
  return JSON.parse(json);
};
