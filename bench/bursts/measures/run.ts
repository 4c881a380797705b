/**
 * What stands in the results of the burst detector beside the simulation, by itself: exact counters, the price of a
 * verification, how soon a block holds.
 *
 *     npm run bench:measures [-- --quick]
 */

import { parseArgs } from 'node:util';
import { measuredTable } from '../report/table.ts';
import { measureAll, measuredDetails, measuredRows, quickMeasures, wholeMeasures } from './measures.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const measures = await measureAll(options.quick ? quickMeasures : wholeMeasures, (step) => console.error(`${step} …`));
console.log([measuredTable(measuredRows(measures)), '', measuredDetails(measures)].join('\n'));
