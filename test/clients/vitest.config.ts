import { defineConfig } from 'vitest/config';

// A suite of its own: it needs Python, and on its first run a package registry.
export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/clients/**/*.test.ts'],
    // Part of `npm test`, since it needs nothing else.
    exclude: ['test/clients/typescript/**'],
    globalSetup: ['test/http/bundles.ts', 'test/clients/setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
