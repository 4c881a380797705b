/**
 * Measures exact counters, the pace of the detector, the cost of a verification, and the delay of a block.
 *
 *     npm run bench:measures [-- --quick]
 *
 * --quick  few events, hours and bursts, to see that it runs
 */

import { parseArgs } from 'node:util';
import { measuredTable } from '../report/table.ts';
import { measureAll, measuredDetails, measuredRows, quickMeasures, wholeMeasures } from './measures.ts';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
const measures = await measureAll(options.quick ? quickMeasures : wholeMeasures, (step) => console.error(`${step} …`));
console.log([measuredTable(measuredRows(measures)), '', measuredDetails(measures)].join('\n'));
