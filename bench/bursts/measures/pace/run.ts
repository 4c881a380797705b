/**
 * Measures the pace of the detector, of this work tree and of others by turns.
 *
 *     node bench/bursts/measures/pace/run.ts [--beside DIR] [--only core,512] [--batches 10] [--rounds 3]
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleOf, paceOf } from './pace.ts';
import { settings } from './settings.ts';

const { values: options } = parseArgs({
  options: {
    beside: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', default: settings.map(({ name }) => name).join() },
    batches: { type: 'string', default: '10' },
    rounds: { type: 'string', default: '3' },
  },
});
const folder = await mkdtemp(path.join(tmpdir(), 'pace-'));
try {
  const trees = [path.join(import.meta.dirname, '../../../..'), ...options.beside.map((tree) => path.resolve(tree))];
  const bundles: (readonly [tree: string, bundle: string])[] = [];
  for (const [index, tree] of trees.entries())
    bundles.push([tree, await bundleOf(tree, path.join(folder, `${index}`))]);
  for (const setting of settings.filter(({ name }) => options.only.split(',').includes(name))) {
    for (let round = 0; round < Number(options.rounds); round += 1) {
      for (const [tree, bundle] of bundles) {
        const pace = await paceOf(bundle, setting, (Number(options.batches) * 100) / setting.batchSize);
        const figures = Object.entries(pace).map(([what, value]) => `${what} ${value.toFixed(3)}`);
        console.log([setting.name.padEnd(6), path.basename(tree).padEnd(6), ...figures].join('  '));
      }
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
