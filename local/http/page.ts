import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { securityHeaders } from '../../lambdas/contract.ts';
import type { Answer } from './problem.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'page');
const indexFile = join(folder, 'index.html');

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

/** The page loads from this server only. (Swagger UI draws its arrows from `data:` images.) */
const pagePolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ');

export type PageSource = {
  /** The countries that the settings allow, by ISO 3166-1 code. */
  readonly countries: () => Promise<readonly string[]>;
  /** The folder of the bundles. */
  readonly bundles?: string | undefined;
};

/** A file of the page, or `undefined` if these segments name none. They can name nothing outside its folder. */
export const readPage = async (
  segments: readonly string[],
  { countries, bundles }: PageSource,
): Promise<Answer | undefined> => {
  const file = fileOf(segments, bundles);
  const contentType = file === undefined ? undefined : contentTypes[extname(file)];
  if (file === undefined || contentType === undefined) return undefined;
  const body = await readFile(file).catch(() => undefined);
  if (body === undefined) return undefined;
  const headers = { ...securityHeaders, 'content-security-policy': pagePolicy, 'content-type': contentType };
  return { status: 200, headers, body: file === indexFile ? withCountries(String(body), await countries()) : body };
};

const names = new Intl.DisplayNames('en', { type: 'region' });
const nameOf = (code: string): string => names.of(code) ?? code;

/** The number in the form. */
const example = { country: 'IN', attribute: ' phone-number="98765 43210"' };
const maxNamed = 6;

const withCountries = (html: string, codes: readonly string[]): string => {
  const named = codes.length > maxNamed ? String(codes.length) : codes.map(nameOf).join(', ');
  const hasExample = codes.includes(example.country);
  return html
    .replace('{{codes}}', codes.join(','))
    .replace('{{default}}', hasExample ? example.country : (codes[0] ?? ''))
    .replace('{{names}}', named)
    .replace(example.attribute, hasExample ? example.attribute : '');
};

/** Files of packages that the pages load. */
const packaged: Readonly<Record<string, string>> = {
  'geist.woff2': '@fontsource-variable/geist/files/geist-latin-wght-normal.woff2',
  'geist-mono.woff2': '@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2',
  'swagger-ui.css': 'swagger-ui-dist/swagger-ui.css',
  'swagger-ui-bundle.js': 'swagger-ui-dist/swagger-ui-bundle.js',
};

/** Parts of the page that are made with the bundles, of packages, TypeScript and settings. */
const bundled: readonly string[] = ['otp-client.js', 'otp-form.js', 'texts.json'];

const fileOf = (segments: readonly string[], bundles: string | undefined): string | undefined => {
  const [first, ...rest] = segments;
  if (first === '' && rest.length === 0) return indexFile;
  if (first === 'docs' && rest.length === 0) return join(folder, 'reference', 'index.html');
  if (first === 'texts' && rest.length === 0) return join(folder, 'texts', 'index.html');
  if (first !== 'page' || rest.length === 0) return undefined;
  const name = rest.join('/');
  if (bundled.includes(name)) return bundles === undefined ? undefined : join(bundles, 'page', name);
  if (Object.hasOwn(packaged, name)) return packageFile(packaged[name] ?? '');
  // A name starts with a letter or a digit: no `..`, no hidden file, no separator or drive in disguise.
  return rest.every((name) => /^[A-Za-z0-9][\w.-]*$/.test(name)) ? join(folder, ...rest) : undefined;
};

const packageFile = (file: string): string | undefined => {
  try {
    return createRequire(import.meta.url).resolve(file);
  } catch {
    return undefined;
  }
};
