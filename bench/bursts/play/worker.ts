/** Plays one run in a thread of its own, for pool.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { entries } from '../contenders/contenders.ts';
import type { Job } from './pool.ts';
import { run } from './run.ts';

const { name, seed, size, habits, behindDays }: Job = workerData;
const entry = entries.find((each) => each.name === name);
if (entry === undefined) throw new Error(`There is no contender called ${name}.`);
const started = performance.now();
const score = run({ entry, seed, size, habits, behindDays });
parentPort?.postMessage({ score, seconds: (performance.now() - started) / 1000 });
