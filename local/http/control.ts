import type { IncomingMessage } from 'node:http';
import { keys as keyFacts, securityHeaders } from '../../lambdas/contract.ts';
import type { Topic } from '../aws/alarms/topic.ts';
import { asRecord } from '../aws/dynamo.ts';
import type { BusEvent } from '../aws/eventbridge.ts';
import { type KmsKeyState, kmsKeyStates } from '../aws/kms.ts';
import type { MappingSwitch } from '../aws/lambda.ts';
import { type SmsMessage, type SnsFault, snsFaults } from '../aws/sns.ts';
import type { Clock } from '../clock.ts';
import type { Mail } from '../mails/mails.ts';
import type { RefusalLedger } from '../refusals/ledger.ts';
import type { Target } from './gateway-event.ts';
import { readBody } from './loopback.ts';
import { type MessagingControls, messagingRoutes } from './messaging.ts';
import { type Answer, gatewayAnswer, jsonAnswer, problemAnswer } from './problem.ts';
import { type SimControls, simRoutes } from './sims.ts';
import { routesOfPlay, type TrafficControls, trafficRoutes } from './traffic.ts';

/** The parts of the stack that the page and tests may read and steer. */
export type Controls = TrafficControls &
  MessagingControls &
  Pick<SimControls, 'carrier'> & {
    readonly apiKey: string;
    readonly clock: Clock;
    readonly messages: (to?: string) => readonly SmsMessage[];
    readonly events: () => readonly BusEvent[];
    readonly mails: () => readonly Mail[];
    readonly strike: () => Promise<void>;
    readonly mapping: MappingSwitch;
    readonly topic: Topic;
    /** @returns false if there is no such key here. */
    readonly setKeyState: (name: keyof typeof keyFacts, state: KmsKeyState) => boolean;
    readonly fail: (mode: SnsFault, options: { times: number; to?: string }) => void;
    readonly clearFaults: () => void;
    readonly refusals: RefusalLedger['list'];
    readonly reset: () => Promise<void>;
    readonly facts: () => Promise<Facts>;
  };

/** Facts of this instance, for the page and for client apps. */
export type Facts = {
  /** Whether limits hold, or `--no-limits` lifted them. */
  readonly limits: boolean;
  /** Whether the settings ask for receipts. */
  readonly receipts: boolean;
  /** Whether the settings ask providers about SIMs. */
  readonly numberRisk: boolean;
  /** If the settings have calls. */
  readonly voice?: { readonly countries: readonly string[] };
  readonly countries: readonly string[];
  readonly purposes: readonly string[];
  readonly applications: readonly {
    readonly name: string;
    readonly kind: string;
    readonly apiKey: string;
    readonly purposes: readonly string[];
  }[];
};

type Reply = { readonly requestId: string; readonly endpoint: string };

/**
 * Answers `/_local/…`, which exists in local mode only:
 *
 * - `GET /_local/messages?to=%2B91…`: the inbox of the simulated network, newest first; without `to`, of all numbers.
 *   `[{ to, text, at, messageId, attributes }]`; with `limit=100`, at most 100 of them.
 * - `GET /_local/events`: the events on the bus of findings, newest first: `[{ id, source, detailType, at, detail, … }]`.
 * - `GET /_local/mails`: the mails that findings became, newest first: `[{ at, eventId, text }]`.
 * - `POST /_local/strike` `{}`: calls the functions that have a schedule, now. Answers 204 when they are done.
 * - `GET /_local/mapping`: `{ enabled }`, whether the stream feeds the detector.
 * - `POST /_local/mapping` `{ "enabled": false }`: disables the event source mapping, or enables it again; answers as GET does.
 *   While it is disabled, the stream waits. The next call by the schedule finds it disabled.
 * - `POST /_local/keys` `{ "key": "seal", "state": "Disabled" }`: disables a key, lets it wait for its deletion, or enables it
 *   again.
 * - `POST /_local/receivers` `{ "confirmed": 1, "pending": 0 }`: so many subscribe to the topic of alarms.
 * - `GET /_local/client`: `{ endpoint, apiKey }`, the facts that a client app needs; the endpoint ends in the stage, if any.
 * - `GET /_local/clock`: `{ now, offsetSeconds }`, the time that the functions see.
 * - `POST /_local/clock` `{ "advanceSeconds": 300 }`: moves that time forward; answers as GET does.
 * - `POST /_local/faults` `{ "mode": "throttle", "times": 1, "to": "+91…" }`: the next `times` (default 1) SMS, of one
 *   number if given, fail in a way that `snsFaults` lists. Mode `none` ends all faults. Answers 204.
 * - `POST /_local/messaging/faults`: the same for End User Messaging and Notify, in a way that `smsVoiceFaults` lists.
 * - `POST /_local/messaging/opt-outs` `{ "to": "+91…" }`: the holder opts out there. Answers 204.
 * - `POST /_local/messaging/receipts` `{ "script": "unreachable", "times": 1, "to": "+91…" }`: what becomes of the next messages
 *   there, as `receiptScripts` lists; without a script, hands over the receipts that are due. Answers `{ delivered }`.
 * - `POST /_local/sims` `{ "phoneNumber": "+91…", "sim": "swapped", "hoursAgo": 1 }`: what the carrier says of a SIM. Answers 204.
 * - `POST /_local/sims/faults` `{ "mode": "slow", "times": 1 }`: the next look-ups fail, in a way that `carrierFaults` lists.
 * - `GET /_local/refusals?requestId=…`: the latest 200 refusals with the reasons that the API may not tell, newest first:
 *   `[{ at, requestId, status, code, why, until?, lift? }]`; without `requestId`, all of them.
 * - `GET /_local/settings`: `{ endpoint, limits, receipts, numberRisk, countries, purposes, applications: [{ name, kind, apiKey, purposes }] }`,
 *   and `voice: { countries }` if the settings have calls.
 * - `GET /_local/traffic`: `{ plays: [{ play, title, detail, kind }], running: [Progress] }`.
 * - `POST /_local/traffic` `{ "play": "A1" }`: plays an attack, or legitimate traffic. Answers 202 with its `Progress`; 409 while
 *   another play runs. With `"hurry": true` the clock moves in place of every wait.
 * - `GET /_local/traffic/{id}`: the `Progress` of a play.
 * - `POST /_local/traffic/stop` `{}`: ends the play that runs. Answers with its `Progress`, or `{}` if none runs.
 * - `DELETE /_local/state`: makes everything as it is after a start, except the keys. Answers 204 when it is done.
 *
 * Bodies must be application/json. A page of another origin cannot send that, or DELETE, without a preflight request.
 */
export const answerControl = async (
  controls: Controls,
  request: IncomingMessage,
  { segments, query }: Target,
  reply: Reply,
): Promise<Answer> => {
  const name = segments.slice(1).join('/');
  const methods = methodsAt(name);
  if (methods === undefined) return gatewayAnswer('RESOURCE_NOT_FOUND', reply);
  const method = request.method ?? '';
  const act = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (act === undefined)
    return problemAnswer('method-not-allowed', { ...reply, detail: `Use ${Object.keys(methods).join(' or ')}.` });
  const hasNoBody = method === 'GET' || method === 'DELETE';
  if (hasNoBody) return act(controls, { query, input: {}, reply });
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? ''))
    return gatewayAnswer('UNSUPPORTED_MEDIA_TYPE', reply);
  const input = parseJson(await readBody(request, 8192));
  if (input === undefined) return gatewayAnswer('BAD_REQUEST_BODY', reply);
  return act(controls, { query, input, reply });
};

/** What a path takes, by the method. */
const methodsAt = (name: string): Readonly<Record<string, Act>> | undefined => {
  if (Object.hasOwn(controlRoutes, name)) return controlRoutes[name];
  const [, playId] = /^traffic\/([^/]+)$/.exec(name) ?? [];
  return playId === undefined ? undefined : routesOfPlay(playId);
};

type Act = (
  controls: Controls,
  asked: { query: URLSearchParams; input: Readonly<Record<string, unknown>>; reply: Reply },
) => Answer | Promise<Answer>;

const clockAnswer = ({ clock }: Controls): Answer =>
  jsonAnswer({ now: new Date(clock.now()).toISOString(), offsetSeconds: clock.offsetMs() / 1000 });

const controlRoutes: Readonly<Record<string, Readonly<Record<string, Act>>>> = {
  messages: {
    GET: ({ messages }, { query, reply }) => {
      const limit = query.get('limit') ?? undefined;
      if (limit !== undefined && !/^[1-9]\d{0,5}$/.test(limit))
        return invalid(reply, 'limit must be a whole number from 1 to 999999, for example 100.');
      // A plus sign in a query means a space, unless it is written as %2B.
      const to = query.get('to')?.replace(/^ /, '+');
      if (to !== undefined && !/^\+\d{1,15}$/.test(to))
        return invalid(reply, 'to must be a number with its plus sign, for example %2B919876543210.');
      return jsonAnswer(messages(to).slice(0, limit === undefined ? undefined : Number(limit)));
    },
  },
  events: {
    GET: ({ events }) => jsonAnswer(events()),
  },
  mails: {
    GET: ({ mails }) => jsonAnswer(mails()),
  },
  strike: {
    POST: async ({ strike }) => {
      await strike();
      return empty;
    },
  },
  mapping: {
    GET: ({ mapping }) => jsonAnswer({ enabled: mapping.isEnabled() }),
    POST: ({ mapping }, { input: { enabled }, reply }) => {
      if (typeof enabled !== 'boolean')
        return invalid(reply, 'enabled must be true or false, for example {"enabled":false}.');
      mapping.set(enabled);
      return jsonAnswer({ enabled: mapping.isEnabled() });
    },
  },
  keys: {
    POST: ({ setKeyState }, { input: { key, state }, reply }) => {
      const name = keyNames.find((known) => known === key);
      const next = kmsKeyStates.find((known) => known === state);
      if (name === undefined) return invalid(reply, `key must be one of: ${keyNames.join(', ')}.`);
      if (next === undefined) return invalid(reply, `state must be one of: ${kmsKeyStates.join(', ')}.`);
      return setKeyState(name, next) ? empty : invalid(reply, 'The keys of this instance are not its own.');
    },
  },
  receivers: {
    POST: ({ topic }, { input: { confirmed = 0, pending = 0 }, reply }) => {
      if (!isCount(confirmed) || !isCount(pending))
        return invalid(reply, 'confirmed and pending must be whole numbers from 0 to 1000, for example 1.');
      topic.set([...subscribers(confirmed, true), ...subscribers(pending, false)]);
      return empty;
    },
  },
  client: {
    GET: ({ apiKey }, { reply }) => jsonAnswer({ endpoint: reply.endpoint, apiKey }),
  },
  refusals: {
    GET: async ({ refusals }, { query }) => jsonAnswer(await refusals(query.get('requestId') ?? undefined)),
  },
  settings: {
    GET: async ({ facts }, { reply }) => jsonAnswer({ endpoint: reply.endpoint, ...(await facts()) }),
  },
  state: {
    DELETE: async ({ reset }, { reply }) => {
      try {
        await reset();
        return empty;
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return problemAnswer('internal-error', { ...reply, detail: `Not everything could be emptied. ${why}` });
      }
    },
  },
  ...trafficRoutes,
  ...messagingRoutes,
  ...simRoutes,
  clock: {
    GET: (controls) => clockAnswer(controls),
    POST: (controls, asked) => {
      const { advanceSeconds } = asked.input;
      const tenYears = 3660 * 24 * 3600;
      if (typeof advanceSeconds !== 'number' || Math.abs(advanceSeconds) > tenYears)
        return invalid(asked.reply, 'advanceSeconds must be a number of seconds, at most ten years, for example 300.');
      try {
        controls.clock.advance(advanceSeconds * 1000);
      } catch (error) {
        return invalid(asked.reply, error instanceof Error ? error.message : String(error));
      }
      return clockAnswer(controls);
    },
  },
  faults: {
    POST: ({ fail, clearFaults }, { input, reply }) => {
      const { mode, times = 1, to } = input;
      if (mode === 'none') {
        clearFaults();
        return empty;
      }
      const known = snsFaults.find((fault) => fault === mode);
      if (known === undefined) return invalid(reply, `mode must be one of: none, ${snsFaults.join(', ')}.`);
      if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
        return invalid(reply, 'times must be a whole number from 1, for example 3.');
      if (to !== undefined && typeof to !== 'string')
        return invalid(reply, 'to must be a phone number, for example "+919876543210".');
      fail(known, { times, ...(to === undefined ? {} : { to }) });
      return empty;
    },
  },
};

const keyNames = Object.keys(keyFacts) as readonly (keyof typeof keyFacts)[];

const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 1000;

const subscribers = (count: number, isConfirmed: boolean) =>
  Array.from({ length: count }, (_, at) => ({
    protocol: 'email',
    endpoint: `security-${at + 1}@example.com`,
    isConfirmed,
  }));

const empty: Answer = { status: 204, headers: securityHeaders, body: '' };

const invalid = (reply: Reply, detail: string): Answer => problemAnswer('invalid-request', { ...reply, detail });

const parseJson = (body: Buffer | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const parsed: unknown = JSON.parse(body?.toString('utf8') ?? '');
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? asRecord(parsed) : undefined;
  } catch {
    return undefined;
  }
};
