/** A request for each route of operators, good enough to be answered, so that a refusal is one of IAM. */

import { type OperatorRoute, operatorRoutes } from '../../../lambdas/contract.ts';
import type { Answer } from '../../fakes/api-call.ts';
import { isOperator, type Person } from './people.ts';
import type { Request } from './signed.ts';

const reason = 'a thief tries it';
/** Where no other test of the deployment requests a code. */
const range = { range: '+44 7400 77xxxx' };
const country = { country: 'GB' };
const number = '+447400771234';
/** Of no export. */
export const noExport = '20260101T000000Z-00000000';

/** An export holds what has happened. */
const theLastHour = (): object => {
  const now = Date.now();
  return { from: new Date(now - 3_600_000), to: new Date(now - 1000) };
};

const bodyOf = (route: string): object | undefined =>
  route === 'POST /v1/exports' ? { ...theLastHour(), reason } : bodies[route];

const bodies: Readonly<Record<string, object>> = {
  'PATCH /v1/findings/{id}': { status: 'acknowledged', note: reason },
  'POST /v1/blocks': { what: range, reason, forMinutes: 5 },
  'POST /v1/blocks/lift': { what: range, reason },
  'POST /v1/launches': { what: country, reason, forMinutes: 5, expected: 1_000_000_000 },
  'POST /v1/sending/stop': { what: country, reason },
  'POST /v1/sending/resume': { what: country, reason },
  'POST /v1/webhooks/replay': { reason },
  'POST /v1/numbers/history': { number, reason },
  'POST /v1/numbers/erase': { number, reason },
  'POST /v1/numbers/port-notice': { number, reason },
  'POST /v1/numbers/port-notice/lift': { number, reason },
};

/** What stands in a path in place of `{id}`. */
type Ids = { readonly finding: string; readonly export: string };

const nameOf = ({ method, path }: OperatorRoute): string => `${method} ${path}`;

const requestOf = (base: string, route: OperatorRoute, ids: Ids): Request => {
  const { method, path } = route;
  const id = path.includes('findings') ? ids.finding : path.includes('exports') ? ids.export : 'country:GB';
  const body = bodyOf(nameOf(route));
  return {
    method,
    url: `${base}${path.replace('{id}', encodeURIComponent(id))}`,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  };
};

export const routesOf = (person: Person): readonly string[] =>
  operatorRoutes.filter(({ roles }) => isOperator(person) && roles.includes(person)).map(nameOf);

/** Calls all routes, one after the other, and tells the answer to each. */
export const callAll = async (
  call: (request: Request) => Promise<Answer>,
  base: string,
  ids: Ids,
): Promise<ReadonlyMap<string, Answer>> => {
  const answers = new Map<string, Answer>();
  let { export: exported } = ids;
  for (const route of operatorRoutes) {
    const answer = await call(requestOf(base, route, { ...ids, export: exported }));
    answers.set(nameOf(route), answer);
    if (answer.status === 202) exported = String(answer.body['id']);
  }
  return answers;
};

const acts = {
  analyst: ['acknowledge', 'block', 'lift', 'announce-launch', 'cancel-launch', 'stop-sending', 'resume-sending'],
  auditor: ['export'],
  'privacy-officer': ['history', 'erase'],
} as const;

/** The answers of routes to those who may call them, in a stack with the settings as they are shipped. They are no acts. */
export const offByDefault: readonly string[] = ['no-webhooks', 'port-notices-not-used'];

/** What the trail has of somebody who has called all routes. A cancellation has no reason. */
export const actsIn = (person: Person): readonly string[] =>
  isOperator(person) ? acts[person].map((act) => `${act}: ${act === 'cancel-launch' ? '' : reason}`) : [];
