import { describe, expect, test } from 'vitest';
import { shippedLanguages } from '../../../lib/settings/templates.ts';
import { violations } from '../looks/axe.ts';
import { useStage, viewports } from '../stage.ts';

const { open, stack } = useStage({ settingsOf: async () => ({ languages: [...shippedLanguages] }) });

const openTexts = async (options: Parameters<typeof open>[0] = {}) => {
  const page = await open(options);
  await page.goto(`${stack().origin}/texts`);
  await page.getByRole('status').filter({ hasText: 'texts.' }).waitFor();
  return page;
};

describe.each(
  Object.entries({ phone: viewports.phone, desktop: viewports.desktop }).flatMap(([device, viewport]) =>
    (['light', 'dark'] as const).map((colorScheme) => ({ device, viewport, colorScheme })),
  ),
)('the texts on a $device, in $colorScheme', ({ viewport, colorScheme }) => {
  test('axe finds nothing wrong with the texts, and nothing needs to be scrolled sideways', async () => {
    const page = await openTexts({ viewport, colorScheme, bypassCSP: true });
    expect(await violations(page)).toEqual([]);
    await page.getByLabel('Values').selectOption('longest');
    expect(await violations(page), 'the longest').toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
  });
});

test('the page shows each shipped text in its language and direction', async () => {
  const page = await openTexts();
  for (const locale of shippedLanguages) {
    const messages = page.locator(`.sms[lang="${locale}"]`);
    expect(await messages.count(), locale).toBeGreaterThanOrEqual(4);
    expect(await messages.first().getAttribute('dir'), locale).toBe(locale === 'ar' ? 'rtl' : 'ltr');
  }
  const directionsOf = (selector: string) =>
    page.evaluate(
      `[...document.querySelectorAll(${JSON.stringify(selector)})].map((line) => getComputedStyle(line).direction)`,
    );
  // As on a phone, the first letter decides: the Arabic line from the right, the line for browsers from the left.
  const carrying = '.text:first-of-type .message:last-of-type .sms[lang="ar"]';
  expect(await directionsOf(carrying)).toEqual(['rtl']);
  const directions = await directionsOf(`${carrying} span`);
  expect(directions).toEqual(['rtl', 'ltr', 'ltr']);
});

test('the page shows one language, and the longest values, when asked to', async () => {
  const page = await openTexts();
  await page.getByLabel('Language').selectOption('hi');
  expect(await page.getByRole('region').count()).toBe(1);
  await page.getByRole('heading', { name: 'Hindi' }).waitFor();
  await page.getByText('492039 आपका').first().waitFor();
  await page.getByLabel('Values').selectOption('longest');
  await page.getByText('000000000 आपका').first().waitFor();
  await page
    .getByText(/UCS-2, \d+ units/)
    .first()
    .waitFor();
});

test('the first page leads to the texts', async () => {
  const page = await open();
  await page.getByRole('link', { name: 'Texts' }).click();
  await page.getByRole('heading', { name: 'What people read.' }).waitFor();
});
