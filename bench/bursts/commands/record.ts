/** Records a run of our detector from its first event, so that `otp-desk replay` judges it again. */

import { type Options, sizeOf } from '../options.ts';
import { record } from '../record/record.ts';
import { writeRecording } from '../record/write.ts';

export const recordRun = async (options: Options): Promise<void> => {
  const { seeds, recordTo } = options;
  const [seed, other] = seeds;
  if (recordTo === undefined || seed === undefined || other !== undefined)
    throw new Error('--record writes one run: for example --record ./recording --quick --seeds 1.');
  const recorded = record({ seed, size: sizeOf(options) });
  const { folder, key } = await writeRecording(recorded, recordTo);
  console.log(`Rulings: ${recorded.decisions.length}. Judge them again:`);
  console.log(`  npm run desk -- replay ${folder} --key ${key} --thresholds thresholds.json`);
};
