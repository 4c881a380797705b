/**
 * Stands before the emulator: answers take as long as those of DynamoDB, a transaction holds its items meanwhile, and what
 * is consumed is counted.
 */

import { Agent, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { listenOnLoopback } from '../../../../local/http/loopback.ts';

export type Consumed = {
  calls: number;
  conflicts: number;
  writeUnits: number;
  readUnits: number;
};

/** Milliseconds from question to answer within a Region, as assumed. */
const takesMs: Readonly<Record<string, number>> = { TransactWriteItems: 15 };
const usuallyTakesMs = 5;
const writing = ['TransactWriteItems', 'PutItem', 'UpdateItem', 'DeleteItem'];

type Write = { readonly TableName: string; readonly Key?: Keys; readonly Item?: Keys };
type Keys = { readonly pk: { readonly S: string }; readonly sk?: { readonly S: string } };
type Input = Partial<Write> & { readonly TransactItems?: readonly Readonly<Record<string, Write>>[] };

const nameOf = ({ TableName, Key, Item }: Partial<Write>): string => {
  const { pk, sk } = Key ?? Item ?? {};
  return [TableName, pk?.S, sk?.S].join('\n');
};

const conflict = (names: readonly string[], held: ReadonlySet<string>, isTransaction: boolean): object => ({
  __type: `com.amazonaws.dynamodb.v20120810#${isTransaction ? 'TransactionCanceledException' : 'TransactionConflictException'}`,
  message: 'Another transaction holds an item.',
  ...(isTransaction
    ? { CancellationReasons: names.map((name) => ({ Code: held.has(name) ? 'TransactionConflict' : 'None' })) }
    : {}),
});

type Billed = { readonly CapacityUnits?: number };

const send = (response: ServerResponse, status: number, body: string | Buffer): void => {
  const length = Buffer.byteLength(body);
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0', 'content-length': length }).end(body);
};

type Passed = { readonly status: number; readonly body: Buffer };
type Target = { readonly url: string; readonly agent: Agent };

const pass = ({ url, agent }: Target, request: IncomingMessage, body: string): Promise<Passed> =>
  new Promise((resolve, reject) => {
    const headers = { ...request.headers, 'content-length': Buffer.byteLength(body) };
    const passed = openRequest(url, { agent, method: 'POST', headers }, (answer) => {
      buffer(answer).then((read) => resolve({ status: answer.statusCode ?? 500, body: read }), reject);
    });
    passed.on('error', reject).end(body);
  });

const count = (operation: string, body: Buffer, consumed: Consumed): void => {
  const { ConsumedCapacity = [] } = JSON.parse(body.toString()) as { ConsumedCapacity?: Billed | readonly Billed[] };
  const unit = operation === 'BatchWriteItem' || writing.includes(operation) ? 'writeUnits' : 'readUnits';
  for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) consumed[unit] += CapacityUnits;
};

export const startFront = async (target: string) => {
  const { server, url, stop } = await listenOnLoopback();
  server.keepAliveTimeout = 0;
  const agent = new Agent({ keepAlive: true });
  const held = new Set<string>();
  let slowness = 1;
  const consumed: Consumed = { calls: 0, conflicts: 0, writeUnits: 0, readUnits: 0 };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
    const input: Input = JSON.parse((await buffer(request)).toString());
    const writes = input.TransactItems?.flatMap((each) => Object.values(each)) ?? [input];
    const names = writing.includes(operation) ? writes.map(nameOf) : [];
    const isTransaction = operation === 'TransactWriteItems';
    consumed.calls += 1;
    if (names.some((name) => held.has(name))) {
      consumed.conflicts += 1;
      return send(response, 400, JSON.stringify(conflict(names, held, isTransaction)));
    }
    if (isTransaction) for (const name of names) held.add(name);
    try {
      const [passed] = await Promise.all([
        pass({ url: target, agent }, request, JSON.stringify({ ...input, ReturnConsumedCapacity: 'TOTAL' })),
        sleep(slowness * (takesMs[operation] ?? usuallyTakesMs)),
      ]);
      if (passed.status === 200) count(operation, passed.body, consumed);
      send(response, passed.status, passed.body);
    } finally {
      if (isTransaction) for (const name of names) held.delete(name);
    }
  };

  server.on('request', (request, response) => {
    answer(request, response).catch(() => request.socket.destroy());
  });
  return {
    url,
    consumed,
    slowDown: (by: number) => {
      slowness = by;
    },
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
};
