import { expect, test } from 'vitest';
import { circles, needless } from './circles.ts';
import { sources } from './source/files.ts';

test('no file imports itself by way of others', () => {
  expect(sources.map(({ path }) => path)).toContain('lambdas/contract.ts');
  expect(circles(sources)).toEqual([]);
});

const two = [
  { path: 'lib/a.ts', text: "import { b } from './b.ts';" },
  { path: 'lib/b.ts', text: "export type { a } from './a.ts';" },
];
const three = [
  { path: 'lib/a.ts', text: "import type { b } from './rooms/b.ts';" },
  { path: 'lib/rooms/b.ts', text: "export type B = import('../c.ts').C;" },
  { path: 'lib/c.ts', text: "export const load = () => import('./a.ts');" },
];

test('a circle of two files is found, types included', () => {
  expect(circles(two)).toEqual(['lib/a.ts → lib/b.ts → lib/a.ts']);
});

test('a circle of three files is found, types and dynamic imports included', () => {
  expect(circles(three)).toEqual(['lib/a.ts → lib/rooms/b.ts → lib/c.ts → lib/a.ts']);
});

test('a file that imports itself is found', () => {
  expect(circles([{ path: 'lib/a.ts', text: "import './a.ts';" }])).toEqual(['lib/a.ts → lib/a.ts']);
});

test('a circle beside the one that is allowed is found', () => {
  const around = [...two, { path: 'lib/d.ts', text: "import './a.ts';" }].map((source) =>
    source.path === 'lib/b.ts' ? { ...source, text: "import './a.ts'; import './d.ts';" } : source,
  );
  expect(circles(around, [{ from: 'lib/b.ts', to: 'lib/a.ts' }])).toEqual([
    'lib/a.ts → lib/b.ts → lib/d.ts → lib/a.ts',
  ]);
});

test('a file that many files import closes no circle', () => {
  const one = { path: 'lib/c.ts', text: 'export const c = 1;' };
  const others = [
    { path: 'lib/a.ts', text: "import './b.ts'; import './c.ts';" },
    { path: 'lib/b.ts', text: "import './c.ts'; // import './a.ts';" },
  ];
  expect(circles([one, ...others])).toEqual([]);
});

test.each([
  ['of an import that is gone', { from: 'lib/b.ts', to: 'lib/c.ts' }],
  ['of a file that is gone', { from: 'lib/z.ts', to: 'lib/a.ts' }],
  ['of an import that leads nowhere back', { from: 'lib/d.ts', to: 'lib/a.ts' }],
])('an exception %s has to go', (_, edge) => {
  const all = [...two, { path: 'lib/d.ts', text: "import './a.ts';" }];
  expect(needless(all, [edge])).toEqual([edge]);
  expect(needless(all, [{ from: 'lib/b.ts', to: 'lib/a.ts' }])).toEqual([]);
});
