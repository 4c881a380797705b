/** Each command that the walk to the first SMS prints, typed instead of the walk. Debian's version 2 is older than Notify. */

import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, test } from 'vitest';
import { code, phone, startAccount, theCode, theNumber, yes } from '../cli/preflight/transcript.ts';
import { pythonEnvironment } from '../fakes/python.ts';

const aws = path.join(pythonEnvironment('aws-cli-1', path.join(import.meta.dirname, 'requirements.txt')), 'aws');

/** Runs a line of the walk in a shell that has the number and the code in variables, as the walk prints them. */
const type = (line: string, url: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const script = line.replace(/^aws /, `'${aws}' --endpoint-url '${url}' `);
    const env = { PATH: '/usr/bin:/bin', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', PHONE: phone, CODE: code };
    execFile('/bin/bash', ['--norc', '-c', script], { env }, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });

test('each command that the walk prints does what the walk does', async () => {
  const walked = await startAccount();
  const { output } = await walked.walk([theNumber, yes, yes, theCode]);
  await walked.stop();
  const lines = [...output.matchAll(/\$ (aws pinpoint-sms-voice-v2 .*)/g)].map(([, line = '']) => line);
  expect(lines).toHaveLength(9);

  const typed = await startAccount({ hasRates: false });
  let own = '';
  for (const line of lines) {
    const said = await type(line.replaceAll(/notify-[0-9a-f]{32}/g, own), typed.service.url);
    own = /"NotifyConfigurationId": "([^"]+)"/.exec(said)?.[1] ?? own;
  }
  expect(typed.service.messages().map(({ to, text }) => [to, text])).toEqual([[phone, expect.stringContaining(code)]]);
  await typed.stop();
});
