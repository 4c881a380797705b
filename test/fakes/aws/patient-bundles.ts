import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { functionNames } from '../../../lambdas/contract.ts';

/** Time-outs of `lambdas/aws/calls/time-outs.ts` as esbuild writes them: connection, answer, pause within an answer. */
const ofCalls = 'connectionTimeout:1e3,requestTimeout:2e3,socketTimeout:2e3';
const ofSms = 'connectionTimeout:1e3,requestTimeout:5e3,socketTimeout:5e3';

/**
 * Makes bundles wait longer for AWS. The stand-ins answer in the process of the test, which a busy machine may stop for two
 * seconds: then a call would be repeated or given up. `test/aws/back-off.test.ts` reads the time-outs of a deployment.
 */
export const waitLonger = async (folder: string): Promise<void> => {
  // A person waits for the status, which has time-outs of its own.
  for (const name of functionNames.filter((each) => each !== 'read-status')) {
    const file = join(folder, name, 'index.mjs');
    const code = await readFile(file, 'utf8');
    if (!code.includes(ofCalls)) throw new Error(`${name} has other time-outs than ${import.meta.filename} knows.`);
    const patient = code
      .replaceAll(ofCalls, 'connectionTimeout:15e3,requestTimeout:15e3,socketTimeout:15e3')
      .replaceAll(ofSms, 'connectionTimeout:15e3,requestTimeout:5e3,socketTimeout:5e3');
    await writeFile(file, patient);
  }
};
