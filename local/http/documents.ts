import { readFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { securityHeaders } from '../../lambdas/contract.ts';
import type { Answer } from './problem.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'docs');

/** The documents of the API, for clients and coding agents. `llms.txt` links to the others. */
const documents: readonly string[] = ['openapi.json', 'llms.txt', 'api.md', 'limits.md', 'number-risk.md', 'deploy.md'];

const contentTypes: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/** The base URLs that the documents name. */
const [ofClients, ofOperators] = [
  /http:\/\/127\.0\.0\.1:4000(?!\/_operator)/g,
  /http:\/\/127\.0\.0\.1:4000\/_operator/g,
];

/** Whether a path names a document. */
export const isDocument = ([name = '', ...rest]: readonly string[]): boolean =>
  rest.length === 0 && documents.includes(name);

export type Endpoints = { readonly endpoint: string; readonly operatorEndpoint: string };

/** A document of the APIs, with this service's own base URLs; `undefined` if these segments name none. */
export const readDocument = async (
  segments: readonly string[],
  { endpoint, operatorEndpoint }: Endpoints,
): Promise<Answer | undefined> => {
  const [name = ''] = segments;
  if (!isDocument(segments)) return undefined;
  const text = await readFile(join(folder, name), 'utf8');
  const headers = { ...securityHeaders, 'content-type': contentTypes[extname(name)] ?? 'text/plain' };
  return { status: 200, headers, body: text.replaceAll(ofClients, endpoint).replaceAll(ofOperators, operatorEndpoint) };
};
