/** Plays one run of the hold-out in a thread of its own, for pool.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { entriesFor } from '../contenders/contenders.ts';
import type { HoldoutJob } from './holdout.ts';
import { holdoutRun } from './run.ts';
import { landCodes } from './world.ts';

const { name, seed, size }: HoldoutJob = workerData;
const entry = entriesFor(landCodes).find((each) => each.name === name);
if (entry === undefined) throw new Error(`There is no contender called ${name}.`);
const started = performance.now();
const score = holdoutRun({ entry, seed, size });
parentPort?.postMessage({ score, seconds: (performance.now() - started) / 1000 });
