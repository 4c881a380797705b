import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const noChromium = `The browser tests need Chromium. Install it (on Debian: apt-get update && apt-get install -y chromium), or set the
environment variable CHROMIUM to the path of yours.`;

const findChromium = (): string => {
  const found = [process.env['CHROMIUM'] ?? '/usr/bin/chromium'].find((file) => existsSync(file));
  if (found === undefined) throw new Error(noChromium);
  return found;
};

export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
