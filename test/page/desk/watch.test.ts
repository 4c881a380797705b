import { expect, test } from 'vitest';
import { isAt } from '../person.ts';
import { deskAt, useDesk } from './desk-stage.ts';

const { stack, ask, attack, operator, openDesk, open } = useDesk();

test('a finding is announced once, however often the desk looks', async () => {
  const page = await openDesk();
  const desk = deskAt(page);
  await desk.looks(1);
  await page.evaluate(`
    globalThis.said = [];
    const region = document.getElementById('desk-announcement');
    new MutationObserver(() => said.push(region.textContent)).observe(region, { childList: true, characterData: true, subtree: true });
  `);
  await attack('+91981241');
  await desk.findingOn('+91 98124 1xxxx').waitFor();
  await desk.looks(3);
  expect(await page.evaluate('said')).toEqual([expect.stringMatching(/^New finding, \w+: Somebody requests codes/)]);
});

test('a block that another tab lifts goes, and the keyboard goes to the heading of the blocks', async () => {
  await operator('POST', 'blocks', { what: { range: '+91 98125 0xxxx' }, reason: 'an attack', forMinutes: 60 });
  const pages = [await openDesk(), await openDesk()];
  const [desk, other] = pages.map(deskAt);
  if (desk === undefined || other === undefined) return expect.fail('Two pages are open.');
  const block = desk.blocks.filter({ hasText: '+91981250' });
  await block.locator('summary').focus();
  const theirs = other.blocks.filter({ hasText: '+91981250' });
  await other.unfold(theirs, 'Lift');
  await theirs.getByLabel('No block for').selectOption('1 day');
  await theirs.getByRole('button', { name: 'Lift the block' }).click();
  await expect.poll(() => block.count()).toBe(0);
  const [page] = pages;
  expect(page && (await isAt(page, page.getByRole('heading', { name: 'Blocks' })))).toBe(true);
});

test('a stop of all sending is shown with its author and reason, refuses everybody, and is resumed by its button', async () => {
  const page = await openDesk();
  const desk = deskAt(page);
  const stops = desk.region('Stops');
  await desk.unfold(stops, 'Stop');
  await stops.getByLabel('Reason').fill('a test');
  await stops.getByRole('button', { name: 'Stop all sending' }).click();
  await stops.getByText(/by local-operator\. Reason: a test$/).waitFor();
  await page.getByText(/^Staff have stopped sending since/).waitFor();
  expect(await ask('+919812600001')).toBe('sending-stopped');
  await stops.getByRole('button', { name: 'Resume all sending' }).click();
  await stops.getByText('Nobody has stopped sending.').waitFor();
  expect(await ask('+919812600002')).toBe('sent');
});

test('all checks of the status stand there with a word, and so do the counters', async () => {
  const page = await openDesk();
  const desk = deskAt(page);
  const checks = desk.region('Is all well').getByRole('listitem');
  await expect.poll(() => checks.count()).toBe(10);
  for (const text of await checks.allInnerTexts()) expect(text).toMatch(/^(Well|Not well|Not known)\n/);
  await desk
    .region('Counters')
    .getByText(/^\$\d+\.\d\d of \$\d+\.\d\d this hour, \$\d+\.\d\d of \$\d+\.\d\d today$/)
    .first()
    .waitFor();
  await page.getByText(/^(All is well: 10 checks|\d+ checks? (is|are) not well, of 10)$/).waitFor();
});

test('reasons and notes of staff are text, whatever they hold', async () => {
  const hostile = '<img src=x onerror=alert(1)><b>bold</b>';
  await operator('POST', 'blocks', { what: { range: '+91 98125 1xxxx' }, reason: hostile, forMinutes: 60 });
  await operator('POST', 'launches', { what: { country: 'GB' }, reason: hostile, forMinutes: 60, expected: 10 });
  await operator('POST', 'sending/stop', { what: { country: 'GB' }, reason: hostile });
  await attack('+91971252');
  const page = await openDesk();
  const desk = deskAt(page);
  const finding = desk.findingOn('+91 97125 2xxxx');
  await desk.unfold(finding, 'Judge');
  await finding.getByLabel('Note').fill(hostile);
  await finding.getByRole('button', { name: 'Acknowledge' }).click();
  await finding.getByText(`Note: ${hostile}`).waitFor();
  for (const name of ['Blocks', 'Launches', 'Stops']) await desk.region(name).getByText(`Reason: ${hostile}`).waitFor();
  expect(await page.locator('#desk img, #desk b').count()).toBe(0);
  await operator('POST', 'sending/resume', { what: { country: 'GB' }, reason: 'the test is over' });
});

test('a judgement with a number is refused with a sentence, and the next one closes the finding', async () => {
  await attack('+91961253');
  const page = await openDesk();
  const desk = deskAt(page);
  const finding = desk.findingOn('+91 96125 3xxxx');
  await desk.unfold(finding, 'Judge');
  await finding.getByLabel('Note').fill('call +91 98765 43210');
  await finding.getByRole('button', { name: 'Resolve' }).click();
  await finding.getByText(/may hold a phone number/).waitFor();
  expect(await finding.getByText('New', { exact: true }).count()).toBe(1);
  await finding.getByLabel('Note').fill('our own test');
  await finding.getByRole('button', { name: 'Resolve' }).click();
  await finding.getByText('Resolved', { exact: true }).waitFor();
  await finding.getByText('Note: our own test').waitFor();
  await expect.poll(() => finding.locator('summary').filter({ hasText: 'Judge' }).isVisible()).toBe(false);
});

test('a form keeps its text and the keyboard its place while the desk looks again', async () => {
  // That of the first test: a fourth attack would reach the cap of the country.
  const page = await openDesk();
  const desk = deskAt(page);
  const finding = desk.findingOn('+91 98124 1xxxx');
  await desk.unfold(finding, 'Judge');
  const note = finding.getByLabel('Note');
  await note.pressSequentially('half a ');
  await desk.looks(2);
  await note.pressSequentially('sentence');
  expect(await note.inputValue()).toBe('half a sentence');
  expect(await isAt(page, note)).toBe(true);
});

test('the desk rests while it is out of view', async () => {
  const asked: string[] = [];
  const page = await open({}, async (fresh) => {
    fresh.on('request', (request) => asked.push(new URL(request.url()).pathname));
  });
  const inbox = () => page.waitForResponse((response) => response.url().includes('/_local/messages'));
  for (let nth = 0; nth < 3; nth += 1) await inbox();
  expect(asked.filter((path) => path.startsWith('/_operator/'))).toEqual([]);
  await page.getByRole('link', { name: 'Security desk' }).click();
  await expect.poll(() => asked.includes('/_operator/v1/status')).toBe(true);
});

// The plays come last, because they move the clock by days.
test('an attack by the button is found and restricted within seconds, its neighbors are served, and a lift serves all', async () => {
  const page = await openDesk();
  const desk = deskAt(page);
  await page.getByRole('button', { name: /^A1: / }).click();
  const finding = desk.findingOn('for range +1 ');
  await finding.waitFor({ timeout: 60_000 });
  const startedAt = Date.parse(String(await finding.getByRole('time').getAttribute('datetime')));
  expect(stack().clock.now() - startedAt).toBeLessThan(20_000);

  await finding.getByText(/^[1-9]\d* refused$/).waitFor();
  await finding.getByRole('img', { name: /got a code, 0 entered it, [1-9]\d* refused\. Restricted at \d/ }).waitFor();
  await desk.unfold(finding, 'The chart as a table');
  await finding.getByRole('rowheader', { name: /restricted$/ }).waitFor();
  const neighbors = desk.region('Traffic').getByText(/^\d+ asked, [1-9]\d* served/);
  await neighbors.waitFor();
  await desk
    .region('Traffic')
    .getByText(/^\d+ asked, \d+ got an SMS, [1-9]\d* refused, 0 entered a code$/)
    .waitFor();

  await page.getByRole('button', { name: 'Stop the play' }).click();
  await page.getByText('The play is stopped.').waitFor();
  const block = desk.blocks.filter({ hasText: 'restriction' });
  const range = /\+(\d+) xxxx/.exec(String(await block.getByRole('heading').textContent()))?.[1];
  expect(await ask(`+${range}0177`)).toBe('destination-suspended');
  await desk.unfold(block, 'Lift');
  await block.getByLabel('Reason').fill('our own test');
  await block.getByRole('button', { name: 'Lift the block' }).click();
  await desk
    .region('Blocks')
    .getByText(/is lifted\. The detector writes no block there until/)
    .waitFor();
  await expect.poll(() => block.count()).toBe(0);
  await desk.region('Blocks').getByText('Nobody is blocked.').waitFor();
  expect(await ask(`+${range}0178`)).toBe('sent');
});

test('a launch by the button is announced before it is played, and nobody is restricted', async () => {
  const page = await openDesk();
  const desk = deskAt(page);
  await page.getByRole('button', { name: /^Launch: / }).click();
  await desk.region('Launches').getByText('Launch in country US').waitFor();
  await page.getByText('The play is done.').waitFor({ timeout: 100_000 });
  await desk
    .region('Traffic')
    .getByText(/^\d+ asked, \d+ served, 0 refused$/)
    .waitFor();
  await desk
    .region('Launches')
    .getByText(/^[1-9]\d* requests of 1000 expected/)
    .waitFor();
  await desk.region('Blocks').getByText('Nobody is blocked.').waitFor();
  await desk.region('Launches').getByRole('button', { name: 'End it' }).click();
  await desk.region('Launches').getByText('No launch is announced.').waitFor();
});
