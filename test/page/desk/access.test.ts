import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { violations } from '../looks/axe.ts';
import { tabTo } from '../person.ts';
import { viewports } from '../stage.ts';
import { deskAt, useDesk } from './desk-stage.ts';

const { attack, operator, openDesk } = useDesk();

const looks = (['phone', 'desktop'] as const).flatMap((device) =>
  (['light', 'dark'] as const).map((colorScheme) => ({ device, viewport: viewports[device], colorScheme })),
);

const unfoldAll = (page: Page) =>
  page.evaluate(`document.querySelectorAll('#desk details').forEach((each) => { each.open = true; })`);

describe.each(looks)('the desk on a $device, in $colorScheme', ({ viewport, colorScheme }) => {
  const options = { viewport, colorScheme, reducedMotion: 'reduce', bypassCSP: true } as const;

  test('axe finds nothing wrong at the desk, with nothing found', async () => {
    const page = await openDesk(options, async (fresh) => {
      await fresh.route('**/_operator/v1/findings?**', (route) => route.fulfill({ json: { findings: [] } }));
      await fresh.route('**/_operator/v1/blocks', (route) => route.fulfill({ json: { blocks: [] } }));
    });
    await deskAt(page).looks(1);
    await unfoldAll(page);
    expect(await violations(page)).toEqual([]);
  });

  test('axe finds nothing wrong at the desk, with an attack, a launch, a stop and an error', async () => {
    await attack(
      `+9198127${looks.findIndex((look) => look.viewport === viewport && look.colorScheme === colorScheme)}`,
    );
    await operator('POST', 'launches', { what: { country: 'US' }, reason: 'a launch', forMinutes: 60, expected: 10 });
    await operator('POST', 'sending/stop', { what: { country: 'GB' }, reason: 'a test' });
    let isBroken = false;
    const page = await openDesk(options, async (fresh) => {
      await fresh.route('**/_operator/v1/blocks', (route) =>
        isBroken ? route.fulfill({ status: 503, json: { detail: 'The tables did not answer.' } }) : route.continue(),
      );
    });
    const desk = deskAt(page);
    await desk.findings.first().waitFor();
    await desk.region('Stops').getByRole('button', { name: 'Resume country GB' }).waitFor();
    await unfoldAll(page);
    expect(await violations(page), 'with a finding').toEqual([]);
    await desk.findings.first().getByLabel('Note').fill('x');
    await desk.findings.first().getByRole('button', { name: 'Acknowledge' }).click();
    await desk.findings
      .first()
      .getByText(/^Write why, in 3 to/)
      .waitFor();
    isBroken = true;
    await page.getByText(/^The tables did not answer\./).waitFor();
    expect(await violations(page), 'with errors').toEqual([]);
    await operator('POST', 'sending/resume', { what: { country: 'GB' }, reason: 'the test is over' });
  });
});

test('the desk fits a screen of 320 pixels, with everything unfolded', async () => {
  await attack('+91981280');
  const page = await openDesk({ viewport: { width: 320, height: 640 } });
  await deskAt(page).findings.first().waitFor();
  await unfoldAll(page);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(320);
  const small = await page.evaluate(`[...document.querySelectorAll('#desk :is(button, input, select, summary)')]
    .filter((control) => control.checkVisibility({ visibilityProperty: true }))
    .map((control) => [control.id || control.textContent, control.getBoundingClientRect()])
    .filter(([, { width, height }]) => width < 44 || height < 44)
    .map(([name, { width, height }]) => name + ' ' + width + '×' + height)`);
  expect(small).toEqual([]);
});

test('the keyboard alone lifts a block', async () => {
  await operator('POST', 'blocks', { what: { range: '+91 98129 0xxxx' }, reason: 'an attack', forMinutes: 60 });
  const page = await openDesk();
  const desk = deskAt(page);
  const block = desk.blocks.filter({ hasText: '+91981290' });
  await block.locator('summary').waitFor();
  await tabTo(page, block.locator('summary'));
  await page.keyboard.press('Enter');
  await tabTo(page, block.getByLabel('Reason'));
  await page.keyboard.press('Enter');
  await desk
    .region('Blocks')
    .getByText(/^Range \+91981290 xxxx is lifted\./)
    .waitFor();
});

test('forced colors keep the lines of the chart', async () => {
  await attack('+91981291');
  const page = await openDesk({ forcedColors: 'active' });
  const line = deskAt(page).findings.first().locator('polyline').first();
  await line.waitFor({ state: 'attached' });
  const colors = await page.evaluate(
    `[getComputedStyle(document.querySelector('#findings polyline')).stroke, getComputedStyle(document.body).color]`,
  );
  const [ofLine, ofText] = colors as readonly string[];
  expect(ofLine).toMatch(/^rgb/);
  expect(ofLine).toBe(ofText);
});
