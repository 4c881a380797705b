import { existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { join, resolve as resolvePath } from 'node:path';
import type { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';
import {
  type AnyFunctionName,
  type EnvironmentName,
  functionNames,
  functions,
  hourlySealKeyVariable,
  localStackName,
  metricsNamespace,
  optionalFunctionNames,
  sealingFunctionNames,
  stackNameVariable,
} from '../../lambdas/contract.ts';
import type { Clock } from '../clock.ts';
import type { InvokeMessage, WorkerMessage, WorkerSetup } from './worker.ts';

/** A line that a function wrote. */
export type LogLine = {
  readonly function: AnyFunctionName;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
  /** RFC 3339 UTC, by the machine's clock. */
  readonly at: string;
};

/** The end of an invocation. The payload is the handler's result after a round trip through JSON. */
export type Invocation =
  | { readonly kind: 'answered'; readonly payload: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed-out' };

export type Functions = {
  /** @param alias by which the caller names the function, if by one. */
  readonly invoke: (name: AnyFunctionName, event: object, awsRequestId: string, alias?: string) => Promise<Invocation>;
  /** The lines that the functions have written, oldest first; the last 50,000. */
  readonly logs: () => readonly LogLine[];
  /** Ends all threads, with all that they remember. Invocations in flight fail; the next ones start anew. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type AwsEndpoints = Readonly<
  Record<
    'dynamodb' | 'kms' | 'sns' | 'smsVoice' | 'eventbridge' | 's3' | 'lambda' | 'cloudwatch' | 'secretsManager',
    string
  >
>;

export type FunctionsSetup = {
  /** Folder with `<function>/index.mjs` for every function of the contract. */
  readonly bundles: string;
  /** A value for every name of the contract; each function gets those that are its own. */
  readonly environment: Readonly<Record<EnvironmentName, string>>;
  /** For the functions that seal, if the settings ask for keys of hours. */
  readonly hourlySealKey?: string | undefined;
  readonly endpoints: AwsEndpoints;
  /** URL of the carrier that plays all providers of the settings, if they ask for any. */
  readonly carrier?: string | undefined;
  readonly clock: Clock;
  /** In place of the contract's timeouts, so that a test need not wait. */
  readonly timeoutMs?: number;
  readonly onLog?: (line: LogLine) => void;
};

/**
 * Stands in for Lambda: runs each bundle in a worker thread of its own, started at its first invocation.
 *
 * A thread sees the environment that the contract gives its function and the variables of Lambda. It sees nothing of this
 * process: no real AWS credentials, no profile. One thread takes several invocations at a time, as Lambda's multi-concurrent
 * sandboxes do. A thread that dies is replaced at the next invocation.
 */
export const startFunctions = ({ bundles, ...rest }: FunctionsSetup): Functions => {
  const setup = { ...rest, bundles: resolvePath(bundles) };
  requireBundles(setup.bundles);
  for (const name of allNames) ownEnvironment(name, setup);
  const lines: LogLine[] = [];
  const record = (line: LogLine) => {
    if (lines.length === logLimit) lines.shift();
    lines.push(line);
    setup.onLog?.(line);
  };
  const current = new Map<AnyFunctionName, Sandbox>();
  const alive = new Set<Sandbox>();
  const turnstiles = mapFunctions(() => createTurnstile(maxConcurrency));
  let stopped = false;
  const sandboxOf = (name: AnyFunctionName): Sandbox => {
    const running = current.get(name);
    if (running?.isUsable()) return running;
    const sandbox = startSandbox({ ...setup, name, record, onExit: () => alive.delete(sandbox) });
    alive.add(sandbox);
    current.set(name, sandbox);
    return sandbox;
  };
  return {
    invoke: async (name, event, awsRequestId, alias) => {
      await turnstiles[name].enter();
      try {
        if (stopped) return { kind: 'failed', reason: 'The local stack has been stopped.' };
        return await sandboxOf(name).invoke(event, awsRequestId, alias);
      } finally {
        turnstiles[name].leave();
      }
    },
    logs: () => [...lines],
    restart: async () => {
      await Promise.all([...alive].map((sandbox) => sandbox.stop()));
    },
    stop: async () => {
      stopped = true;
      await Promise.all([...alive].map((sandbox) => sandbox.stop()));
    },
  };
};

const logLimit = 50_000;

// Lambda would give each parallel invocation a sandbox of its own. Here they share a thread. Too many at once would run into
// the short timeouts of the AWS calls, so the rest wait.
const maxConcurrency = 32;

/** Lets a fixed number through at a time, in the order of their arrival. */
const createTurnstile = (places: number) => {
  const waiting: (() => void)[] = [];
  let free = places;
  return {
    enter: async () => {
      if (free === 0) return await new Promise<void>((resolve) => waiting.push(resolve));
      free -= 1;
    },
    leave: () => {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    },
  };
};

/** Those that the settings do not ask for have no bundle, and nobody calls them. */
const allNames = [...functionNames, ...optionalFunctionNames];

const mapFunctions = <Value>(make: (name: AnyFunctionName) => Value): Record<AnyFunctionName, Value> =>
  Object.fromEntries(allNames.map((name) => [name, make(name)])) as Record<AnyFunctionName, Value>;

const initTimeoutMs = 10_000;

/** @throws Error if a function has no bundle. */
export const requireBundles = (bundles: string) => {
  const missing = functionNames.filter((name) => !existsSync(join(bundles, name, 'index.mjs')));
  if (missing.length > 0)
    throw new Error(
      `${bundles} has no bundle of ${missing.join(', ')}. Make them: node bundle/bundle.ts --out ${bundles}`,
    );
};

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const maxEnvironmentBytes = 4096;

/** The variables that the stack sets. @throws Error for more than Lambda takes. */
const ownEnvironment = (
  name: AnyFunctionName,
  { environment, hourlySealKey }: Pick<FunctionsSetup, 'environment' | 'hourlySealKey'>,
): Record<string, string> => {
  const isSealing = sealingFunctionNames.some((each) => each === name);
  const own = {
    ...Object.fromEntries(functions[name].environment.map((variable) => [variable, environment[variable]])),
    ...(isSealing && hourlySealKey !== undefined ? { [hourlySealKeyVariable]: hourlySealKey } : {}),
    [stackNameVariable]: localStackName,
    POWERTOOLS_METRICS_NAMESPACE: metricsNamespace,
  };
  const bytes = Object.entries(own).reduce((sum, [variable, value]) => sum + Buffer.byteLength(variable + value), 0);
  if (bytes <= maxEnvironmentBytes) return own;
  throw new Error(
    `The environment of ${name} has ${bytes} bytes, and Lambda takes ${maxEnvironmentBytes}. Put large settings into the policy file.`,
  );
};

/** The whole environment of a function of this name. */
export const functionEnvironment = (
  name: AnyFunctionName,
  { bundles, environment, hourlySealKey, endpoints, carrier }: Omit<FunctionsSetup, 'clock' | 'timeoutMs' | 'onLog'>,
): Record<string, string> => ({
  ...ownEnvironment(name, { environment, hourlySealKey }),
  // Set by Lambda. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  // Lambda gives each function the credentials of its own role with a token. The token names the function here.
  AWS_SESSION_TOKEN: name,
  AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(functions[name].memoryMegabytes),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
  AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
  AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
  AWS_LAMBDA_LOG_STREAM_NAME: 'local',
  AWS_LAMBDA_MAX_CONCURRENCY: String(maxConcurrency),
  LAMBDA_TASK_ROOT: join(bundles, name),
  LAMBDA_RUNTIME_DIR: '/var/runtime',
  _HANDLER: 'index.handler',
  TZ: ':UTC',
  LANG: 'en_US.UTF-8',
  NODE_ENV: 'production',
  NO_COLOR: '1',
  // In place of AWS.
  AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
  AWS_ENDPOINT_URL_KMS: endpoints.kms,
  AWS_ENDPOINT_URL_SNS: endpoints.sns,
  AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2: endpoints.smsVoice,
  AWS_ENDPOINT_URL_S3: endpoints.s3,
  AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
  AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.eventbridge,
  AWS_ENDPOINT_URL_CLOUDWATCH: endpoints.cloudwatch,
  AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
  ...(carrier === undefined ? {} : { LOCAL_CARRIER: carrier }),
  // No file of this user and no metadata service may add a profile, an endpoint or credentials.
  AWS_CONFIG_FILE: devNull,
  AWS_SHARED_CREDENTIALS_FILE: devNull,
  AWS_EC2_METADATA_DISABLED: 'true',
});

const region = 'us-east-1';

type Sandbox = {
  readonly invoke: (event: object, awsRequestId: string, alias: string | undefined) => Promise<Invocation>;
  /** Whether it takes further invocations: it lives, and none of its invocations has run out of time. */
  readonly isUsable: () => boolean;
  readonly stop: () => Promise<void>;
};

type SandboxSetup = FunctionsSetup & {
  readonly name: AnyFunctionName;
  readonly record: (line: LogLine) => void;
  readonly onExit: () => void;
};

const startSandbox = (setup: SandboxSetup): Sandbox => {
  const { name } = setup;
  const timeoutMs = setup.timeoutMs ?? functions[name].timeoutSeconds * 1000;
  const worker = openWorker(setup);
  const { loaded, exited, lastError } = watchWorker(worker, setup);
  const ledger = openLedger();
  let usable = true;
  let dead = false;
  let inFlight = 0;
  worker.on('message', (message: WorkerMessage) => {
    if (message.kind === 'answered') {
      ledger.settle(message.id, { kind: 'answered', payload: JSON.parse(message.payload) });
      if (message.unfinished > 0) setup.record(frozen(name, message.unfinished));
    }
    if (message.kind === 'failed') ledger.settle(message.id, { kind: 'failed', reason: message.reason });
  });
  exited.then(() => {
    usable = false;
    dead = true;
    ledger.settleAll({ kind: 'failed', reason: lastError() });
    setup.onExit();
  });
  const run: Sandbox['invoke'] = async (event, awsRequestId, alias) => {
    // As in Lambda, the time of an invocation starts after the bundle has loaded.
    await loaded;
    if (dead) return { kind: 'failed', reason: lastError() };
    const { id, settled } = ledger.open(timeoutMs);
    worker.postMessage(invokeMessage({ id, name, alias, event, awsRequestId, timeoutMs }));
    return await settled;
  };
  const invoke: Sandbox['invoke'] = async (event, awsRequestId, alias) => {
    inFlight += 1;
    const invocation = await run(event, awsRequestId, alias);
    inFlight -= 1;
    if (invocation.kind === 'timed-out') usable = false;
    // Lambda ends the sandbox of an invocation that ran out of time. The others in flight here may finish.
    if (!usable && inFlight === 0) worker.terminate();
    return invocation;
  };
  const stop = async () => {
    usable = false;
    await worker.terminate();
    await exited;
  };
  return { invoke, isUsable: () => usable, stop };
};

/** Lambda stops a sandbox at its answer. Calls that are under way go on when it next wakes, or never. */
const frozen = (name: AnyFunctionName, calls: number): LogLine => ({
  function: name,
  stream: 'stderr',
  line: `${name} answered before ${calls} of its calls had: on AWS they would be frozen. Wait for them.`,
  at: new Date().toISOString(),
});

const openWorker = (setup: SandboxSetup): Worker => {
  const { name, bundles, clock } = setup;
  const workerData: WorkerSetup = { bundle: join(bundles, name, 'index.mjs'), clockOffset: clock.offset };
  return new Worker(new URL('./worker.ts', import.meta.url), {
    workerData,
    env: functionEnvironment(name, setup),
    argv: [],
    // Node 24.0 warns of the TypeScript of `worker.ts`. The deployed bundle has none.
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: functions[name].memoryMegabytes },
    name,
  });
};

/** Keeps the lines of a thread. It reports when the bundle has loaded or failed, and when the thread has ended. */
const watchWorker = (worker: Worker, { name, record }: SandboxSetup) => {
  const log = (stream: LogLine['stream']) => (line: string) =>
    record({ function: name, stream, line, at: new Date().toISOString() });
  eachLine(worker.stdout, log('stdout'));
  eachLine(worker.stderr, log('stderr'));
  let lastError = 'The function ended in the middle of an invocation.';
  const initTimer = setTimeout(() => {
    lastError = `The bundle did not load within ${initTimeoutMs / 1000} seconds.`;
    worker.terminate();
  }, initTimeoutMs);
  worker.on('error', (error) => {
    lastError = String(error);
    log('stderr')(error instanceof Error ? (error.stack ?? error.message) : String(error));
  });
  const exited = new Promise<void>((resolve) => worker.on('exit', () => resolve()));
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'ready') resolve();
      if (message.kind === 'failed') log('stderr')(message.reason);
    });
  });
  const loaded = Promise.race([ready, exited]).then(() => clearTimeout(initTimer));
  return { loaded, exited, lastError: () => lastError };
};

/** The invocations in flight in one thread, by number. Each is settled once: answered, failed, or out of time. */
const openLedger = () => {
  const waiting = new Map<number, (invocation: Invocation) => void>();
  let lastId = 0;
  const settle = (id: number, invocation: Invocation) => waiting.get(id)?.(invocation);
  return {
    open: (timeoutMs: number) => {
      lastId += 1;
      const id = lastId;
      const { promise: settled, resolve } = Promise.withResolvers<Invocation>();
      const timer = setTimeout(settle, timeoutMs, id, { kind: 'timed-out' });
      waiting.set(id, (invocation) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(invocation);
      });
      return { id, settled };
    },
    settle,
    settleAll: (invocation: Invocation) => {
      for (const id of [...waiting.keys()]) settle(id, invocation);
    },
  };
};

const invokeMessage = ({
  id,
  name,
  alias,
  event,
  awsRequestId,
  timeoutMs,
}: {
  id: number;
  name: AnyFunctionName;
  alias: string | undefined;
  event: object;
  awsRequestId: string;
  timeoutMs: number;
}): InvokeMessage => ({
  id,
  event: JSON.stringify(event),
  timeoutMs,
  context: {
    awsRequestId,
    callbackWaitsForEmptyEventLoop: false,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:${region}:000000000000:function:${alias === undefined ? name : `${name}:${alias}`}`,
    memoryLimitInMB: String(functions[name].memoryMegabytes),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
  },
});

const eachLine = (stream: Readable, take: (line: string) => void) => {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });
  stream.on('end', () => {
    if (rest !== '') take(rest);
  });
};
