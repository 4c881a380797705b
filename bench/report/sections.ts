/** The sections of `docs/benchmarks.md`, in order. */

import type { BenchName } from './results.ts';

export type Section = {
  readonly heading: string;
  /** File in `words/`, without its ending. */
  readonly words: string;
  /** Its result is on the page, if there is one. */
  readonly bench?: BenchName;
  readonly commands: readonly { readonly command: string; readonly measures: string }[];
};

const quick = 'that the same runs';

/** A bench that keeps a result, by one command. */
const kept = (bench: BenchName, heading: string, measures: string): Section => ({
  heading,
  words: bench,
  bench,
  commands: [
    { command: `npm run bench:${bench}`, measures },
    { command: `npm run bench:${bench} -- --quick`, measures: quick },
  ],
});

export const sections: readonly Section[] = [
  kept('cold', 'Cold starts', 'cold starts of the deployed bundles, beside the usual stack'),
  kept('flow', 'Whole verifications', 'whole verifications in a warm container, beside the SDK alone and others'),
  kept('latency', 'Latency above the critical path', 'the time of a flow beyond the answers of AWS that it waits for'),
  kept('race', 'Guesses at the same time', '200 parallel guesses against one code, again and again'),
  kept('cost', 'Price', 'calls, units, bytes and milliseconds of a million verifications, with their price'),
  {
    heading: 'The detector of bursts',
    words: 'bursts',
    commands: [
      {
        command: 'npm run bench:bursts',
        measures: 'the detector on synthetic traffic, beside the published rules of others',
      },
      {
        command: 'npm run bench:bursts -- --quick --seeds 1',
        measures: `${quick}: six days, a tenth of the traffic`,
      },
    ],
  },
  {
    heading: 'Counters, cost, delay',
    words: 'measures',
    commands: [
      {
        command: 'npm run bench:measures',
        measures: 'exact counters, cost per million verifications, how soon a block holds, the pace of the detector',
      },
    ],
  },
  {
    heading: 'The first ten minutes',
    words: 'newcomer',
    commands: [
      {
        command: 'npm run newcomer',
        measures: 'how long a newcomer needs from the clone to a proof that a back end of its own has verified',
      },
    ],
  },
];
