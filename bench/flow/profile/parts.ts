/** Tells what a CPU profile was spent on, by the file that each function stands in. */

/** As much of V8's profile as is read: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export type Frame = {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
  readonly columnNumber: number;
};
type ProfileNode = { readonly id: number; readonly callFrame: Frame; readonly children?: readonly number[] };
export type Profile = {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
};

/** The file of a frame: a path as in this repository, `node:…`, or nothing for native code. */
export type FileOf = (frame: Frame) => string;

export const partNames = [
  'socket writes with TLS',
  'other crypto and TLS',
  'HTTP of Node',
  'sockets and streams of Node',
  'rest of Node',
  'native code below no function',
  'garbage collection',
  'AWS SDK',
  'adapters of AWS',
  'logs and metrics',
  'middy and schemas',
  'own code and other packages',
  'the bench itself',
] as const;
export type PartName = (typeof partNames)[number];

/** The first pattern that fits counts. */
const files: readonly (readonly [RegExp, PartName])[] = [
  [/node_modules\/@aws-lambda-powertools\/|^lambdas\/telemetry|^node:(?:internal\/)?console/, 'logs and metrics'],
  [/node_modules\/(?:@middy|valibot|zod)\//, 'middy and schemas'],
  [/node_modules\/(?:@aws-sdk|@aws-crypto|@aws|@smithy)\//, 'AWS SDK'],
  [/^lambdas\/aws\//, 'adapters of AWS'],
  [/bench\/flow\/container\.mjs$|^node:(?:internal\/)?(?:child_process|inspector)/, 'the bench itself'],
  [/^node:(?:internal\/)?(?:crypto|tls|_tls)/, 'other crypto and TLS'],
  [/^node:(?:internal\/)?(?:_http|https?\b)/, 'HTTP of Node'],
  [
    /^node:(?:internal\/)?(?:net|streams?\b|stream_base_commons|js_stream|events?\b|event_target|buffer|timers|async_hooks|process\/task_queues|process\/promises|util|errors|url|querystring)/,
    'sockets and streams of Node',
  ],
  [/^node:/, 'rest of Node'],
];

const partOfFile = (file: string): PartName =>
  files.find(([pattern]) => pattern.test(file))?.[1] ?? 'own code and other packages';

/** Node encrypts in the native functions that this file calls: `writev`, `writeBuffer`, `writeUtf8String`. */
const isSocketWrite = ({ functionName }: Frame, caller: string): boolean =>
  functionName.startsWith('write') && caller === 'node:internal/stream_base_commons';

type Above = { readonly part: PartName; readonly file: string };

/** Native code is of the nearest function that stands in a file, except for what V8 or Node names. */
const partOf = (frame: Frame, file: string, above: Above): PartName | 'idle' => {
  if (file !== '') return partOfFile(file);
  if (frame.functionName === '(idle)') return 'idle';
  if (frame.functionName === '(garbage collector)') return 'garbage collection';
  return isSocketWrite(frame, above.file) ? 'socket writes with TLS' : above.part;
};

const partsByNode = ({ nodes }: Profile, fileOf: FileOf): ReadonlyMap<number, PartName | 'idle'> => {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parts = new Map<number, PartName | 'idle'>();
  const visit = (id: number, above: Above): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const file = fileOf(node.callFrame);
    const part = partOf(node.callFrame, file, above);
    parts.set(id, part);
    const below = file === '' || part === 'idle' ? above : { part, file };
    for (const child of node.children ?? []) visit(child, below);
  };
  const [root] = nodes;
  if (root !== undefined) visit(root.id, { part: 'native code below no function', file: '' });
  return parts;
};

/** Share of each part in the time that was not idle. The shares add up to 1. */
export const sharesOf = (profile: Profile, fileOf: FileOf): ReadonlyMap<PartName, number> => {
  const parts = partsByNode(profile, fileOf);
  const spent = new Map<PartName, number>(partNames.map((name) => [name, 0]));
  let all = 0;
  for (const [index, id] of profile.samples.entries()) {
    const part = parts.get(id);
    // A sample lasts until the next one.
    const lasted = profile.timeDeltas[index + 1] ?? 0;
    if (part === undefined || part === 'idle') continue;
    spent.set(part, (spent.get(part) ?? 0) + lasted);
    all += lasted;
  }
  return new Map([...spent].map(([name, time]) => [name, all === 0 ? 0 : time / all]));
};

/** "A 30%, B 20% and C 10%" of the parts that take the most. */
export const mostOf = (shares: ReadonlyMap<PartName, number>, count: number): string => {
  const most = [...shares].toSorted(([, a], [, b]) => b - a).slice(0, count);
  const words = most.map(([name, share]) => `${name} ${(share * 100).toFixed(0)}%`);
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
};
