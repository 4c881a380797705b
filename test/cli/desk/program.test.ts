import { afterEach, describe, expect, test, vi } from 'vitest';
import { commands } from '../../../cli/desk/commands.ts';
import { exitWords } from '../../../cli/desk/exits.ts';
import { operatorRoutes } from '../../../lambdas/contract.ts';
import { type Account, json, type Script, serveAccount } from '../../fakes/desk/account.ts';
import { deskWith, type Sitting, spawnDesk } from '../../fakes/desk/desk.ts';

const stops: (() => Promise<void>)[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  return Promise.all(stops.splice(0).map((stop) => stop()));
});
const served = async (...scripts: readonly Script[]): Promise<Account> => {
  const account = await serveAccount(...scripts);
  stops.push(account.stop);
  return account;
};

const answering =
  (asked: string, value: unknown, status = 200): Script =>
  (call) =>
    call.asked === asked ? json(value, status) : undefined;

/** Runs a command against an API that gives one answer. */
const asking = async (args: readonly string[], script: Script, sitting?: Sitting) => {
  const { url, calls } = await served(script);
  return { calls, ...(await deskWith([...args, '--local', url], sitting)) };
};

describe('the help', () => {
  test.each(commands.map((command) => [command.name, command] as const))(
    '%s has an example that the program understands',
    async (name, { examples, says }) => {
      const { exit, out, err } = await deskWith([...name.split(' '), '--help']);
      expect([exit, err]).toEqual([0, '']);
      expect(out.replaceAll(/\s+/g, ' ')).toContain(says);
      for (const example of examples) {
        expect(out).toContain(`otp-desk ${example}`);
        expect(example.startsWith(name)).toBe(true);
      }
    },
  );
  test('the program lists every command and every exit code', async () => {
    const { exit, out } = await deskWith(['--help']);
    expect(exit).toBe(0);
    for (const { name } of commands) expect(out).toMatch(new RegExp(`^  ${name.split(' ')[0]}\\b`, 'm'));
    for (const [code, words] of exitWords) expect(out).toContain(`${code}  ${words}`);
  });
  test('each route of operators has a command', () => {
    const needed = commands.flatMap(({ needs }) => needs);
    expect(
      operatorRoutes.map(({ method, path }) => `${method} ${path}`).filter((each) => !needed.includes(each)),
    ).toEqual([]);
  });
});

describe('a wrong command line', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /Usage: otp-desk/],
    ['a command that does not exist', ['blok', 'country', 'IN'], /unknown command 'blok'\n\(Did you mean block\?\)/],
    ['an option that does not exist', ['blocks', '--every', '5s'], /unknown option '--every'/],
    ['an option without its value', ['findings', '--since'], /argument missing/],
    ['a group alone', ['dead-letters'], /Usage: otp-desk dead-letters/],
    ['a word too many', ['show', 'a', 'b'], /too many arguments/],
    ['no id', ['show'], /missing required argument 'id'/],
    ['a path in place of an id', ['show', '../blocks'], /This is no id/],
    ['a number as the block', ['block', 'number', '+919876543210', '--yes'], /Write no number on the command line/],
    ['a number of a history', ['history', '+919876543210', '--reason', 'x'], /Write no number on the command line/],
    ['a number to erase', ['erase', '+91', '98765', '43210'], /Write no number on the command line/],
    [
      'two ends of a block',
      ['block', 'country', 'IN', '--for', '1h', '--until', '2030-01-01T00:00:00Z'],
      /--for or --until/,
    ],
    [
      'a block that is too long',
      ['block', 'country', 'IN', '--for', '31d', '--reason', 'x', '--yes'],
      /30d is the most/,
    ],
    [
      'an allowance that is too long',
      ['lift', 'country', 'IN', '--allow', '8d', '--reason', 'x', '--yes'],
      /7d is the most/,
    ],
    [
      'a launch that is too long',
      ['launch', 'country', 'IN', '--for', '73h', '--expected', '5', '--reason', 'x'],
      /72h is the most/,
    ],
    ['a launch without an end', ['launch', 'country', 'IN', '--expected', '5'], /Write how long it lasts/],
    [
      'a launch of half a request',
      ['launch', 'country', 'IN', '--for', '1h', '--expected', '0.5'],
      /how many requests/,
    ],
    ['a stop of a range', ['stop', 'range', '+919876'], /all, application web, country IN/],
    ['an export without its time', ['export', '--reason', 'x'], /--from 2026-11-01 --to 2026-12-01/],
    [
      'an export that ends first',
      ['export', '--from', '2026-12-01', '--to', '2026-11-01'],
      /--from has to be before --to/,
    ],
    ['no reason, and nobody to ask', ['block', 'country', 'IN', '--yes'], /Write --reason/],
    ['a watch without a pause', ['watch', '--every', '0'], /from 1 to 3600/],
    ['another machine as the local one', ['blocks', '--local=http://example.com:4000'], /on this machine/],
    ['local mode by TLS', ['blocks', '--local=https://127.0.0.1:4000'], /on this machine/],
    ['a user in the URL', ['blocks', '--local=http://a@127.0.0.1:4000'], /on this machine/],
    ['a drill in local mode', ['drill', '--local'], /asks AWS about the parts of a deployed stack/],
    ['dead letters of another folder', ['dead-letters', 'show', 'secrets/key'], /begin with aws\/lambda\//],
    ['a Region that is a host', ['blocks', '--region', 'evil.example/'], /This is no AWS Region/],
  ])('%s ends with 2, a sentence, and no answer', async (_, args, sentence) => {
    const { exit, out, err } = await deskWith(args);
    expect([exit, out, err]).toEqual([2, '', expect.stringMatching(sentence)]);
  });

  test.each<[string, readonly string[], number, RegExp]>([
    ['a command that does not exist', ['blok'], 2, /^unknown command 'blok'/],
    ['no command', [], 2, /^Write a command/],
    ['a missing id', ['show'], 2, /^missing required argument/],
    ['an id that is none', ['show', '..'], 2, /^This is no id/],
    ['an act that nobody confirmed', ['stop', 'all', '--reason', 'a leak'], 5, /^This needs a yes/],
    ['a port on which nobody listens', ['blocks', '--local', 'http://127.0.0.1:9'], 4, /^Local mode does not run/],
  ])(
    '%s is told a program in one line of JSON, which has the exit code and the sentence',
    async (_, args, wanted, sentence) => {
      const { exit, out, err } = await deskWith([...args, '--json']);
      expect([exit, JSON.parse(out)]).toEqual([wanted, { exit: wanted, detail: expect.stringMatching(sentence) }]);
      expect([out.split('\n').length, err]).toEqual([2, expect.not.stringMatching(/^$/)]);
    },
  );

  test('text of a command line that a terminal obeys is named in the sentence', async () => {
    const { exit, err } = await deskWith(['\u001b[2J\u202eblocks']);
    expect([exit, /[^\n\P{C}]/u.test(err)]).toEqual([2, false]);
  });

  test('a refused number is in no output', async () => {
    for (const args of [
      ['history', '+919876543210'],
      ['block', 'number', '+919876543210'],
    ]) {
      const { out, err } = await deskWith([...args, '--json']);
      expect(out + err).not.toContain('9876543210');
    }
  });
});

describe('the place of the options', () => {
  test.each([
    ['before the command', (url: string) => ['--local', url, 'blocks']],
    ['behind it', (url: string) => ['blocks', '--local', url]],
    ['with an equals sign', (url: string) => ['blocks', `--local=${url}`]],
    ['with the path of the API', (url: string) => ['blocks', '--local', `${url}/_operator/`]],
  ])('local mode is named %s', async (_, args) => {
    const { url } = await served(answering('GET /_operator/v1/blocks', { blocks: [] }));
    expect(await deskWith(args(url))).toMatchObject({ exit: 0, out: 'Nothing is blocked.\n' });
  });
  test('a word behind --local that is no URL is the command', async () => {
    // Local mode has this port, and may run beside the tests.
    const fetched = vi.spyOn(globalThis, 'fetch').mockRejectedValue(new TypeError('fetch failed'));
    const { exit, err } = await deskWith(['--local', 'blocks'], { env: {} });
    expect(fetched.mock.calls.map(([url]) => String(url))).toEqual(['http://127.0.0.1:4000/_operator/v1/blocks']);
    expect([exit, err]).toEqual([4, expect.stringContaining('Local mode does not run at http://127.0.0.1:4000')]);
  });
});

describe('status', () => {
  const checks = [
    { name: 'detector-listening', state: 'bad', says: 'The detector is switched off.', todo: 'Enable the mapping.' },
    { name: 'caps', state: 'ok', says: 'No cap is used up.' },
  ];
  const answer = {
    state: 'bad',
    checkedAt: '2026-11-29T03:04:05.000Z',
    checks,
    caps: [{ of: 'country', name: 'IN', hour: { usedUsd: 1, capUsd: 4, share: 0.25 }, day: {} }],
    blocks: 2,
    stops: [{ of: 'all' }],
  };
  const now = () => Date.parse('2026-11-29T03:04:10.000Z');

  test('a bad state ends with 3, says what to do, and shows what is blocked and stopped', async () => {
    const { exit, out } = await asking(['status'], answering('GET /_operator/v1/status', answer), { now });
    expect(exit).toBe(3);
    expect(out).toMatch(/^NOT ALL IS WELL, 2026-11-29 03:04:05 UTC \(5 s ago\)\n/);
    expect(out).toMatch(/^BAD {6}detector-listening: The detector is switched off\.\n {9}Do: Enable the mapping\.$/m);
    expect(out).toMatch(/country IN +\$1\.00 of \$4\.00 \(25 %\)/);
    expect(out).toMatch(/blocks: 2\nstops:\n {2}- of all\n/);
  });
  test.each<[string, unknown, number]>([
    ['all is well', { ...answer, state: 'ok' }, 0],
    ['a state that is not known', { ...answer, state: 'fine' }, 3],
    ['an empty answer', {}, 3],
    ['a list', [], 3],
  ])('%s ends as it should, for machines too', async (_, value, wanted) => {
    const { exit, out } = await asking(['status', '--json'], answering('GET /_operator/v1/status', value));
    expect([exit, JSON.parse(out)]).toEqual([wanted, value]);
  });
});

describe('what an answer may do', () => {
  test.each<[string, Script, number, RegExp]>([
    ['a page of HTML', () => ({ status: 200, body: '<html>' }), 4, /none of the API of operators/],
    [
      'a redirect',
      () => ({ status: 302, body: '', headers: { location: 'http://example.com' } }),
      4,
      /Local mode does not run/,
    ],
    ['an unknown route', () => undefined, 1, /has no such route\. Deploy the version of this otp-desk\./],
    [
      'a role that may not',
      answering('GET /_operator/v1/blocks', { code: 'forbidden', detail: 'No.' }, 403),
      1,
      /^No\. Your role may not do this\. The role of the analyst \(output SecurityAnalystPolicyArn\) or auditor \(output AuditorPolicyArn\) may\./,
    ],
    [
      'a token that has expired',
      answering('GET /_operator/v1/blocks', { code: 'forbidden', detail: 'The credentials have expired.' }, 403),
      4,
      /Sign in again/,
    ],
    [
      'a throttle',
      () => ({ ...json({ code: 'too-many-requests', detail: 'Too fast.' }, 429), headers: { 'retry-after': '7' } }),
      1,
      /^Too fast\. Try again in 7 seconds\./,
    ],
    [
      'an outage',
      answering('GET /_operator/v1/blocks', { detail: 'The service did not answer.' }, 503),
      1,
      /^The service did not answer\.\n/,
    ],
    ['an error without words', () => ({ status: 500, body: '' }), 1, /^The API answered 500\./],
    [
      'words that a terminal obeys',
      answering('GET /_operator/v1/blocks', { detail: 'a\u001b[2J\nALL IS WELL' }, 500),
      1,
      /^a\\u\{1b\}\[2J\\u\{a\}ALL IS WELL\n/,
    ],
  ])('%s becomes a sentence', async (_, script, exit, sentence) => {
    const ended = await asking(['blocks'], script);
    expect([ended.exit, ended.out, ended.err]).toEqual([exit, '', expect.stringMatching(sentence)]);
  });
  test('entries without fields do not break a list', async () => {
    const findings = [null, 7, 'x', [], {}, { id: 'a', headline: 'Seen' }];
    const { exit, out } = await asking(
      ['findings'],
      answering('GET /_operator/v1/findings', { findings, cursor: 'next' }),
    );
    expect([exit, out]).toEqual([0, expect.stringContaining('Seen')]);
    expect(out).toContain("add --cursor 'next'");
  });
});

describe('an act', () => {
  test('a stop names what it does, asks, and sends what was meant', async () => {
    const { exit, calls, asked, out } = await asking(['stop', 'application', 'web'], () => json({}), {
      answers: ['bill explodes', 'y'],
    });
    expect([exit, out]).toEqual([0, expect.stringMatching(/^Stopped: sending for application web\./)]);
    expect(asked[1]).toMatch(/^Stop sending for application web: nobody gets a code until somebody resumes\./);
    expect(calls.map(({ asked: route, body }) => [route, body])).toEqual([
      ['POST /_operator/v1/sending/stop', { what: { application: 'web' }, reason: 'bill explodes' }],
    ]);
  });
  test('webhooks replay asks again for the ids that are missing, and for no other event', async () => {
    const answers = [
      { replayed: 1, missing: ['evt_2'], isMore: true },
      { replayed: 1, missing: [], isMore: true },
    ];
    const { exit, calls } = await asking(['webhooks', 'replay', 'evt_1', 'evt_2', '--reason', 'mended', '--yes'], () =>
      json(answers.shift() ?? {}),
    );
    expect([exit, calls.map(({ body }) => body)]).toEqual([
      0,
      [
        { ids: ['evt_1', 'evt_2'], reason: 'mended' },
        { ids: ['evt_2'], reason: 'mended' },
      ],
    ]);
  });
  test.each<[string, readonly string[], string, unknown]>([
    ['resume', ['resume', 'all', '--reason', 'over'], 'POST /v1/sending/resume', { what: 'all', reason: 'over' }],
    [
      'launch',
      ['launch', 'prefix', '+919876', '--for', '24h', '--expected', '5000', '--reason', 'TV'],
      'POST /v1/launches',
      { what: { prefix: '+919876' }, reason: 'TV', forMinutes: 1440, expected: 5000 },
    ],
    [
      'webhooks replay',
      ['webhooks', 'replay', 'evt_1', 'evt_2', '--application', 'web', '--reason', 'mended'],
      'POST /v1/webhooks/replay',
      { ids: ['evt_1', 'evt_2'], application: 'web', reason: 'mended' },
    ],
    ['cancel-launch', ['cancel-launch', 'country:IN'], 'DELETE /v1/launches/country:IN', {}],
    [
      'false-positive',
      ['false-positive', 'a1', '--note', 'ours'],
      'PATCH /v1/findings/a1',
      { status: 'false-positive', note: 'ours' },
    ],
    ['resolve', ['resolve', 'a1'], 'PATCH /v1/findings/a1', { status: 'resolved' }],
    [
      'block',
      ['block', 'ip', '203.0.113.7', '--for', '2h', '--reason', 'bots'],
      'POST /v1/blocks',
      { what: { ip: '203.0.113.7' }, reason: 'bots', forMinutes: 120 },
    ],
    [
      'lift',
      ['lift', 'country', 'IN', '--allow', '7d', '--reason', 'x'],
      'POST /v1/blocks/lift',
      { what: { country: 'IN' }, reason: 'x', allowMinutes: 10_080 },
    ],
  ])('%s sends one request, and none without a yes', async (_, args, asked, body) => {
    const yes = await asking([...args, '--yes'], () => json({ id: 'country:IN' }));
    expect([yes.exit, yes.calls.map((call) => [call.asked.replace('/_operator', ''), call.body])]).toEqual([
      0,
      [[asked, body]],
    ]);
    const nobody = await asking(args, () => json({}));
    expect([nobody.exit, nobody.calls]).toEqual([5, []]);
  });
  test.each<[string, unknown, unknown]>([
    ['a group', { what: { range: '+91987654' } }, { range: '+91987654' }],
    ['a number', { what: { number: 'hidden' } }, { finding: 'a1' }],
    ['nothing that has a name', {}, { finding: 'a1' }],
  ])('a finding about %s is lifted by its id, as its own command says', async (_, finding, what) => {
    const { exit, calls } = await asking(['lift', 'finding', 'a1', '--reason', 'why', '--yes'], ({ asked }) =>
      asked.startsWith('GET') ? json(finding) : json({}),
    );
    expect([exit, calls[1]?.body]).toEqual([0, { what, reason: 'why' }]);
  });
  test('a number goes in the body alone, from standard input, and never without a yes', async () => {
    const input = ' +91 98765 43210 \r\n';
    const { exit, calls } = await asking(
      ['erase', '--reason', 'holder', '--yes'],
      () => json({ erased: { guards: 1 } }),
      { input },
    );
    expect([exit, calls[0]?.asked, calls[0]?.body]).toEqual([
      0,
      'POST /_operator/v1/numbers/erase',
      { number: '+91 98765 43210', reason: 'holder' },
    ]);
    expect((await asking(['erase', '--reason', 'holder'], () => json({}), { input })).calls).toEqual([]);
    for (const wrong of ['', '\n', '+1\n+2\n'])
      expect((await asking(['history', '--reason', 'x', '--yes'], () => json({}), { input: wrong })).exit).toBe(2);
  });
  test.each<[string, readonly string[], string, unknown]>([
    ['noted', [], 'POST /_operator/v1/numbers/port-notice', {}],
    [
      'noted with its time and for a length',
      ['--ported', '2026-11-30', '--until', '20d'],
      'POST /_operator/v1/numbers/port-notice',
      { portedAt: '2026-11-30T00:00:00.000Z', forMinutes: 28_800 },
    ],
    [
      'noted until a time',
      ['--until', '2026-12-10T06:00:00Z'],
      'POST /_operator/v1/numbers/port-notice',
      { until: '2026-12-10T06:00:00.000Z' },
    ],
    ['lifted', ['--lift'], 'POST /_operator/v1/numbers/port-notice/lift', {}],
  ])('a porting notice is %s by one request, and never without a yes', async (_, options, asked, more) => {
    const input = '+91 98765 43210';
    const args = ['port-notice', ...options, '--reason', 'a list'];
    const { exit, calls } = await asking([...args, '--yes'], () => json({}), { input });
    expect([exit, calls.map((call) => [call.asked, call.body])]).toEqual([
      0,
      [[asked, { number: '+91 98765 43210', reason: 'a list', ...(more as object) }]],
    ]);
    expect((await asking(args, () => json({}), { input })).calls).toEqual([]);
  });
  test.each<[string, readonly string[]]>([
    ['a number on the command line', ['+919876543210']],
    ['too long a length', ['--until', '91d']],
    ['a length of no unit', ['--until', '10w']],
    ['a day of no calendar', ['--ported', '2026-02-30']],
    ['a lift with an end', ['--lift', '--until', '10d']],
    ['a lift with a time', ['--lift', '--ported', '2026-11-30']],
  ])('a porting notice with %s is refused before anything is asked', async (_, options) => {
    const { exit, calls } = await asking(['port-notice', ...options, '--reason', 'a list', '--yes'], () => json({}), {
      input: '+919876543210',
    });
    expect([exit, calls]).toEqual([2, []]);
  });
  test('an erasure that takes longer than a call goes on under its order number, and ends with 1 if it never ends', async () => {
    const input = '+919876543210';
    const left = [
      { order: 'E-1', isComplete: false },
      { order: 'E-1', isComplete: true, stays: [], guard: null },
    ];
    const args = ['erase', '--reason', 'holder', '--yes'];
    const { exit, out, calls } = await asking(args, () => json(left.shift()), { input });
    expect([exit, out]).toEqual([0, 'order: E-1\nis complete: true\nstays: none\nguard: none\n']);
    expect(calls.map(({ body }) => body)).toEqual([
      { number: input, reason: 'holder' },
      { number: input, reason: 'holder', order: 'E-1' },
    ]);
    const endless = await asking(args, () => json({ order: 'E-1', isComplete: false }), { input });
    expect([endless.exit, endless.calls.length]).toEqual([1, 20]);
  });
  test('the history of a number is printed in words, with how to get the next page', async () => {
    const answer = {
      number: '+91••••••3210',
      events: [{ at: '2026-11-29T03:04:05.000Z', what: 'started' }],
      cursor: 'b',
    };
    const { out, asked, calls } = await asking(['history', '--cursor', 'a'], () => json(answer), {
      answers: ['+919876543210', 'complaint', 'y'],
    });
    expect(out).toMatch(
      /events:\n {2}- at 2026-11-29 03:04:05 UTC \(.*\), what started\n\nThere are more: add --cursor 'b'\n$/,
    );
    expect(calls[0]?.body).toEqual({ number: '+919876543210', reason: 'complaint', cursor: 'a' });
    expect(asked.join()).toContain('The audit trail keeps that you did');
  });
});

describe('an export', () => {
  const running = { id: 'e1', state: 'running', progress: { items: 10 } };
  test('an export is followed to its end, with its progress beside the answer', async () => {
    const states = [running, running, { id: 'e1', state: 'done', bucket: 'b', manifest: 'e1/manifest.json' }];
    const args = ['export', '--from', '2026-11-01', '--to', '2026-12-01', '--reason', 'audit', '--yes'];
    const { exit, out, err, calls } = await asking(args, () => json(states.shift() ?? {}));
    expect([exit, out]).toEqual([0, expect.stringContaining('state: done')]);
    // The AWS CLI would ask AWS itself for this bucket, with the credentials of the person.
    expect(out).not.toContain('aws s3');
    expect(out).toContain('Local mode keeps the files in its memory');
    expect(err.split('items: 10').length).toBe(2);
    expect(calls[0]?.body).toEqual({
      from: '2026-11-01T00:00:00.000Z',
      to: '2026-12-01T00:00:00.000Z',
      reason: 'audit',
    });
    expect(calls.slice(1).map(({ asked }) => asked)).toEqual(Array(2).fill('GET /_operator/v1/exports/e1'));
  });
  test('an export that failed ends with 1; Ctrl-C ends the waiting and says how to go on', async () => {
    expect((await asking(['export', '--id', 'e1'], () => json({ id: 'e1', state: 'failed' }))).exit).toBe(1);
    const interruption = AbortSignal.abort();
    const { exit, err } = await asking(['export', '--id', 'e1'], () => json(running), { interruption });
    expect([exit, err]).toEqual([0, expect.stringContaining('otp-desk export --id e1 waits for it again')]);
  });
});

describe('the clock of local mode', () => {
  const dayMs = 86_400_000;
  const blocks = () =>
    json({ blocks: [{ level: 'country', what: { country: 'IN' }, until: iso(9 * dayMs - 60_500) }] });
  const iso = (aheadMs: number) => new Date(Date.now() + aheadMs).toISOString();
  test('times are as far away as the service sees them, whose clock an attack of the page has moved', async () => {
    const { url, clock } = await served(blocks);
    clock.aheadSeconds = (9 * dayMs) / 1000;
    const { out } = await deskWith(['blocks', '--local', url]);
    expect(out).toMatch(/UTC \(1 min ago\)/);
  });
  test.each(['findings', 'actions', 'prices'])('%s --since counts back from that clock', async (name) => {
    const { url, clock, calls } = await served(() => json({}));
    clock.aheadSeconds = (9 * dayMs) / 1000;
    await deskWith([name, '--since', '24h', '--local', url]);
    expect(Math.abs(Date.parse(calls[0]?.query.get('since') ?? '') - Date.now() - 8 * dayMs)).toBeLessThan(60_000);
  });
  test('a watch begins at that clock, and stamps what it sees by it', async () => {
    const stop = new AbortController();
    const account = await served(({ asked }) => (asked.endsWith('/blocks') ? blocks() : json({ findings: [] })));
    account.clock.aheadSeconds = (9 * dayMs) / 1000;
    const { out } = await deskWith(['watch', '--json', '--local', account.url], {
      interruption: stop.signal,
      slept: () => stop.abort(),
    });
    const closedSince = account.calls.find(({ query }) => query.get('status') === 'closed')?.query.get('since') ?? '';
    for (const at of [closedSince, JSON.parse(out.split('\n')[0] ?? '').at])
      expect(Math.abs(Date.parse(at) - Date.now() - 9 * dayMs)).toBeLessThan(60_000);
  });
  test('a server that tells no time is taken at the time of this machine', async () => {
    const { url, clock } = await served(() => json({ blocks: [{ until: iso(60_500) }] }));
    clock.aheadSeconds = Number.NaN;
    expect((await deskWith(['blocks', '--local', url])).out).toMatch(/\(in 1 min\)/);
  });
});

describe('watch', () => {
  test('a watch outlives an outage, tells it once, and prints what changed meanwhile', async () => {
    const stop = new AbortController();
    let looks = 0;
    const { url } = await served(({ asked, query }) => {
      if (asked.endsWith('/blocks')) return json({ blocks: [] });
      if (query.get('status') === 'closed') return json({ findings: [] });
      looks += 1;
      if (looks === 2 || looks === 3) return json({ detail: 'The service did not answer.' }, 503);
      return json({
        findings: [{ id: 'a', severity: looks === 1 ? 'high' : 'critical', status: 'new', headline: 'x' }],
      });
    });
    let slept = 0;
    const { exit, out, err } = await deskWith(['watch', '--local', url], {
      interruption: stop.signal,
      slept: () => {
        slept += 1;
        if (slept === 5) stop.abort();
      },
    });
    expect(exit).toBe(0);
    expect(out.split('\n').map((line) => line.slice(25))).toEqual([
      'new finding  high new a: x',
      'changed finding  critical new a: x',
      '',
    ]);
    expect(err).toBe(
      'Looking every 5 s. Ctrl-C ends it.\nThe service did not answer. Still trying.\nThe API answers again.\n',
    );
  });
  test('a finding that leaves the first page and comes back is not new, and is told if it has changed', async () => {
    const stop = new AbortController();
    const pages = [['a'], ['b'], ['a'], ['a', 'b']];
    let looks = 0;
    const { url } = await served(({ asked, query }) => {
      if (asked.endsWith('/blocks')) return json({ blocks: [] });
      if (query.get('status') === 'closed') return json({ findings: [] });
      looks += 1;
      const severity = looks < 4 ? 'high' : 'critical';
      const ids = pages[looks - 1] ?? [];
      return json({ findings: ids.map((id) => ({ id, severity: id === 'a' ? 'high' : severity, status: 'new' })) });
    });
    const { out } = await deskWith(['watch', '--json', '--local', url], {
      interruption: stop.signal,
      slept: () => looks === pages.length && stop.abort(),
    });
    const told = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(told.map(({ change, entry }) => [change, entry.id])).toEqual([
      ['new', 'a'],
      ['new', 'b'],
      ['changed', 'b'],
    ]);
  });
  test('a watch that cannot begin fails as every command does', async () => {
    expect((await deskWith(['watch', '--local', 'http://127.0.0.1:9'])).exit).toBe(4);
  });
});

test('the program prints nothing but the answer on standard output, without a terminal, and its end is its exit code', async () => {
  const { url } = await served(
    answering('GET /_operator/v1/blocks', { blocks: [{ reason: '\u001b[31mred', kind: 'block' }] }),
  );
  const machine = await spawnDesk(['blocks', '--json', '--local', url]).ended;
  expect(machine).toEqual({ exit: 0, err: '', out: expect.not.stringContaining('\u001b') });
  expect(JSON.parse(machine.out).blocks[0].reason).toBe('\u001b[31mred');
  const person = await spawnDesk(['erase', '--reason', 'x', '--local', url], { input: '+919876543210' }).ended;
  expect(person).toEqual({ exit: 5, out: '', err: expect.stringMatching(/Write --yes if you mean it/) });
});

describe('the prices', () => {
  const row = {
    ...{ country: 'IN', route: 'end-user-messaging', channel: 'sms', messages: 1200 },
    parts: { estimated: 1200, real: 1500, driftPercent: 25 },
    priceUsd: { estimated: 60, real: 84, driftPercent: 40 },
    state: 'drift',
  };
  const change = { setting: 'countries.IN.priceUsd', now: 0.05, value: 0.07 };
  const report = {
    state: 'drift',
    hasReceipts: true,
    since: '2026-10-31T00:00:00.000Z',
    prices: [row],
    changes: [change],
  };
  const prices = (value: unknown, ...args: readonly string[]) =>
    asking(['prices', ...args], answering('GET /_operator/v1/prices', value));

  test('a drift ends with 3, and shows both sides, the drift, and the setting to change with its value', async () => {
    const { exit, out } = await prices(report);
    expect(exit).toBe(3);
    for (const text of ['IN', 'end-user-messaging', '1200 : 1500', '+25 %', '$60.0000 : $84.0000', '+40 %', 'DRIFT'])
      expect(out).toContain(text);
    expect(out).toContain('Write countries.IN.priceUsd: 0.07 in the settings, in place of 0.05.');
  });

  test('prices that fit end with 0, and --json is exactly what the API answers', async () => {
    const quiet = { ...report, state: 'ok', prices: [{ ...row, state: 'known' }], changes: [] };
    const { exit, out } = await prices(quiet, '--json');
    expect([exit, JSON.parse(out)]).toEqual([0, quiet]);
    expect((await prices(quiet)).out).not.toContain('Write ');
  });

  test('a call has no parts, and sums that cannot be read are counted', async () => {
    const { parts: _, ...call } = { ...row, channel: 'voice', state: 'ok' };
    const { exit, out } = await prices({ ...report, state: 'ok', prices: [call], changes: [], unreadable: 2 });
    expect([exit, out]).toEqual([0, expect.stringContaining('2 sums of a day cannot be read')]);
    expect(out).not.toContain('undefined');
  });

  test.each([
    [
      { ...report, state: 'ok', prices: [], changes: [] },
      'No receipt with a price came since 2026-10-31 00:00:00 UTC.',
    ],
    [{ ...report, state: 'ok', hasReceipts: false, prices: [], changes: [] }, 'The settings ask for no receipts'],
  ])('a report without prices says why: %#', async (value, sentence) => {
    const { exit, out } = await prices(value);
    expect([exit, out]).toEqual([0, expect.stringContaining(sentence)]);
  });

  test('an answer of no known state is never taken for good', async () => {
    expect((await prices({})).exit).toBe(3);
  });
});
