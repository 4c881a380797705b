import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import settings from '../../../bin/settings.ts';
import { measuredFlows, readMeasured } from '../../../docs/generate/capacity/measured.ts';
import { functionNames, policyFile } from '../../../lambdas/contract.ts';
import { parseSettings, policyOf } from '../../../lib/settings/settings.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { type Bytes, measureBytes } from '../../fakes/cost/bytes.ts';
import { openStack } from '../client.ts';

const { bytes: written, entryBytes } = readMeasured();

let folder: string;
let stack: LocalStack;
let counted: Bytes;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'shipped-'));
  await cp(inject('bundles'), folder, { recursive: true });
  const policy = JSON.stringify(policyOf(parseSettings(settings)));
  for (const name of functionNames) await writeFile(path.join(folder, name, policyFile), policy);
  stack = await openStack(folder, { repeatBatches: false });
  counted = await measureBytes(stack);
});
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Numbers in a line have more digits or fewer. */
const tolerance = 0.03;
const isNear = (one: number, other: number): boolean => Math.abs(one - other) <= tolerance * other;

describe('the bytes from which cost is worked out (if they differ: npm run bench:cost -- --write, then npm run docs)', () => {
  test.each(measuredFlows)('a %s logs and answers as many bytes as the page on cost says', (flow) => {
    const [found, said] = [counted.flows[flow], written[flow]];
    expect(found.logLines).toBe(said.logLines);
    expect(isNear(found.logBytes, said.logBytes), `${found.logBytes} bytes logged, not ${said.logBytes}`).toBe(true);
    expect(
      isNear(found.answerBytes, said.answerBytes),
      `${found.answerBytes} bytes answered, not ${said.answerBytes}`,
    ).toBe(true);
  });

  test('an entry of the audit trail takes as many bytes as the page on cost says', () => {
    expect(isNear(counted.entryBytes, entryBytes), `${counted.entryBytes} bytes, not ${entryBytes}`).toBe(true);
  });
});
