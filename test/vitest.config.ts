import { defineConfig } from 'vitest/config';
import { LongestFirst } from './longest-first.ts';

type Suite = {
  readonly include: readonly string[];
  /** An upper bound, for a machine that others use as well. */
  readonly timeoutSeconds: number;
  readonly globalSetup?: readonly string[];
  /** Runs before each file. */
  readonly setup?: string;
  /** Whether a file may find modules that another file has loaded. */
  readonly sharesModules?: boolean;
};

const wholeProduct = ['test/http/bundles.ts', 'test/iam/templates.ts'];

/** The suites by what they prove, cheapest first. `laws` also runs on its own, as part of `npm run check`. */
const groups: Readonly<Record<string, Readonly<Record<string, Suite>>>> = {
  unit: {
    laws: { include: ['test/laws/**/*.test.ts'], timeoutSeconds: 180 },
    otp: { include: ['test/otp/**/*.test.ts'], timeoutSeconds: 180 },
    bursts: { include: ['test/{bursts,events,replay}/**/*.test.ts'], timeoutSeconds: 180 },
    desk: { include: ['test/desk/**/*.test.ts'], timeoutSeconds: 180 },
    bench: { include: ['bench/**/*.test.ts'], timeoutSeconds: 180 },
    client: { include: ['test/clients/typescript/**/*.test.ts'], timeoutSeconds: 180 },
    handlers: {
      include: ['test/http-handler/**/*.test.ts', 'test/webhooks/**/*.test.ts', 'test/stream/**/*.test.ts'],
      timeoutSeconds: 180,
    },
  },
  contract: {
    aws: { include: ['test/aws/**/*.test.ts'], timeoutSeconds: 300, setup: 'test/fakes/aws/patience.ts' },
    local: { include: ['test/local/**/*.test.ts'], timeoutSeconds: 180 },
  },
  security: {
    // CDK takes longer to load than most files to run, and nothing here changes the process.
    lib: { include: ['test/{lib,bin,bundle,cli,docs}/**/*.test.ts'], timeoutSeconds: 300, sharesModules: true },
    iam: { include: ['test/iam/**/*.test.ts'], timeoutSeconds: 180, globalSetup: wholeProduct },
  },
  'end to end': {
    http: { include: ['test/http/**/*.test.ts'], timeoutSeconds: 300, globalSetup: wholeProduct },
  },
};

const projectOf = ([name, { include, timeoutSeconds, globalSetup = [], setup, sharesModules = false }]: [
  string,
  Suite,
]) => ({
  test: {
    name,
    include: [...include],
    globalSetup: [...globalSetup],
    setupFiles: ['test/seed.ts', ...(setup === undefined ? [] : [setup])],
    isolate: !sharesModules,
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: timeoutSeconds * 1000,
    // As with all time-outs here, what is waited for comes at once, or on a busy machine within this.
    expect: { poll: { timeout: 20_000, interval: 20 } },
  },
});

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    // Vitest leaves one core idle, which on two cores is half of them.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    projects: Object.values(groups).flatMap((suites) => Object.entries(suites).map(projectOf)),
  },
});
