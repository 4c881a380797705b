import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TableName, tables } from '../../lambdas/contract.ts';
import { listenOnLoopback } from '../http/loopback.ts';
import { startDynamoFront } from './dynamo-front.ts';
import { asRecord } from './json.ts';

export { asList, asRecord } from './json.ts';

/** One DynamoDB call, raw: `target` is the whole `X-Amz-Target`. Rejects with a `DynamoError`. */
export type CallDynamo = (target: string, input: object) => Promise<Readonly<Record<string, unknown>>>;

export type Dynamo = {
  readonly url: string;
  /** The emulator itself, without the front before it. */
  readonly emulatorUrl: string;
  /** The real name of each table of the contract. */
  readonly tables: Readonly<Record<TableName, string>>;
  readonly call: CallDynamo;
  readonly stop: () => Promise<void>;
};

/**
 * Gives the local stack a DynamoDB with the contract's tables, empty. It takes the first of these that is there:
 *
 * - the given endpoint, else `DYNAMODB_ENDPOINT`,
 * - the `dynoxide` binary of the optional package for this platform, else `dynoxide` on the PATH.
 *
 * At a foreign endpoint each start gives the tables new names and deletes them at the end, so that several stacks can
 * share one DynamoDB Local.
 *
 * @param hasFront whether the front of `dynamo-front.ts` stands before the emulator; true by default.
 */
export const startDynamo = async ({
  endpoint = process.env['DYNAMODB_ENDPOINT'],
  hasFront = true,
}: {
  endpoint?: string | undefined;
  hasFront?: boolean;
} = {}): Promise<Dynamo> => {
  const shared = endpoint !== undefined && endpoint !== '';
  const emulator = shared ? { url: endpoint.replace(/\/+$/, ''), stop: async () => {} } : await startDynoxide();
  const call = dynamoCaller(emulator.url);
  const suffix = shared ? `-${randomBytes(4).toString('hex')}` : '';
  const names = {
    verifications: `otp-verifications${suffix}`,
    guards: `otp-guards${suffix}`,
    traffic: `otp-traffic${suffix}`,
    security: `otp-security${suffix}`,
  };
  const stop = async () => {
    if (shared) await deleteTables(call, Object.values(names));
    await emulator.stop();
  };
  try {
    for (const table of tableNames) await createTable(call, table, names[table]);
  } catch (error) {
    await stop();
    throw error instanceof Error && 'code' in error
      ? error
      : new Error(`${emulator.url} does not answer as a DynamoDB. Is it running? Is DYNAMODB_ENDPOINT right?`, {
          cause: error,
        });
  }
  const front = hasFront ? await startDynamoFront(emulator.url) : { url: emulator.url, stop: async () => {} };
  let stopping: Promise<void> | undefined;
  return {
    url: front.url,
    emulatorUrl: emulator.url,
    tables: names,
    call,
    stop: () => {
      stopping ??= front.stop().then(stop);
      return stopping;
    },
  };
};

export const tableNames = Object.keys(tables) as readonly TableName[];

/** The attributes of a table's key, the partition key first. */
export const keysOf = (table: TableName): readonly string[] => {
  const { partitionKey, sortKey } = tables[table];
  return sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
};

/** An error that DynamoDB answered, by its AWS name, such as `ConditionalCheckFailedException`. */
export type DynamoError = Error & { readonly code: string };

export const isDynamoError = (error: unknown, code: string): error is DynamoError =>
  error instanceof Error && 'code' in error && error.code === code;

// DynamoDB Local keeps a database per access key and Region. The functions get the same ones.
const authorization = (service: string) =>
  `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`;

/** Speaks DynamoDB's wire protocol (AWS JSON 1.0); local mode has no AWS SDK of its own. */
export const dynamoCaller =
  (url: string): CallDynamo =>
  async (target, input) => {
    const response = await fetch(`${url}/`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': target,
        'x-amz-date': '20260101T000000Z',
        authorization: authorization('dynamodb'),
      },
      body: JSON.stringify(input),
      signal: AbortSignal.timeout(10_000),
    });
    const output = asRecord(await response.json());
    if (response.ok) return output;
    const code = String(output['__type'] ?? response.status).replace(/^.*#/, '');
    throw Object.assign(new Error(`${target}: ${code}: ${String(output['message'] ?? output['Message'] ?? '')}`), {
      code,
    });
  };

const createTable = async (call: CallDynamo, table: TableName, name: string) => {
  const { timeToLiveAttribute, stream } = tables[table];
  const keys = keysOf(table);
  await call('DynamoDB_20120810.CreateTable', {
    TableName: name,
    AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys.map((AttributeName, index) => ({ AttributeName, KeyType: index === 0 ? 'HASH' : 'RANGE' })),
    BillingMode: 'PAY_PER_REQUEST',
    ...(stream === undefined ? {} : { StreamSpecification: { StreamEnabled: true, StreamViewType: stream } }),
  });
  await untilActive(call, name);
  await call('DynamoDB_20120810.UpdateTimeToLive', {
    TableName: name,
    TimeToLiveSpecification: { Enabled: true, AttributeName: timeToLiveAttribute },
  });
};

const untilActive = async (call: CallDynamo, name: string) => {
  for (let tries = 0; tries < 100; tries += 1) {
    const { Table } = await call('DynamoDB_20120810.DescribeTable', { TableName: name });
    if (asRecord(Table)['TableStatus'] === 'ACTIVE') return;
    await sleep(100);
  }
  throw new Error(`The table ${name} did not become active within 10 seconds.`);
};

const deleteTables = async (call: CallDynamo, names: readonly string[]) => {
  // The endpoint may have ended first, and its tables with it.
  await Promise.allSettled(names.map((name) => call('DynamoDB_20120810.DeleteTable', { TableName: name })));
};

type Emulator = { readonly url: string; readonly stop: () => Promise<void> };

const startDynoxide = async (): Promise<Emulator> => {
  const binary = findDynoxide();
  let lastError: unknown;
  // Another process may take a free port at any time.
  for (let tries = 0; tries < 3; tries += 1) {
    const port = await freePort();
    try {
      return await spawnDynoxide(binary, port);
    } catch (error) {
      lastError = error;
    }
  }
  throw new Error(
    `${binary} does not start. Run it by hand to see why, or set DYNAMODB_ENDPOINT to another emulator.`,
    {
      cause: lastError,
    },
  );
};

const freePort = async (): Promise<number> => {
  const { port, stop } = await listenOnLoopback(0);
  await stop();
  return port;
};

const findDynoxide = (): string => {
  const candidates = [...packagedDynoxide(), ...(process.env['PATH'] ?? '').split(delimiter).map(inFolder)];
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new Error(howToGetDynamo);
  return found;
};

const howToGetDynamo = [
  'Local mode needs a DynamoDB emulator, and there is none here. Do one of these:',
  '  - npm install                      gets the optional package @dynoxide/linux-x64 (Linux on x64)',
  '  - put the dynoxide binary on PATH  (https://github.com/nubo-db/dynoxide has it for other systems)',
  '  - DYNAMODB_ENDPOINT=http://127.0.0.1:8000 npm start',
  '                                     with DynamoDB Local: docker run -p 8000:8000 amazon/dynamodb-local',
].join('\n');

const inFolder = (folder: string) => join(folder, process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide');

const packagedDynoxide = (): string[] => {
  try {
    const manifest = `@dynoxide/${process.platform}-${process.arch}/package.json`;
    return [inFolder(dirname(createRequire(import.meta.url).resolve(manifest)))];
  } catch {
    return [];
  }
};

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

// The kernel closes our end of the pipe at our end, SIGKILL included. Then the shell's `read` ends, and the emulator too.
// A group of its own keeps Ctrl-C from ending the emulator before the requests in flight.
const dieWithParent =
  'exec 3<&0; "$@" 3<&- </dev/null & child=$!; { read -r _ <&3; kill -9 "$child"; } & wait "$child"';

const spawnChild = (binary: string, options: string[]): ChildProcess =>
  process.platform === 'win32'
    ? spawn(binary, options, { stdio: ['pipe', 'pipe', 'pipe'] })
    : spawn('/bin/sh', ['-c', dieWithParent, 'sh', binary, ...options], {
        stdio: ['pipe', 'pipe', 'pipe'],
        detached: true,
        env: {},
      });

const spawnDynoxide = async (binary: string, port: number): Promise<Emulator> => {
  const child = spawnChild(binary, ['--host', '127.0.0.1', '--port', String(port)]);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // A failed write to a dead child is expected: its exit is the error.
  child.stdin?.on('error', () => {});
  const stop = async () => {
    child.stdin?.end();
    if (process.platform === 'win32') child.kill();
    await exited;
  };
  try {
    await untilListening(child);
  } catch (error) {
    await stop();
    throw error;
  }
  let stopping = false;
  exited.then(() => {
    child.stdin?.end();
    if (!stopping) console.error('The DynamoDB emulator has died. Stop local mode and start it again.');
  });
  return {
    url: `http://127.0.0.1:${port}`,
    stop: () => {
      stopping = true;
      return stop();
    },
  };
};

/** Waits for the emulator's own line: a port that answers may belong to another process. */
const untilListening = async (child: ChildProcess): Promise<void> => {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string) => {
      clearTimeout(timer);
      reject(new Error(`${reason} Its output: ${output}`));
    };
    const timer = setTimeout(fail, 10_000, 'No answer within 10 seconds.');
    const hear = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-4096);
      if (!output.includes('listening on')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('error', (error) => fail(String(error)));
    child.once('exit', () => fail('It ended at once.'));
  });
};
