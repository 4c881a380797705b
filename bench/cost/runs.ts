/** Runs the deployed bundles against the fake AWS: the time of a core, and the wait for AWS on the critical path. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../../bundle/bundle.ts';
import type { Measured, Run } from '../../docs/generate/capacity/measured.ts';
import { bodyOf, environment, names, phoneNumberOf } from '../flow/contenders.ts';
import { eventOf } from '../flow/events.ts';
import { type Container, type FakeAws, startContainer, startFakeAws } from '../flow/processes.ts';
import { wavesOf } from '../flow/waves.ts';
import { delayMs } from '../latency/play.ts';
import { benchPolicy } from '../stack.ts';

/** Long enough that calls at the same time overlap on a busy machine. */
const recordingMs = 60;

type Kind = keyof Measured['runs'];
type Steps = Readonly<Record<Kind, (run: number) => Promise<unknown>>>;

/** The steps of a verification, one after the other. */
const stepsOf = ({ invoke }: Container, aws: FakeAws): Steps => {
  const ids = new Map<number, string>();
  const codeOf = async (run: number) => /\d{6}/.exec(await aws.sms(phoneNumberOf(run)))?.[0] ?? '';
  const check = async (run: number, code: string) =>
    bodyOf(await invoke('check', eventOf('check', { run, id: ids.get(run) ?? '', body: { code } })));
  return {
    request: async (run) => {
      const answer = await invoke('send', eventOf('send', { run, body: { phoneNumber: phoneNumberOf(run) } }));
      if (answer.statusCode !== 201) throw new Error(`A request answered ${answer.statusCode} ${answer.body}`);
      ids.set(run, String(bodyOf(answer)['id']));
    },
    'check, wrong': async (run) => {
      const { status } = await check(run, String(999_999 - Number(await codeOf(run))).padStart(6, '0'));
      if (status !== 'pending') throw new Error(`A wrong check answered ${status}.`);
    },
    'check, right': async (run) => {
      const { status } = await check(run, await codeOf(run));
      if (status !== 'approved') throw new Error(`A check answered ${status}.`);
    },
  };
};

const kinds: readonly Kind[] = ['request', 'check, wrong', 'check, right'];

const waitOf = async (aws: FakeAws, step: (run: number) => Promise<unknown>, run: number): Promise<number> => {
  await aws.report();
  aws.delay(() => recordingMs);
  await step(run);
  const waves = wavesOf((await aws.report()).calls);
  aws.delay(() => 0);
  return waves.reduce((sum, wave) => sum + Math.max(...wave.map(({ operation }) => delayMs(operation))), 0);
};

/** Measures each step on its own. @param flows of each. */
export const measureRuns = async (flows: number): Promise<Measured['runs']> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'cost-'));
  const aws = await startFakeAws();
  try {
    await writeFile(path.join(folder, 'ca.pem'), aws.cert);
    await bundle({ out: folder, functions: Object.values(names), policy: benchPolicy });
    const of = (name: string) => path.join(folder, name, 'index.mjs');
    const container = await startContainer({ send: of(names.send), check: of(names.check) }, environment(aws, folder));
    const steps = stepsOf(container, aws);
    const warmUp = Math.ceil(flows / 2);
    for (let run = 0; run < warmUp; run += 1) for (const kind of kinds) await steps[kind](run);
    const waits = new Map<Kind, number>();
    for (const kind of kinds) waits.set(kind, await waitOf(aws, steps[kind], warmUp));
    const runs: [Kind, Run][] = [];
    for (const kind of kinds) {
      const before = await container.usage();
      for (let run = 0; run < flows; run += 1) await steps[kind](warmUp + 1 + run);
      const after = await container.usage();
      runs.push([kind, { cpuMs: (after.cpuMs - before.cpuMs) / flows, waitMs: waits.get(kind) ?? Number.NaN }]);
    }
    container.stop();
    return Object.fromEntries(runs) as Measured['runs'];
  } finally {
    aws.stop();
    await rm(folder, { recursive: true, force: true });
  }
};
