/**
 * Gives functions whose calls go to AWS without the SDK (ADR 123) commands that only name their operation. The SDK stands beside
 * the bundle, in a file of its own.
 */

import type { Plugin } from 'esbuild';
import { dynamodbCalls, kmsCalls, smsVoiceCalls } from '../lambdas/aws/calls/json.ts';
import { snsCalls } from '../lambdas/aws/calls/query.ts';

/** The file with the SDK, and its module. */
export const sdkFile = 'sdk.mjs';
export const sdkModule = 'lambdas/aws/sdk.ts';

const services = {
  '@aws-sdk/client-dynamodb': dynamodbCalls().operations,
  '@aws-sdk/client-kms': kmsCalls().operations,
  '@aws-sdk/client-pinpoint-sms-voice-v2': smsVoiceCalls().operations,
  '@aws-sdk/client-sns': snsCalls().operations,
} as const;

const isService = (name: string): name is keyof typeof services => name in services;

/** A class for each command. Its schema has the name of the operation where those of the SDK have it. */
const commandsOf = (operations: readonly string[]): string =>
  operations
    .map(
      (operation) => `
      export class ${operation}Command {
        schema = [9, '', '${operation}'];
        constructor(input) { this.input = input; }
      }`,
    )
    .join('\n');

/** A command or a client that is imported from elsewhere fails the build: it has no such export. */
export const nameCommands: Plugin = {
  name: 'name-commands',
  setup: (build) => {
    build.onResolve({ filter: /^@aws-sdk\/client-/ }, ({ path: name }) =>
      isService(name) ? { path: name, namespace: 'commands', sideEffects: false } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'commands' }, ({ path: name }) =>
      isService(name) ? { contents: commandsOf(services[name]), loader: 'js' } : undefined,
    );
    build.onResolve({ filter: /\/sdk\.ts$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: `./${sdkFile}`, external: true } : undefined,
    );
  },
};
