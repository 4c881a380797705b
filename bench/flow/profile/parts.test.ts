import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { fileOfMaps } from './maps.ts';
import { type Frame, mostOf, type PartName, type Profile, sharesOf } from './parts.ts';

const frame = (functionName: string, url = ''): Frame => ({ functionName, url, lineNumber: 0, columnNumber: 0 });
const fileOf = ({ url }: Frame) => url;

/** A stack of frames, of which the innermost takes all the time. */
const profile = (...stacks: readonly (readonly Frame[])[]): Profile => {
  const nodes: { id: number; callFrame: Frame; children: number[] }[] = [
    { id: 1, callFrame: frame('(root)'), children: [] },
  ];
  const samples = stacks.map((stack) => {
    let parent = nodes[0];
    for (const callFrame of stack) {
      const node = { id: nodes.length + 1, callFrame, children: [] };
      nodes.push(node);
      parent?.children.push(node.id);
      parent = node;
    }
    return parent?.id ?? 1;
  });
  return { nodes, samples, timeDeltas: [0, ...samples.map(() => 500)] };
};

const only = (shares: ReadonlyMap<PartName, number>) => [...shares].filter(([, share]) => share > 0);

const stream = frame('writeGeneric', 'node:internal/stream_base_commons');

test.each<readonly [string, readonly Frame[], PartName]>([
  ['a client of the SDK', [frame('send', 'node_modules/@aws-sdk/client-kms/a.js')], 'AWS SDK'],
  ['our adapters', [frame('read', 'lambdas/aws/tables/guard.ts')], 'adapters of AWS'],
  ['our rules', [frame('decide', 'lambdas/otp/send.ts')], 'own code and other packages'],
  ['a log line', [frame('log', 'lambdas/telemetry.ts')], 'logs and metrics'],
  ['a schema', [frame('parse', 'node_modules/valibot/dist/index.js')], 'middy and schemas'],
  ['a request', [frame('ClientRequest', 'node:_http_client')], 'HTTP of Node'],
  ['a hash', [frame('update', 'node:internal/crypto/hash')], 'other crypto and TLS'],
  ['native code below a hash', [frame('update', 'node:internal/crypto/hash'), frame('update')], 'other crypto and TLS'],
  ['a write to a socket', [stream, frame('writev')], 'socket writes with TLS'],
  ['native code beside a write', [stream, frame('shutdown')], 'sockets and streams of Node'],
  [
    'the collector below a hash',
    [frame('update', 'node:internal/crypto/hash'), frame('(garbage collector)')],
    'garbage collection',
  ],
  ['code below no function', [frame('(program)')], 'native code below no function'],
  ['messages of the bench', [frame('target', 'node:internal/child_process/serialization')], 'the bench itself'],
])('the time of %s has its part', (_, stack, part) => {
  expect(only(sharesOf(profile(stack), fileOf))).toEqual([[part, 1]]);
});

test('time in which nothing ran is of no part, and the shares add up to 1', () => {
  const kms = [frame('send', 'node_modules/@aws-sdk/client-kms/a.js')];
  const shares = sharesOf(
    profile(kms, [frame('(idle)')], kms, [frame('(idle)')], [frame('decide', 'lambdas/otp/send.ts')]),
    fileOf,
  );
  expect(only(shares)).toEqual([
    ['AWS SDK', 2 / 3],
    ['own code and other packages', 1 / 3],
  ]);
  expect(mostOf(shares, 2)).toBe('AWS SDK 67% and own code and other packages 33%');
});

test('a function of a minified bundle is found in the file that it was written in', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'maps-'));
  try {
    const [inner, entry] = [path.join(folder, 'lambdas/inner.ts'), path.join(folder, 'entry.ts')];
    const outfile = path.join(folder, 'out.mjs');
    await build({
      stdin: { contents: "import { inner } from 'inner'; export const handler = () => inner();", sourcefile: entry },
      plugins: [
        {
          name: 'inner',
          setup: ({ onResolve, onLoad }) => {
            onResolve({ filter: /^inner$/ }, () => ({ path: inner, namespace: 'file' }));
            onLoad({ filter: /inner\.ts$/ }, () => ({ contents: 'export function inner() { return Date.now(); }' }));
          },
        },
      ],
      ...{ outfile, bundle: true, minify: true, sourcemap: 'external', format: 'esm' },
    });
    const found = await fileOfMaps(new Map([[outfile, `${outfile}.map`]]));
    const code = await readFile(outfile, 'utf8');
    const at = { ...frame('x', pathToFileURL(outfile).href), columnNumber: code.indexOf('(') };
    expect(found(at)).toBe('lambdas/inner.ts');
    expect(found(frame('x', 'node:net'))).toBe('node:net');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
