import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionName, functionNames, policyFile } from '../../lambdas/contract.ts';
import { createTopic } from '../../local/aws/alarms/topic.ts';
import { createMappingSwitch } from '../../local/aws/lambda.ts';
import { createClock } from '../../local/clock.ts';
import type { Controls } from '../../local/http/control.ts';

/** Answers what it was given: the event, the environment and the time. */
export const echo = `
export const handler = async (event, context) => ({
  statusCode: 200,
  headers: { 'x-echo': 'yes' },
  body: JSON.stringify({
    event, environment: process.env, now: Date.now(), date: new Date().toISOString(),
    context, remainingMs: context.getRemainingTimeInMillis(),
  }),
});`;

/** A folder as `bundle/bundle.ts` writes it, with these modules; every function that is not named echoes. */
export const writeBundles = async (modules: Partial<Record<FunctionName, string>> = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'otp-bundles-'));
  for (const name of functionNames) {
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'index.mjs'), modules[name] ?? echo);
    await writeFile(join(folder, name, policyFile), JSON.stringify({ countries: {}, applications: { default: {} } }));
  }
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
};

/** Waits until a claim is true; what it waits for is an event of another process or thread, never luck. */
export const until = async (claim: () => boolean | Promise<boolean>, what: string, seconds = 60): Promise<void> => {
  const deadline = performance.now() + seconds * 1000;
  while (!(await claim())) {
    if (performance.now() > deadline) throw new Error(`It never came true that ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Plays nothing. */
export const noTraffic: Controls['traffic'] = {
  plays: () => [],
  running: () => [],
  start: async () => ({ kind: 'unknown' }),
  stop: async () => undefined,
  find: () => undefined,
};

/** The controls of a gateway that no test of the file uses. */
export const quietControls = (): Controls => ({
  apiKey: 'key',
  clock: createClock(),
  messages: () => [],
  events: () => [],
  mails: () => [],
  strike: async () => {},
  mapping: createMappingSwitch(),
  topic: createTopic('arn:aws:sns:us-east-1:000000000000:alarms'),
  setKeyState: () => true,
  fail: () => {},
  clearFaults: () => {},
  refusals: async () => [],
  reset: async () => {},
  facts: async () => ({
    limits: true,
    receipts: false,
    numberRisk: false,
    countries: [],
    purposes: [],
    applications: [],
  }),
  traffic: noTraffic,
});
