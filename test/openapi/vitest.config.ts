import { defineConfig } from 'vitest/config';

// A suite of its own: it needs Python, and on its first run a package registry.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/openapi/**/*.test.ts'],
    testTimeout: 900_000,
    hookTimeout: 300_000,
  },
});
