/**
 * Makes the pictures of README: the page at the moment when the SMS is there, in both themes.
 *
 *     npm run screenshots
 *
 * The number and the time of the service are fixed. Codes and ids are random, as always.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import settings from '../../../bin/settings.ts';
import { bundle } from '../../../bundle/bundle.ts';
import { bundlePage } from '../../../bundle/page.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import { startLocalStack } from '../../../local/stack.ts';
import { root } from '../../laws/source/files.ts';
import { launch } from './browser.ts';

const number = '+919876543210';
const time = '2035-01-08T09:41:00.000Z';
const maxBytes = 150 * 1024;

/** Chromium itself writes WebP, which is a fraction of the PNG. */
const toWebp = async (browser: Browser, png: Buffer): Promise<Buffer> => {
  const page = await browser.newPage();
  const url = await page.evaluate(`(async () => {
    const image = new Image();
    image.src = 'data:image/png;base64,${png.toString('base64')}';
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext('2d').drawImage(image, 0, 0);
    return canvas.toDataURL('image/webp', 0.82);
  })()`);
  await page.close();
  return Buffer.from(String(url).replace(/^[^,]*,/, ''), 'base64');
};

const shoot = async (browser: Browser, origin: string, colorScheme: 'light' | 'dark'): Promise<Buffer> => {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 804 },
    deviceScaleFactor: 2,
    locale: 'en-GB',
    timezoneId: 'UTC',
    colorScheme,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(origin);
  await page.getByRole('textbox', { name: 'Phone number' }).fill(number);
  await page.getByRole('button', { name: 'Send code' }).click();
  // The call before had another purpose, and another text.
  await page.getByRole('list', { name: 'Messages' }).getByText('sign-in code').waitFor();
  await page.getByRole('button', { name: 'Verify' }).waitFor();
  await page.evaluate('document.fonts.ready');
  // The caret blinks.
  const png = await page.screenshot({ animations: 'disabled', caret: 'hide' });
  await context.close();
  return toWebp(browser, png);
};

/** The first call of a function takes a second, and would say so on the picture. */
const warmUp = (url: string) =>
  fetch(`${url}/v1/verifications`, {
    method: 'POST',
    headers: { 'x-api-key': 'local', 'content-type': 'application/json' },
    body: JSON.stringify({ phoneNumber: '+919876543211' }),
  });

const folder = await mkdtemp(path.join(tmpdir(), 'screenshots-'));
await bundle({ out: folder, policy: policyOf(parseSettings(settings)) });
await bundlePage(folder);
const browser = await launch();
for (const theme of ['light', 'dark'] as const) {
  // A service of its own for each picture: the number has no history.
  const stack = await startLocalStack({ bundles: folder, port: 4000, quiet: true });
  stack.clock.advance(Date.parse(time) - Date.now());
  await warmUp(stack.url);
  const webp = await shoot(browser, stack.origin, theme);
  await stack.stop();
  if (webp.length > maxBytes)
    throw new Error(`The ${theme} picture has ${webp.length} bytes. At most ${maxBytes} are allowed.`);
  const file = path.join('docs', `page-${theme}.webp`);
  await writeFile(path.join(root, file), webp);
  console.log(`${file}: ${webp.length} bytes`);
}
await browser.close();
await rm(folder, { recursive: true, force: true });
process.exit(0);
