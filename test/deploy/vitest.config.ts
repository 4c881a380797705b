import { defineConfig } from 'vitest/config';

// One deployment, one test after the other: the first that fails ends it, since the next ones build on it.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/deploy/**/*.test.ts'],
    bail: 1,
    fileParallelism: false,
    disableConsoleIntercept: true,
    testTimeout: 180_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000, interval: 100 } },
  },
});
