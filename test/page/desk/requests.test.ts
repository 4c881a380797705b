import { expect, test } from 'vitest';
import { deskAt, useDesk } from './desk-stage.ts';

const { openDesk, open, operator } = useDesk();

type Sent = {
  readonly request: { readonly url: string };
  readonly initiator: { readonly stack?: { readonly callFrames: readonly { readonly url: string }[] } };
};

test('the desk asks the API of operators and nothing else, and no other part asks it', async () => {
  const sent: { readonly path: string; readonly by: string }[] = [];
  await operator('POST', 'blocks', { what: { range: '+91 98125 5xxxx' }, reason: 'an attack', forMinutes: 60 });
  const page = await open({}, async (fresh) => {
    const session = await fresh.context().newCDPSession(fresh);
    await session.send('Network.enable');
    session.on('Network.requestWillBeSent', ({ request, initiator }: Sent) => {
      const by = initiator.stack?.callFrames[0]?.url ?? '';
      sent.push({ path: new URL(request.url).pathname, by: by === '' ? '' : new URL(by).pathname });
    });
  });
  await page.getByRole('link', { name: 'Security desk' }).click();
  const desk = deskAt(page);
  const block = desk.blocks.filter({ hasText: '+91981255' });
  await desk.unfold(block, 'Lift');
  await block.getByRole('button', { name: 'Lift the block' }).click();
  await expect.poll(() => block.count()).toBe(0);
  await page.getByRole('button', { name: /^A1: / }).click();
  await page.getByRole('button', { name: 'Stop the play' }).click();
  await page.getByText('The play is stopped.').waitFor();

  const [isOfDesk, isOfOperators] = [/^\/page\/desk\//, /^\/_operator\/v1\//];
  expect(sent.filter(({ by }) => isOfDesk.test(by)).length).toBeGreaterThan(5);
  expect(sent.filter(({ path }) => path === '/_operator/v1/blocks/lift')).toHaveLength(1);
  expect(sent.filter(({ path, by }) => isOfDesk.test(by) !== isOfOperators.test(path))).toEqual([]);
  const byTraffic = sent.filter(({ by }) => by.startsWith('/page/traffic/')).map(({ path }) => path);
  expect(byTraffic.length).toBeGreaterThan(2);
  expect(byTraffic.filter((path) => !/^\/_local\/traffic(\/|$)/.test(path))).toEqual([]);
});

test('the desk has one call under way at a time, of itself', async () => {
  let [now, most] = [0, 0];
  const page = await openDesk({}, async (fresh) => {
    await fresh.route('**/_operator/**', async (route) => {
      now += 1;
      most = Math.max(most, now);
      const response = await route.fetch();
      now -= 1;
      await route.fulfill({ response });
    });
  });
  await deskAt(page).looks(3);
  expect(most).toBe(1);
});

test('a refusal of the API is shown with its sentence, the desk asks less often, and the sentence goes with its cause', async () => {
  let isBroken = true;
  const detail = 'The tables did not answer. Try again.';
  const page = await openDesk({}, async (fresh) => {
    await fresh.route('**/_operator/v1/blocks', (route) =>
      isBroken
        ? route.fulfill({ status: 503, contentType: 'application/problem+json', json: { status: 503, detail } })
        : route.continue(),
    );
  });
  await page.getByText(`${detail} The desk asks again in 2 seconds.`).waitFor();
  await page.getByText(`${detail} The desk asks again in 4 seconds.`).waitFor();
  isBroken = false;
  await expect.poll(() => page.getByText(detail).filter({ visible: true }).count()).toBe(0);
  await page.getByText('Nobody is blocked.').waitFor();
});

test('a server that is gone, and an answer that is no JSON, are said to be so', async () => {
  let [isGone, isOdd] = [true, false];
  const page = await openDesk({}, async (fresh) => {
    await fresh.route('**/_operator/v1/findings?**', (route) => {
      if (isGone) return route.abort();
      return isOdd ? route.fulfill({ status: 500, body: '<h1>Oh</h1>' }) : route.continue();
    });
  });
  await page
    .getByText(/^The server cannot be reached\. Is npm start still running\?/)
    .filter({ visible: true })
    .first()
    .waitFor();
  [isGone, isOdd] = [false, true];
  await page.getByText(/^The service answered 500, and does not say why\./).waitFor();
  isOdd = false;
  await page.getByText('The detector has found nothing.').waitFor();
});

test('a play that cannot start says why, and nothing else is changed by it', async () => {
  const detail = 'A1 runs. Wait for its end.';
  const page = await openDesk({}, async (fresh) => {
    await fresh.route('**/_local/traffic', (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 409, contentType: 'application/problem+json', json: { status: 409, detail } })
        : route.continue(),
    );
  });
  await page.getByRole('button', { name: /^A1: / }).click();
  await deskAt(page).region('Traffic').getByText(detail).waitFor();
  expect(await page.getByRole('button', { name: 'Stop the play' }).isVisible()).toBe(false);
});
