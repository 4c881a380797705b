import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import rawSettings from '../../../bin/settings.ts';
import { parseSettings, policyOf, type Settings } from '../../../lib/settings/settings.ts';
import { askPerson } from '../../terminal/ask-person.ts';
import { accountOf, regionOf } from '../identity.ts';
import { callEndUserMessaging } from './aws.ts';
import type { WalkPorts } from './talk.ts';
import { type Ending, type Plan, walkToFirstSms } from './walk.ts';

export type WalkOptions = Pick<Plan, 'name' | 'number'> & {
  readonly region?: string | undefined;
  readonly yes?: boolean | undefined;
};

const patienceMs = 15_000;

const problemWith = (smsRoutes: readonly object[]): string | undefined => {
  try {
    parseSettings({ ...rawSettings, smsRoutes });
    return undefined;
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
};

/** Every digit is as likely as another. */
const newCode = (digits: number): string => Array.from({ length: digits }, () => randomInt(10)).join('');

/** Walks with the settings, the credentials and the terminal of this process. */
export const runFirstSms = async (
  { region: wanted, yes, name, number }: WalkOptions,
  settings: Settings,
): Promise<Ending> => {
  const region = await regionOf(wanted);
  const requestHandler = { requestTimeout: patienceMs, connectionTimeout: 5000, throwOnRequestTimeout: true };
  const isTerminal = process.stdin.isTTY === true && process.stderr.isTTY === true;
  const consent = yes === true ? 'yes' : isTerminal ? 'ask' : 'no';
  const ports: WalkPorts = {
    account: () => accountOf({ region, requestHandler }),
    call: callEndUserMessaging({ region, requestHandler }),
    say: console.log,
    ask: async (question) => (consent === 'ask' ? await askPerson(question) : undefined),
    sleep: (ms) => sleep(ms),
    nowMs: Date.now,
    newCode,
    problemWith,
  };
  const routes: readonly object[] = 'smsRoutes' in rawSettings ? (rawSettings.smsRoutes as readonly object[]) : [{}];
  return await walkToFirstSms(ports)({ region, policy: policyOf(settings), routes, consent, name, number });
};
