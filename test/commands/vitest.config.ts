import { defineConfig } from 'vitest/config';

// A suite of its own: it needs both versions of the AWS CLI, and on its first run a package registry.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/commands/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 300_000,
    maxConcurrency: 2,
  },
});
