/**
 * Generates the Python client from docs/openapi.json, with openapi-python-client. It has no routes of operators.
 *
 *     npm run client:python
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { clientDocumentOf } from '../../../docs/generate/openapi/client-document.ts';
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
  const whole = JSON.parse(readFileSync(path.join(root, 'docs', 'openapi.json'), 'utf8'));
  const own = mkdtempSync(path.join(tmpdir(), 'otp-openapi-'));
  const document = path.join(own, 'openapi.json');
  writeFileSync(document, JSON.stringify(clientDocumentOf(whole)));
  const parts = ['--path', document, '--output-path', folder, '--config', path.join(here, 'generator.yaml')];
  execFileSync(
    path.join(programs, 'openapi-python-client'),
    ['generate', ...parts, '--meta', 'none', '--overwrite', '--fail-on-warning'],
    { env: { ...process.env, PATH: `${programs}:${process.env['PATH']}` }, stdio: 'pipe' },
  );
  rmSync(own, { recursive: true });
  // It tells type checkers that the package has types (PEP 561).
  writeFileSync(path.join(folder, 'py.typed'), '');
};

if (import.meta.main) generatePackage(generatedPackage);
