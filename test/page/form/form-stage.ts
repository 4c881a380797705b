import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContextOptions, Page, Request, Route } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { buildClient } from '../../../clients/typescript/build.ts';
import { useStage } from '../stage.ts';

/** Another site, with `<otp-form>` on it. It passes calls on to the service, and adds the API key. */
export const site = 'https://shop.example';

/** As strict as a policy can be: no inline style or script, no markup from texts. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Notes what the form tells its page. */
const pageScript = `globalThis.told = [];
for (const name of ['otp-sent', 'otp-approved', 'otp-problem', 'otp-reset'])
  document.addEventListener(name, ({ detail, target }) => told.push({ name, detail, id: target.id }));
`;

/** An answer in place of the service's. `cut` is a connection that breaks, `pass` lets the service answer. */
export type Answer =
  | 'cut'
  | 'pass'
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> };

export type Call = {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
  readonly key: string;
};
export type Shown = {
  readonly page: Page;
  /** The calls of the API, oldest first. */
  readonly calls: readonly Call[];
  /** Requests to any other place than the site. */
  readonly elsewhere: readonly string[];
  /** Errors of the page, refusals of its policy included. */
  readonly errors: readonly string[];
  readonly told: () => Promise<{ name: string; detail: Record<string, never>; id: string }[]>;
};

export type Scene = {
  readonly html?: string;
  readonly style?: string;
  readonly answer?: (call: Call, count: number) => Answer | Promise<Answer>;
  readonly context?: BrowserContextOptions;
  readonly prepare?: (page: Page) => Promise<void>;
};

export const oneForm = '<otp-form id="form" purpose="login" countries="IN,US,DE" default-country="IN"></otp-form>';

const callOf = (request: Request): Call => ({
  method: request.method(),
  path: new URL(request.url()).pathname,
  body: request.postData(),
  key: request.headers()['idempotency-key'] ?? '',
});

const giveAnswer = (route: Route, answer: Exclude<Answer, 'pass'>): Promise<void> => {
  if (answer === 'cut') return route.abort('connectionreset');
  const { status, body = {}, headers = {} } = answer;
  return route.fulfill({ status, contentType: 'application/json', headers, body: JSON.stringify(body) });
};

export const useForm = () => {
  const { open, stack } = useStage();
  let folder: string;
  let script: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'otp-form-'));
    await buildClient(folder);
    script = await readFile(path.join(folder, 'form', 'otp-form.js'), 'utf8');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const serve = (scene: Scene, calls: Call[]) => async (route: Route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    const { html = oneForm, style = '', answer = () => 'pass' } = scene;
    const files: Record<string, readonly [string, string]> = {
      '/': ['text/html', documentOf(html)],
      '/otp-form.js': ['text/javascript', script],
      '/page.js': ['text/javascript', pageScript],
      '/page.css': ['text/css', style],
      '/icon': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    };
    const [type, body] = files[pathname] ?? [];
    const headersOfFile = { 'content-security-policy': policy };
    if (body !== undefined)
      return route.fulfill({ contentType: `${type}; charset=utf-8`, body, headers: headersOfFile });
    if (!pathname.startsWith('/v1/')) return route.fulfill({ status: 404 });
    const call = callOf(request);
    calls.push(call);
    const given = await answer(call, calls.length);
    if (given !== 'pass') return giveAnswer(route, given);
    const headers = { ...request.headers(), 'x-api-key': stack().apiKey };
    // The page may be gone before the service answers.
    const response = await route.fetch({ url: `${stack().url}${pathname}`, headers }).catch(() => undefined);
    return response === undefined ? route.abort() : route.fulfill({ response });
  };

  const show = async (scene: Scene = {}): Promise<Shown> => {
    const calls: Call[] = [];
    const elsewhere: string[] = [];
    const errors: string[] = [];
    const page = await open(scene.context ?? {}, scene.prepare);
    await page.goto('about:blank');
    page.on('request', (request) => void (request.url().startsWith(`${site}/`) || elsewhere.push(request.url())));
    page.on('pageerror', (error) => void errors.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    await page.route('**/*', serve(scene, calls));
    await page.goto(`${site}/`);
    return { page, calls, elsewhere, errors, told: () => page.evaluate('told') };
  };
  /** The code in the newest SMS to a number. */
  const codeFor = (number: string): string => /\b\d{6}\b/.exec(stack().messages(number)[0]?.text ?? '')?.[0] ?? '';
  return { show, stack, codeFor };
};

/** What a person sees and does at a form, by label and role. */
export const personAt = (page: Page, form = 'otp-form') => {
  const area = page.locator(form);
  const button = (name: string) => area.getByRole('button', { name });
  const number = area.getByLabel('Phone number');
  const code = area.getByLabel('Code', { exact: true });
  return {
    area,
    button,
    number,
    code,
    cells: area.locator('.cell'),
    error: area.locator('[aria-live="polite"]'),
    status: area.getByRole('status'),
    askFor: async (typed: string) => {
      await number.fill(typed);
      await button('Send code').click();
      await code.filter({ visible: true }).waitFor();
    },
    paste: async (text: string) => {
      await code.focus();
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      await page.keyboard.press('Control+V');
    },
  };
};

/** A verification as the service answers with it. */
export const verification = (more: object = {}): Answer => ({
  status: 201,
  body: {
    ...{
      id: '1aVerification',
      status: 'pending',
      phoneNumber: '+91\u2022\u2022\u2022\u2022\u2022\u20220000',
      purpose: 'login',
    },
    ...{ codeLength: 6, attemptsRemaining: 5, delivery: 'accepted' },
    expiresAt: new Date(Date.now() + 300_000).toISOString(),
    resendAvailableAt: new Date(Date.now() + 30_000).toISOString(),
    ...more,
  },
});
export const approval: Answer = {
  status: 200,
  body: {
    ...{ status: 'approved', proof: 'a.b.c', phoneNumber: '+919876500000', purpose: 'login' },
    approvedAt: new Date().toISOString(),
  },
};
export const problem = (code: string, status: number, more: object = {}, headers = {}): Answer => ({
  status,
  headers,
  body: {
    type: `https://otp.example.com/problems/${code}`,
    title: code,
    status,
    detail: 'For developers.',
    code,
    ...more,
  },
});

const documentOf = (body: string): string => `<!doctype html>
<html lang="en">
  <head>
    <title>A shop</title>
    <link rel="icon" href="/icon">
    <link rel="stylesheet" href="/page.css">
    <script src="/page.js"></script>
    <script src="/otp-form.js" defer></script>
  </head>
  <body><main><h1>Sign in</h1>${body}</main></body>
</html>`;
