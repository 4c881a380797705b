import { once } from 'node:events';
import { Agent, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { listenOnLoopback } from '../http/loopback.ts';
import { asList, asRecord } from './json.ts';
import { awsRefusal, refusalOf } from './refusal.ts';

/**
 * Stands before a DynamoDB emulator, and does what DynamoDB does and emulators do not:
 *
 * - A transaction holds its items. Until it ends, another one is canceled with `TransactionConflict`, and a plain write
 *   gets `TransactionConflictException`.
 * - A repeated transaction gets `TransactionInProgressException` while the first one runs.
 * - An entry of a transaction has one action.
 * - The items of `BatchGetItem` come in no promised order. Here they come in the reverse of what was asked.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
 */
export const startDynamoFront = async (target: string): Promise<{ url: string; stop: () => Promise<void> }> => {
  const { server, url, stop } = await listenOnLoopback();
  // A connection that the front closes while a call is on its way would look like an outage of DynamoDB.
  server.keepAliveTimeout = 0;
  const agent = new Agent({ keepAlive: true });
  const held: Held = { items: new Set(), tokens: new Set() };
  server.on('request', (request, response) => {
    answer({ target, agent, held }, request, response).catch(() => request.socket.destroy());
  });
  return {
    url,
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
};

type Held = { readonly items: Set<string>; readonly tokens: Set<string> };
type Behind = { readonly target: string; readonly agent: Agent };

const answer = async (
  { held, ...behind }: Behind & { held: Held },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const body = await buffer(request);
  const operation = String(request.headers['x-amz-target'] ?? '')
    .split('.')
    .at(-1);
  let release = () => {};
  try {
    if (operation === 'TransactWriteItems') release = hold(held, jsonOf(body));
    if (held.items.size > 0 && plainWrites.includes(operation ?? '')) refuseHeld(held, jsonOf(body));
    const passed = await passOn(behind, request, body);
    if (operation === 'BatchGetItem' && passed.status === 200)
      return send(response, 200, reversed(jsonOf(passed.body)));
    response.writeHead(passed.status, passed.headers).end(passed.body);
  } catch (thrown) {
    const refusal = refusalOf(thrown);
    if (refusal === undefined) throw thrown;
    const reasons = reasonsOf.get(thrown as Error);
    send(response, refusal.status, {
      __type: `com.amazonaws.dynamodb.v20120810#${refusal.code}`,
      message: refusal.message,
      ...(reasons === undefined ? {} : { CancellationReasons: reasons }),
    });
  } finally {
    release();
  }
};

const jsonOf = (body: Buffer): Readonly<Record<string, unknown>> => {
  try {
    return asRecord(JSON.parse(body.toString('utf8')));
  } catch {
    // The emulator says what is wrong with it.
    return {};
  }
};

const send = (response: ServerResponse, status: number, value: object): void => {
  const body = Buffer.from(JSON.stringify(value));
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': body.length });
  response.end(body);
};

const plainWrites: readonly string[] = ['PutItem', 'UpdateItem', 'DeleteItem'];
const actions = ['ConditionCheck', 'Put', 'Update', 'Delete'];

/** Cancellation reasons, one for each entry of the transaction. */
const reasonsOf = new WeakMap<Error, readonly object[]>();

/** Holds the items of a transaction until the returned function is called. */
const hold = ({ items, tokens }: Held, input: Readonly<Record<string, unknown>>): (() => void) => {
  const entries = asList(input['TransactItems']);
  if (entries.some((entry) => Object.keys(entry).length !== 1 || !actions.includes(Object.keys(entry)[0] ?? '')))
    throw awsRefusal('ValidationException', 'TransactItems can only contain one of Check, Put, Update or Delete');
  const token = input['ClientRequestToken'];
  if (typeof token === 'string' && tokens.has(token))
    throw awsRefusal('TransactionInProgressException', 'The transaction with the given request token is in progress.');
  const names = entries.map((entry) => itemOf(asRecord(Object.values(entry)[0])));
  if (names.some((name) => items.has(name))) throw conflict(names.map((name) => items.has(name)));
  for (const name of names) items.add(name);
  if (typeof token === 'string') tokens.add(token);
  return () => {
    for (const name of names) items.delete(name);
    if (typeof token === 'string') tokens.delete(token);
  };
};

const conflict = (conflicts: readonly boolean[]): Error => {
  const codes = conflicts.map((isHeld) => (isHeld ? 'TransactionConflict' : 'None'));
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes.join(', ')}]`;
  const error = awsRefusal('TransactionCanceledException', message);
  const reasons = codes.map((Code) =>
    Code === 'None' ? { Code } : { Code, Message: 'Transaction is ongoing for the item' },
  );
  reasonsOf.set(error, reasons);
  return error;
};

const refuseHeld = ({ items }: Held, input: Readonly<Record<string, unknown>>): void => {
  if (items.has(itemOf(input))) throw awsRefusal('TransactionConflictException', 'Transaction is ongoing for the item');
};

/** Table and key of a write: every table of the contract has the key `pk`, and perhaps `sk`. */
const itemOf = (write: Readonly<Record<string, unknown>>): string => {
  const { pk, sk } = asRecord(write['Key'] ?? write['Item']);
  return JSON.stringify([write['TableName'], pk, sk]);
};

const reversed = (output: Readonly<Record<string, unknown>>): object => {
  const responses = Object.entries(asRecord(output['Responses']));
  const turned = responses.map(([table, items]) => [table, [...asList(items)].reverse()]);
  return { ...output, Responses: Object.fromEntries(turned) };
};

type Passed = { readonly status: number; readonly headers: IncomingMessage['headers']; readonly body: Buffer };

const passOn = async ({ target, agent }: Behind, request: IncomingMessage, body: Buffer): Promise<Passed> => {
  const { method, headers, url = '/' } = request;
  const behind = openRequest(new URL(url, target), { method, headers, agent });
  behind.end(body);
  const [answered] = (await once(behind, 'response')) as [IncomingMessage];
  return { status: answered.statusCode ?? 500, headers: answered.headers, body: await buffer(answered) };
};
