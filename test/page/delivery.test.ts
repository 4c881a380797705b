import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { personAt } from './person.ts';
import { freshNumber, useStage } from './stage.ts';

const { open, stack } = useStage();

test('the whole journey keeps to the content security policy, and loads nothing from elsewhere', async () => {
  const complaints: string[] = [];
  const hosts = new Set<string>();
  const page = await open({}, async (fresh) => {
    fresh.on('pageerror', (error) => complaints.push(String(error)));
    fresh.on('console', (message) => complaints.push(`${message.text()} ${message.location().url}`));
    fresh.on('request', (request) => hosts.add(new URL(request.url()).origin));
  });
  const person = personAt(page);
  const number = freshNumber();
  await person.purpose('Pay');
  await person.openControls();
  await person.askFor(number);
  await person.getsSms(number);
  await person.tapNewest();
  await person.see('Signature valid');
  expect(complaints).toEqual([]);
  expect([...hosts]).toEqual([stack().url]);
});

test('the policy forbids inline scripts and styles, and everything from elsewhere', async () => {
  const { headers } = await fetch(stack().url);
  const policy = headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'self'");
  expect(policy).not.toMatch(/unsafe|script-src|style-src|https?:|\*/);
});

test('each call can be copied as a curl command that says the same', async () => {
  const page = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  const person = personAt(page);
  const number = freshNumber();
  await person.purpose('Pay');
  await page.getByLabel('Payee').fill("Neil's Tea & Co");
  await person.askFor(number);
  await person.code.waitFor();
  await page.getByRole('button', { name: 'Copy as curl' }).first().click();
  await person.button('Copied').waitFor();
  const copied = String(await page.evaluate('navigator.clipboard.readText()'));
  // The shell itself says what curl would be told.
  const told = execFileSync('sh', ['-c', `curl() { printf '%s\\n' "$@"; }; ${copied}`], { encoding: 'utf8' });
  expect(told.trimEnd().split('\n')).toEqual([
    '-i',
    '-X',
    'POST',
    `${stack().url}/v1/verifications`,
    '-H',
    `x-api-key: ${stack().apiKey}`,
    '-H',
    'content-type: application/json',
    '-H',
    expect.stringMatching(/^idempotency-key: [0-9a-f]{32}$/),
    '-d',
    JSON.stringify({
      locale: 'en',
      purpose: 'transaction',
      transaction: { amount: '1499.00', currency: 'INR', payee: "Neil's Tea & Co" },
      phoneNumber: number,
    }),
  ]);
});

test('the inbox is looked at once a second, and not at all while nobody watches', async () => {
  let looks = 0;
  const page = await open({}, async (fresh) => {
    await fresh.clock.install();
    fresh.on('request', (request) => {
      if (request.url().includes('/_local/messages')) looks += 1;
    });
  });
  const look = () => page.waitForResponse('**/_local/messages*');
  const watch = (isHidden: boolean) =>
    page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));`);
  await expect.poll(() => looks).toBeGreaterThan(0);
  const next = look();
  await page.clock.runFor(1000);
  await next;

  await watch(true);
  const before = looks;
  await page.clock.runFor(10_000);
  expect(looks - before).toBeLessThanOrEqual(1);

  const again = look();
  await watch(false);
  await again;
});

test('the inbox takes a maximum number of messages', async () => {
  const page = await open();
  const person = personAt(page);
  for (const number of [freshNumber(), freshNumber()]) {
    await person.askFor(number);
    await person.getsSms(number);
    await person.button('Change number').click();
  }
  const inbox = (query: string) => fetch(`${stack().url}/_local/messages${query}`);
  const [newest] = stack().messages();
  expect(await (await inbox('?limit=1')).json()).toEqual([newest]);
  expect(await (await inbox('')).json()).toHaveLength(stack().messages().length);
  for (const limit of ['0', '-1', '1.5', 'all', '']) expect((await inbox(`?limit=${limit}`)).status, limit).toBe(400);
});

test('the code in a message is found as a phone finds it', async () => {
  const page = await open();
  const codeIn = (text: string, length: number) =>
    page.evaluate(
      `import('/page/handset/message.js').then(({ codeIn }) => codeIn(${JSON.stringify(text)}, ${length}) ?? 'none')`,
    );
  expect(await codeIn('492039 is your Example code.', 6)).toBe('492039');
  expect(await codeIn('Example code 1234 to pay INR 1499.00 to Acme.', 4)).toBe('1234');
  expect(await codeIn('Pay INR 1499.00 or 1,499 to Acme with code 5678.', 4)).toBe('5678');
  expect(await codeIn('Call 1800555123 about 492039', 6)).toBe('492039');
  expect(await codeIn('111111 is not it\n@app.example.com #222222', 6)).toBe('222222');
  expect(await codeIn('Your parcel has arrived.', 6)).toBe('none');
});
