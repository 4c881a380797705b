/**
 * Judges the burst detector: synthetic traffic with labeled attacks and traps, from a seed, in closed loop. The same
 * traffic is played for our detector and for published rules of others.
 *
 *     npm run bench:bursts [-- --quick] [--seeds reporting] [--only "Authgear deny,no guard"] [--write]
 *     npm run bench:bursts -- --sweep [--no-quick] [--seeds reporting] [--write]
 *     npm run bench:bursts -- --denial [--quick] [--seeds reporting] [--behind 90] [--write]
 *     npm run bench:bursts -- --ablation [--no-quick] [--write]
 *     npm run bench:bursts -- --holdout [--quick] [--seeds 101,102] [--write]
 *     npm run bench:bursts -- --record ./recording [--quick] [--seeds 1]
 *
 * --holdout     traffic and attacks by another author, in one table; allows --quick, --seeds, --only, --threads
 * --sweep       our detector alone, with other habits of people, in one table; quick unless --no-quick
 * --denial      attacks that aim to have people refused, against our detector; --only adds others
 * --ablation    our detector with each rule and principle left out; quick unless --no-quick
 * --record      writes one run of our detector as an export, which otp-desk replay judges again
 * --behind      days that the service has been running before: 90 and 0, which is a service that just opened
 * --quick       a week of a tenth of the traffic, instead of three weeks
 * --seeds       tuning (default), reporting, or whole numbers: 1,2; the hold-out has seeds of its own
 * --others      N: other contenders play the first N seeds, in the first world. Ours plays N in its other worlds
 * --only        these contenders; without ours, the details and plots are of the first
 * --conversion  mean conversion of the countries: 0.5 to 0.97
 * --delay       median seconds until a code is entered: 1 to 120
 * --threads     runs side by side: 1 to 64
 * --measures    adds the measures that no simulation can judge: exact counters, cost, delay of a block
 * --write       writes the tables and plots beside the code, measures included
 */

import { ablate } from './commands/ablation.ts';
import { deny } from './commands/denial.ts';
import { judgeByHoldout } from './commands/holdout.ts';
import { judge } from './commands/judge.ts';
import { recordRun } from './commands/record.ts';
import { sweep } from './commands/sweep.ts';
import { type Command, type Options, readOptions } from './options.ts';

const commands: Readonly<Record<Command, (options: Options) => Promise<void>>> = {
  judge,
  sweep,
  holdout: judgeByHoldout,
  denial: deny,
  ablation: ablate,
  record: recordRun,
};

const options = readOptions(process.argv.slice(2));
await commands[options.command](options);
