import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { bundlePage } from '../../bundle/page.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../lib/settings/settings.ts';
import { writeTexts } from '../../local/policy/texts.ts';
import { type LocalStack, startLocalStack } from '../../local/stack.ts';
import { waitLonger } from '../fakes/aws/patient-bundles.ts';
import { roomySettings } from '../fakes/settings.ts';
import { launch } from './looks/browser.ts';

export const viewports = {
  phone: { width: 360, height: 740 },
  tablet: { width: 768, height: 1024 },
  desktop: { width: 1280, height: 800 },
  wall: { width: 1920, height: 1080 },
} as const;

export type Stage = {
  readonly stack: () => LocalStack;
  /** A new page at `/`, in a browser context of its own, which is closed after the test. */
  readonly open: (options?: BrowserContextOptions, prepare?: (page: Page) => Promise<void>) => Promise<Page>;
};

/** The product as `npm start` runs it, and a browser before it. For the top of a test file. */
export const useStage = ({
  basePath,
  settingsOf = async () => ({}),
  isRoomy = true,
}: {
  readonly basePath?: string;
  /** Settings beside the roomy ones. */
  readonly settingsOf?: () => Promise<Partial<SettingsInput>>;
  /** Whether one machine can play many people, without a detector. */
  readonly isRoomy?: boolean;
} = {}): Stage => {
  let stack: LocalStack | undefined;
  let browser: Browser | undefined;
  let folder: string | undefined;
  beforeAll(async () => {
    browser = await launch();
    folder = await mkdtemp(path.join(tmpdir(), 'page-'));
    // WebOTP wants an origin that the settings list; the API key is not the one that everybody has.
    // One application: the page plays a public one, if there is one, and that of the others is short of money.
    const applications = { default: { kind: 'back-end' } } as const;
    const room = isRoomy ? { ...roomySettings, applications } : {};
    const parsed = parseSettings({ ...settings, ...room, ...(await settingsOf()) });
    await bundle({ out: folder, policy: policyOf(parsed), riskTo: 'local', webhooksTo: 'loopback' });
    await waitLonger(folder);
    await bundlePage(folder);
    await writeTexts(folder, parsed);
    stack = await startLocalStack({ bundles: folder, apiKey: "a key of one's own", stage: basePath, quiet: true });
  });
  afterEach(async () => {
    await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
    stack?.faults.sns?.clearFaults();
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  const started = () => stack ?? expect.fail('The local stack is started in beforeAll.');
  return {
    stack: started,
    open: async (options = {}, prepare = async () => {}) => {
      if (browser === undefined) return expect.fail('The browser is started in beforeAll.');
      // Without motion a message is there at once. Tests of the motion ask for it.
      const context = await browser.newContext({
        locale: 'en-GB',
        viewport: viewports.desktop,
        reducedMotion: 'reduce',
        ...options,
      });
      const page = await context.newPage();
      page.setDefaultTimeout(30_000);
      await prepare(page);
      await page.goto(`${started().origin}/`);
      await untilReady(page);
      return page;
    },
  };
};

/** Waits until the page listens: it has no facts before, and its controls do nothing. */
export const untilReady = (page: Page): Promise<void> => page.locator('main[aria-busy="false"]').waitFor();

let lastNumber = 9_876_500_000;

/** A mobile number in India that no other test of this run has. */
export const freshNumber = (): string => {
  lastNumber += 1;
  return `+91${lastNumber}`;
};
