/** Plays one denial attack in a thread of its own, for pool.ts. */

import { parentPort, workerData } from 'node:worker_threads';
import { entries } from '../contenders/contenders.ts';
import { play } from './game.ts';
import type { Game } from './plan.ts';

const { name, games }: { readonly name: string; readonly games: readonly Game[] } = workerData;
const entry = entries.find((each) => each.name === name);
if (entry === undefined) throw new Error(`There is no contender called ${name}.`);
const started = performance.now();
const score = games.map((game) => ({ game, score: play(entry, game) }));
parentPort?.postMessage({ score, seconds: (performance.now() - started) / 1000 });
