import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { walkPolicy } from '../../../cli/preflight/first-sms/policy.ts';
import type { Account } from '../../../local/aws/sms-voice/account.ts';
import { reasons } from '../../../local/aws/sms-voice/refusals.ts';
import { freshAccount, serveAccount } from './account.ts';
import { code, phone, problemWith, region, startAccount, steady, theCode, theNumber, yes } from './transcript.ts';

const root = path.join(import.meta.dirname, '../../..');
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(stops.splice(0).map((stop) => stop()));
});

const started = async (account: Partial<Account> = {}) => {
  const each = await startAccount(account);
  stops.push(each.stop);
  return each;
};

/** The routes that the walk printed, read as JavaScript. */
const routesIn = async (output: string): Promise<readonly object[]> => {
  const [, lines = ''] = /\n {2}smsRoutes: (\[\n[\s\S]*?\n {2}\]),\n/.exec(output) ?? [];
  const { default: routes } = await import(`data:text/javascript,${encodeURIComponent(`export default ${lines}`)}`);
  return routes;
};

const everything = [theNumber, yes, yes, theCode];

describe('a new account', () => {
  test('a new account comes to its first SMS, although it is in the sandbox, and docs/first-sms.md shows how', async () => {
    const { service, walk } = await started();
    const { ending, output } = await walk(everything);
    expect(ending).toEqual({ kind: 'sent' });
    expect(service.messages().map(({ to, text }) => [to, text])).toEqual([
      [phone, `Example: your verification code is ${code}`],
    ]);
    expect(readFileSync(path.join(root, 'docs/first-sms.md'), 'utf8')).toContain(
      `\`\`\`text\n${steady(output)}\n\`\`\`\n`,
    );
  });

  test('a new account gets settings that are valid as they were printed', async () => {
    const { walk } = await started();
    const { output } = await walk(everything);
    const routes = await routesIn(output);
    expect(routes).toEqual([expect.objectContaining({ sender: 'notify', tier: 'basic' }), {}]);
    expect(problemWith(routes)).toBeUndefined();
  });

  test('a new account gets settings that are valid with receipts as well, and hears when the Region has to be added', async () => {
    const { walk } = await started();
    const { output } = await walk(everything);
    const smsRoutes = await routesIn(output);
    expect(problemWith(smsRoutes, { receipts: { sources: ['configuration-set'] } })).toBeUndefined();
    expect(output).toContain(`If the stack is in another Region, add region: '${region}'.`);
    const far = smsRoutes.map((each, index) => (index === 0 ? { ...each, region } : each));
    expect(problemWith(far)).toBeUndefined();
  });

  test('a new account gets no message and no configuration from a walk that only looks', async () => {
    const { service, walk } = await started();
    const { ending } = await walk([], { consent: 'no', number: phone });
    expect([ending.kind, service.messages()]).toEqual(['stopped', []]);
    const again = await walk(everything);
    expect(again.output).toContain('0 are there');
  });

  test('a new account gets one configuration, however often the walk runs', async () => {
    const { service, walk } = await started();
    await walk([theNumber, yes]);
    await walk(everything.slice(0, 1));
    const { ending, output } = await walk([theNumber, yes, theCode]);
    expect(ending).toEqual({ kind: 'sent' });
    expect(output).not.toContain('CreateNotifyConfiguration');
    expect(service.messages()).toHaveLength(1);
  });
});

describe('a refusal', () => {
  test.each(['REJECTED', 'REQUIRES_VERIFICATION', 'PENDING'] as const)(
    'a refusal of the name (%s) ends the walk, and the next walk says the same without a question',
    async (notifyReview) => {
      const { service, walk } = await started({ notifyReview });
      const { ending } = await walk(everything);
      expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining(notifyReview) });
      const { output } = await walk(everything);
      expect(output).not.toContain('CreateNotifyConfiguration');
      expect(service.messages()).toEqual([]);
    },
  );

  test.each(reasons)(
    'a refusal because of %s shows neither number nor code, whichever call meets it',
    async (reason) => {
      for (const operation of ['CreateNotifyConfiguration', 'SendNotifyTextMessage']) {
        const { service, walk } = await started();
        service.fail(reason, { operation });
        const { ending, output } = await walk(everything);
        expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining(reason) });
        const all = output + JSON.stringify(ending);
        expect(all).not.toContain(code);
        expect(all).not.toContain(phone.slice(4));
        expect(service.messages()).toEqual([]);
      }
    },
  );

  test('a refusal of the eleventh message to a number names the limit, and the dry run finds it', async () => {
    const { service, walk } = await started();
    await walk(everything);
    for (let more = 0; more < 9; more += 1) await walk([theNumber, yes, theCode]);
    const { ending, output } = await walk([theNumber, yes, theCode]);
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('ten messages') });
    expect(output).not.toContain('Send one SMS');
    expect(service.messages()).toHaveLength(10);
  });

  test('a refusal by a spend limit that is used up is found by the dry run', async () => {
    const { service, walk } = await started({ spendLimitsUsd: { text: 1, voice: 1, notify: 0 } });
    const { ending } = await walk(everything);
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('spend limit of Notify') });
    expect(service.messages()).toEqual([]);
  });

  test('a lost answer is no reason to send twice', async () => {
    const { service, walk } = await started();
    await walk([theNumber, yes]);
    service.fail('reset-after-accept', { operation: 'SendNotifyTextMessage', times: 9 });
    const { ending } = await walk([theNumber, yes]);
    expect(ending).toEqual({ kind: 'stopped', todo: expect.stringContaining('may arrive') });
    // The dry run met the fault first, and it sends nothing.
    expect(service.messages()).toEqual([]);
  });
});

describe('npm run preflight -- --first-sms', () => {
  beforeEach(async () => {
    const { url, stop } = await serveAccount(freshAccount);
    stops.push(stop);
    const environment = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example',
      AWS_REGION: 'eu-west-1',
      AWS_CONFIG_FILE: '/nonexistent/config',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent/credentials',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_STS: url,
    };
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
    for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_ENDPOINT_URL']) vi.stubEnv(name, undefined);
  });

  const run = (...options: string[]) =>
    new Promise<{ code: number; stdout: string; stderr: string }>((resolve) => {
      const script = path.join(root, 'cli/preflight/preflight.ts');
      const all = [script, '--first-sms', ...options];
      const child = execFile(process.execPath, all, { env: process.env }, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
      child.stdin?.end();
    });

  /** The account has its configuration already, so that no run waits for AWS's review. */
  const ready = async () => {
    const { defaultAccount } = await import('../../../local/aws/sms-voice/account.ts');
    const { service } = await started({ notifyConfigurations: defaultAccount.notifyConfigurations, hasRates: false });
    vi.stubEnv('AWS_ENDPOINT_URL_PINPOINT_SMS_VOICE_V2', service.url);
    return service;
  };

  test('npm run preflight -- --first-sms sends with --yes, prints no number, and ends with 0', async () => {
    const service = await ready();
    const { stdout, stderr, ...ended } = await run('--yes', phone);
    expect([ended.code, stderr]).toEqual([0, '']);
    expect(service.messages()).toHaveLength(1);
    expect(stdout).not.toContain(phone.slice(4));
    expect(stdout).toContain('The settings are valid with these lines.');
  });

  test('npm run preflight -- --first-sms sends nothing without a terminal and without --yes, and ends with 1', async () => {
    const service = await ready();
    const { stdout, ...ended } = await run(phone);
    expect([ended.code, service.messages()]).toEqual([1, []]);
    expect(stdout).toMatch(/Nobody can be asked\.\n\nNothing was sent\./);
  });

  test.each([[['--json']], [['+1', '+2']]])(
    'npm run preflight -- --first-sms refuses %j, and asks nobody',
    async (options) => {
      const { code: status, stderr } = await run(...options);
      expect([status, stderr]).toEqual([2, expect.stringContaining('--first-sms')]);
    },
  );

  test('npm run preflight -- --first-sms --policy prints the policy that docs/first-sms.md has', async () => {
    const { stdout, ...ended } = await run('--policy');
    expect([ended.code, JSON.parse(stdout)]).toEqual([0, walkPolicy()]);
    expect(readFileSync(path.join(root, 'docs/first-sms.md'), 'utf8')).toContain(`\`\`\`json\n${stdout}\`\`\`\n`);
  });
});
