import { defineConfig } from 'vitest/config';

// Suites ordered by cost. `laws` also runs on its own, as part of `npm run check`.
const suite = (name: string, include: string[], timeoutSeconds: number, globalSetup: string[] = []) => ({
  test: {
    name,
    include,
    globalSetup,
    setupFiles: ['test/seed.ts'],
    testTimeout: timeoutSeconds * 1000,
    hookTimeout: timeoutSeconds * 1000,
  },
});

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    projects: [
      suite('laws', ['test/laws/**/*.test.ts'], 30),
      suite('otp', ['test/otp/**/*.test.ts'], 60),
      suite('bursts', ['test/bursts/**/*.test.ts'], 60),
      suite('bench', ['bench/**/*.test.ts'], 60),
      suite('handlers', ['test/http-handler/**/*.test.ts', 'test/stream/**/*.test.ts'], 30),
      suite('aws', ['test/aws/**/*.test.ts'], 60),
      suite('local', ['test/local/**/*.test.ts'], 60),
      suite('lib', ['test/{lib,bin,bundle,cli,docs}/**/*.test.ts'], 120),
      suite('iam', ['test/iam/**/*.test.ts'], 60, ['test/http/bundles.ts', 'test/iam/templates.ts']),
      suite('http', ['test/http/**/*.test.ts'], 120, ['test/http/bundles.ts', 'test/iam/templates.ts']),
    ],
  },
});
