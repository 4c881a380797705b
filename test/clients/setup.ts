import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { buildClient } from '../../clients/typescript/build.ts';
import { nodePackages } from '../fakes/node-packages.ts';
import { root } from '../laws/source/files.ts';
import { pythonPrograms } from './python/generate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The TypeScript client as npm would install it: the folder that its tarball unpacks to. */
    clientPackage: string;
  }
}

/** Packages that files of the suite share. Made before any of them runs, since two at once would spoil each other's. */
export const python = (): string => path.join(pythonPrograms(), 'python');
export const verifiers = (): string => nodePackages('verifiers', path.join(import.meta.dirname, 'verifiers'));

/** Builds and packs the TypeScript client once. What the tarball lacks, the suites miss. */
export default async (project: TestProject) => {
  python();
  verifiers();
  const source = path.join(root, 'clients', 'typescript');
  const home = await mkdtemp(path.join(tmpdir(), 'otp-client-'));
  await buildClient(path.join(source, 'build'));
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', home], { cwd: source, encoding: 'utf8' });
  const tarball = /"filename": "([^"]+)"/.exec(packed)?.[1];
  execFileSync('tar', ['-xzf', path.join(home, String(tarball)), '-C', home]);
  project.provide('clientPackage', path.join(home, 'package'));
  return () => rm(home, { recursive: true, force: true });
};
