import { generateKeyPairSync } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createFaults } from '../aws/faults.ts';
import { asRecord } from '../aws/json.ts';
import { listenOnLoopback, readBody } from '../http/loopback.ts';
import { type CarrierRefusal, carrierRefusal, carrierRefusalOf } from './refusal.ts';
import { type CarrierClient, createTokens } from './token-endpoint.ts';

/** What the carrier knows of a SIM. */
export type Sim =
  | { readonly kind: 'swapped'; readonly atMs: number }
  /** No swap in the days that the carrier watches. */
  | { readonly kind: 'unchanged'; readonly monitoredDays: number }
  /** The carrier may not tell. */
  | { readonly kind: 'untold' }
  /** The number belongs to another carrier, or to no SIM. */
  | { readonly kind: 'foreign' | 'not-applicable' };

/** `slow` never answers; `down` drops the connection. The others are answers. */
export const carrierFaults = [
  'slow',
  'down',
  'internal-error',
  'unavailable',
  'busy',
  'quota',
  'redirect',
  'not-json',
  'revoked',
] as const;
export type CarrierFault = (typeof carrierFaults)[number];

export type Carrier = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** The private key of the client as a JWK: what its secret holds. */
  readonly secret: string;
  /** Registers a client. Its key is that of `secret`. */
  readonly register: (client: CarrierClient) => void;
  readonly set: (phoneNumber: string, sim: Sim | undefined) => void;
  /** Arms a fault for the next `times` calls of the API, 1 by default. */
  readonly fail: (mode: CarrierFault, times?: number) => void;
  /** Paths of the calls that came, oldest first. */
  readonly calls: readonly string[];
  /** Forgets SIMs, faults and calls. */
  readonly clear: () => void;
};

// A local mode that runs for days must not grow without end.
const callLimit = 10_000;

/** Without a word of anybody, a SIM is as old as most are. */
const unchanged: Sim = { kind: 'unchanged', monitoredDays: 120 };

/**
 * Stands in for a carrier with the CAMARA API SIM Swap 2.1, made from its published description:
 * https://github.com/camaraproject/SimSwap/blob/r3.3/code/API_definitions/sim-swap.yaml
 */
export const startCarrier = async ({ now }: { readonly now: () => number }): Promise<Carrier> => {
  const { server, url, stop } = await listenOnLoopback();
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const named = { kid: 'local', alg: 'ES256' };
  const clients = new Map<string, CarrierClient>();
  const tokens = createTokens({
    audience: () => `${url}/token`,
    publicKey: { ...publicKey.export({ format: 'jwk' }), ...named },
    client: (id) => clients.get(id),
    now,
  });
  const sims = new Map<string, Sim>();
  const calls: string[] = [];
  const faults = createFaults<CarrierFault, undefined>();
  const simOf = (phoneNumber: string) => sims.get(phoneNumber) ?? unchanged;
  const desk: Desk = { tokens, simOf, now, strike: () => faults.strike(undefined) };
  server.on('request', (request, response) => {
    if (calls.length === callLimit) calls.shift();
    calls.push(request.url ?? '');
    answer(desk, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    secret: JSON.stringify({ ...privateKey.export({ format: 'jwk' }), ...named }),
    register: (client) => void clients.set(client.clientId, client),
    set: (phoneNumber, sim) => void (sim === undefined ? sims.delete(phoneNumber) : sims.set(phoneNumber, sim)),
    fail: (mode, times = 1) => faults.arm(mode, { times }),
    calls,
    clear: () => {
      sims.clear();
      faults.clear();
      calls.length = 0;
    },
  };
};

type Desk = {
  readonly tokens: ReturnType<typeof createTokens>;
  readonly simOf: (phoneNumber: string) => Sim;
  readonly now: () => number;
  readonly strike: () => CarrierFault | undefined;
};

type Answer = CarrierRefusal & { readonly headers?: Readonly<Record<string, string>> };

/** https://github.com/camaraproject/Commonalities/blob/r3.3/documentation/CAMARA-API-Design-Guide.md */
const correlator = /^[a-zA-Z0-9\-_:;./<>{}]{0,256}$/;

const answer = async (desk: Desk, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const body = (await readBody(request, 64 * 1024))?.toString('utf8') ?? '';
  const isToken = request.url === '/token';
  const fault = isToken ? undefined : desk.strike();
  if (fault === 'slow') return;
  if (fault === 'down') return void request.socket.resetAndDestroy();
  const known = request.headers['x-correlator'];
  const echoed = typeof known === 'string' && known !== '' ? { 'x-correlator': known } : {};
  const answered = await (isToken ? issue(desk, request, body) : answerApi(desk, request, body, fault)).catch(
    (thrown: unknown): Answer => carrierRefusalOf(thrown),
  );
  const text = fault === 'not-json' ? '<html>' : JSON.stringify(answered.body);
  response.writeHead(answered.status, { 'content-type': 'application/json', ...echoed, ...answered.headers }).end(text);
};

const issue = async ({ tokens }: Desk, request: IncomingMessage, body: string): Promise<Answer> => {
  if (request.method !== 'POST' || request.headers['content-type'] !== 'application/x-www-form-urlencoded')
    throw carrierRefusal(400, 'invalid_request', '', { error: 'invalid_request' });
  return { status: 200, body: await tokens.issue(body) };
};

const answerApi = async (
  { tokens, simOf, now }: Desk,
  request: IncomingMessage,
  text: string,
  fault: CarrierFault | undefined,
): Promise<Answer> => {
  if (fault === 'revoked') tokens.revokeAll();
  const question = /^\/sim-swap\/v2\/(check|retrieve-date)$/.exec(request.url ?? '')?.[1];
  if (question === undefined || request.method !== 'POST')
    throw carrierRefusal(404, 'NOT_FOUND', 'The specified resource is not found.');
  tokens.require(request.headers.authorization, `sim-swap:${question}`);
  const stated = answerOf(fault);
  if (stated !== undefined) return stated;
  if (!correlator.test(String(request.headers['x-correlator'] ?? '')))
    throw invalid('x-correlator holds a character that it must not.');
  const { phoneNumber, maxAge } = read(request, text, question);
  const sim = simOf(phoneNumber);
  if (sim.kind === 'foreign') throw carrierRefusal(404, 'IDENTIFIER_NOT_FOUND', 'Device identifier not found.');
  if (sim.kind === 'not-applicable')
    throw carrierRefusal(422, 'SERVICE_NOT_APPLICABLE', 'The service is not available for the provided identifier.');
  return { status: 200, body: question === 'check' ? checked(sim, maxAge, now()) : dated(sim) };
};

const answerOf = (fault: CarrierFault | undefined): Answer | undefined => {
  const refused = (status: number, code: string, headers = {}): Answer => ({
    status,
    body: { status, code, message: code },
    headers,
  });
  if (fault === 'internal-error') return refused(500, 'INTERNAL');
  if (fault === 'unavailable') return refused(503, 'UNAVAILABLE');
  if (fault === 'busy') return refused(429, 'TOO_MANY_REQUESTS', { 'retry-after': '5' });
  if (fault === 'quota') return refused(429, 'QUOTA_EXCEEDED');
  if (fault === 'redirect') return { status: 302, body: {}, headers: { location: 'http://127.0.0.1:1/' } };
  return undefined;
};

const invalid = (message: string) => carrierRefusal(400, 'INVALID_ARGUMENT', message);

const read = (request: IncomingMessage, text: string, question: string) => {
  if (request.headers['content-type'] !== 'application/json')
    throw invalid('The content type must be application/json.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('The body is not JSON.');
  }
  const { phoneNumber, maxAge = 240, ...others } = asRecord(parsed);
  const strange = [
    ...Object.keys(others),
    ...(question === 'check' ? [] : 'maxAge' in asRecord(parsed) ? ['maxAge'] : []),
  ];
  if (strange.length > 0) throw invalid(`Not part of the request: ${strange.join(', ')}.`);
  if (phoneNumber === undefined)
    throw carrierRefusal(422, 'MISSING_IDENTIFIER', 'The phone number cannot be identified.');
  if (typeof phoneNumber !== 'string' || !/^\+[1-9][0-9]{4,14}$/.test(phoneNumber))
    throw invalid('phoneNumber is no E.164.');
  if (typeof maxAge !== 'number' || !Number.isInteger(maxAge)) throw invalid('maxAge is no whole number.');
  if (maxAge < 1 || maxAge > 2400) throw carrierRefusal(400, 'OUT_OF_RANGE', 'Client specified an invalid range.');
  return { phoneNumber, maxAge };
};

const hourMs = 3_600_000;

const checked = (sim: Sim, maxAge: number, nowMs: number): object => ({
  swapped: sim.kind === 'swapped' && nowMs - sim.atMs <= maxAge * hourMs,
});

const dated = (sim: Sim): object => {
  if (sim.kind === 'swapped') return { latestSimChange: new Date(sim.atMs).toISOString() };
  return { latestSimChange: null, ...(sim.kind === 'unchanged' ? { monitoredPeriod: sim.monitoredDays } : {}) };
};
