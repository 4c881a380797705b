/**
 * Generates the Python client from docs/openapi.json, with openapi-python-client.
 *
 *     npm run client:python
 */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pythonEnvironment } from '../../fakes/python.ts';

const here = import.meta.dirname;
const root = path.join(here, '..', '..', '..');

/** The folder of the generated package. */
export const generatedPackage = path.join(root, 'clients', 'python', 'otp_client');

/** The programs of the suite's Python. */
export const pythonPrograms = (): string => pythonEnvironment('clients', path.join(here, '..', 'requirements.txt'));

/** Writes the package into a folder, which may exist. */
export const generatePackage = (folder: string): void => {
  const programs = pythonPrograms();
  const document = path.join(root, 'docs', 'openapi.json');
  const parts = ['--path', document, '--output-path', folder, '--config', path.join(here, 'generator.yaml')];
  execFileSync(
    path.join(programs, 'openapi-python-client'),
    ['generate', ...parts, '--meta', 'none', '--overwrite', '--fail-on-warning'],
    { env: { ...process.env, PATH: `${programs}:${process.env['PATH']}` }, stdio: 'pipe' },
  );
  // It tells type checkers that the package has types (PEP 561).
  writeFileSync(path.join(folder, 'py.typed'), '');
};

if (import.meta.main) generatePackage(generatedPackage);
