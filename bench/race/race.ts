/**
 * Races 200 guesses against one code, again and again: no more may be judged than the limit allows, and no more than one
 * accepted.
 *
 *     npm run bench:race [-- --rounds 1000] [--peer-rounds 40] [--quick] [--write] [--noisy]
 *
 * --rounds       rounds of this service
 * --peer-rounds  rounds of each other racer
 * --quick        that the bench runs: its figures say little
 * --write        writes bench/results/race.json
 * --noisy        writes the figures of a busy machine, too
 *
 * The deployed bundles call a DynamoDB emulator and stand-ins of KMS and SNS. It ends with 1 if a round of this service
 * is over, or if none of the textbook is.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { commandOf } from '../report/command.ts';
import { watchLoad } from '../report/machine.ts';
import { resultOf } from '../report/results.ts';
import { isOver, kinds, play, type Racer, type Round } from './contest.ts';
import { startPeers } from './peers.ts';
import { measuredOf, type Raced } from './report.ts';
import { startOurRacer, startStandIns, startTextbook } from './service.ts';

const { command, count, publish } = commandOf('bench:race', {
  rounds: { usual: 1000, quick: 8 },
  'peer-rounds': { usual: 40, quick: 4 },
});

const watch = watchLoad();

const race = async (racer: Racer, rounds: number): Promise<Raced> => {
  const played: Round[] = [];
  for (let run = 1; run <= rounds; run += 1) {
    const kind = kinds[run % kinds.length] ?? 'wrong ones only';
    played.push(await play(racer, { kind, run, random: Math.random }));
    watch.look();
  }
  await racer.stop();
  return { racer, rounds: played };
};

const over = ({ racer, rounds }: Raced): number => rounds.filter((round) => isOver(round, racer.limit)).length;

const folder = await mkdtemp(path.join(tmpdir(), 'race-'));
const aws = await startStandIns();
try {
  const ours = await race(await startOurRacer(aws, folder), count('rounds'));
  const textbook = await race(await startTextbook(aws), count('peer-rounds'));
  const peers: Raced[] = [];
  for (const racer of await startPeers(path.join(folder, 'peers'))) peers.push(await race(racer, count('peer-rounds')));
  const { tables, targets } = measuredOf([ours, textbook, ...peers]);
  await publish(resultOf({ bench: 'race', command, loads: watch.loads(), tables, targets }));
  if (over(ours) > 0) throw new Error(`${over(ours)} rounds of this service are over.`);
  if (over(textbook) === 0)
    throw new Error('The textbook was never over: the guesses did not race, so this run shows nothing.');
} finally {
  await aws.stop();
  await rm(folder, { recursive: true, force: true });
}
