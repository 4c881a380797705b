/**
 * Puts into a bundle only the senders that its settings name. Each brings a client of the SDK, which every cold start would
 * read, and which most deployments never call.
 */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { type Policy, type SmsSenderName, smsSenders } from '../lambdas/policy.ts';

/** The function that makes a sender, as its file names it: `end-user-messaging.ts` has `endUserMessagingSender`. */
const makerOf = (sender: SmsSenderName): string =>
  `${sender.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())}Sender`;

/** The module of all senders with some of them alone. The same senders give the same text. */
const moduleOf = (senders: readonly SmsSenderName[]): string =>
  [
    ...senders.map((sender) => `import { ${makerOf(sender)} } from './${sender}.ts';`),
    'export const sendersInUse = (observe) => ({',
    ...senders.map((sender) => `  '${sender}': ${makerOf(sender)}(observe),`),
    '});',
  ].join('\n');

/** @throws Error if the module of all senders is not the one that this stands for. */
const inUse = (original: string, senders: readonly SmsSenderName[]): string => {
  const missing = smsSenders.find((sender) => !original.includes(`${makerOf(sender)}(observe)`));
  if (missing === undefined && original.includes('export const sendersInUse = (observe')) return moduleOf(senders);
  throw new Error(
    `lambdas/aws/senders/in-use.ts does not make ${missing ?? 'sendersInUse'} as bundle/senders.ts does. Change both.`,
  );
};

/** The senders of the routes of a policy, each once. */
export const sendersOf = ({ smsRoutes }: Pick<Policy, 'smsRoutes'>): readonly SmsSenderName[] =>
  smsSenders.filter((sender) => smsRoutes.some((route) => route.sender === sender));

/** In place of calls, for a deployment without them. */
const noCalls = (original: string): string => {
  if (original.includes('export const callsInUse = (')) {
    return 'export const callsInUse = () => ({ callCode: undefined, rehearsals: [] });';
  }
  throw new Error(
    'lambdas/aws/senders/voice/in-use.ts does not make callsInUse as bundle/senders.ts does. Change both.',
  );
};

/** @param hasCalls whether the settings have calls. Without them, a bundle holds no text to SSML and no call of AWS. */
export const pickCalls = (hasCalls: boolean): Plugin => ({
  name: 'pick-calls',
  setup: (build) => {
    if (hasCalls) return;
    build.onLoad({ filter: /[\\/]lambdas[\\/]aws[\\/]senders[\\/]voice[\\/]in-use\.ts$/ }, async ({ path: file }) => ({
      contents: noCalls(await readFile(file, 'utf8')),
      loader: 'js',
    }));
  },
});

export const pickSenders = (senders: readonly SmsSenderName[]): Plugin => ({
  name: 'pick-senders',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]lambdas[\\/]aws[\\/]senders[\\/]in-use\.ts$/ }, async ({ path: file }) => ({
      contents: inUse(await readFile(file, 'utf8'), senders),
      loader: 'js',
    }));
  },
});
