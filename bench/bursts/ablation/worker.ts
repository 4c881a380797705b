/** Plays our detector with one part left out, in a thread of its own: a run, and denial attacks. */

import { parentPort, workerData } from 'node:worker_threads';
import { codes } from '../contenders/contenders.ts';
import { ours } from '../contenders/ours/ours.ts';
import { play } from '../denial/game.ts';
import { gamesOf } from '../denial/plan.ts';
import type { Job } from '../play/pool.ts';
import { run } from '../play/run.ts';
import { leaveOutThresholds, parts } from './parts.ts';

const { name, seed, size, habits, behindDays }: Job = workerData;
const part = parts.find((each) => each.name === name);
if (part === undefined) throw new Error(`There is no part called ${name}.`);
const started = performance.now();
leaveOutThresholds(part);
const entry = ours(name, codes, part);
const score = run({ entry, seed, size, habits, behindDays });
const games = gamesOf(seed, behindDays, { isQuick: true });
const denials = games.map((game) => ({ name, game, score: play(entry, game) }));
parentPort?.postMessage({ score: { score, denials }, seconds: (performance.now() - started) / 1000 });
