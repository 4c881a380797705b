/** Each function of ours that somebody waits for, in a fresh process, against the local stack behind TLS. */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundle } from '../../bundle/bundle.ts';
import { shuffled } from '../report/statistics.ts';
import { benchedNames, benchPolicy, firstFlows, type Stack } from '../stack.ts';
import type { FromLocalAws, ToLocalAws } from './local-aws.ts';
import type { Sample } from './samples.ts';

const startLocalAws = async (folder: string, bundles: string): Promise<Stack> => {
  const program = path.join(import.meta.dirname, 'local-aws.ts');
  const child = fork(program, [bundles], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [ready] = (await once(child, 'message')) as [FromLocalAws];
  if (ready.kind !== 'ready') throw new Error('The local stack did not start.');
  const ca = path.join(folder, 'local-ca.pem');
  await writeFile(ca, ready.cert);
  const lastSms = async (to: string): Promise<string> => {
    child.send({ lastSms: to } satisfies ToLocalAws);
    const [message] = (await once(child, 'message')) as [FromLocalAws];
    return message.kind === 'sms' ? message.text : '';
  };
  const { endpoints, environment } = ready;
  const stop = async () => {
    child.disconnect();
    await once(child, 'exit');
  };
  return { endpoints, environment, more: { NODE_EXTRA_CA_CERTS: ca }, lastSms, stop };
};

export type Sized = { readonly name: string; readonly codeBytes: number; readonly dataBytes: number };

/** @param folder gets the bundles. */
export const measureFunctions = async (folder: string, rounds: number) => {
  const out = path.join(folder, 'functions');
  const bundles = await bundle({ out, policy: benchPolicy });
  const stack = await startLocalAws(folder, out);
  try {
    const first = firstFlows(stack, out);
    const samples: Sample[] = [];
    for (let round = 0; round < rounds; round += 1)
      for (const name of shuffled(benchedNames, Math.random)) samples.push({ name, round, ...(await first(name)) });
    const sizes = bundles.map(({ function: name, bytes: codeBytes, dataBytes }) => ({ name, codeBytes, dataBytes }));
    return { samples, sizes };
  } finally {
    await stack.stop();
  }
};
