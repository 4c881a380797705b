/**
 * How soon a block holds: bursts against the deployed bundles on the local stack, each into a number block of its own,
 * and the time from the request that the detector could have decided on to the first that is refused.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../../../bundle/bundle.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { decidingOf, type Sent } from '../../../test/fakes/deciding.ts';
import { benchPolicy } from '../../stack.ts';

const countries = ['IN', 'GB', 'DE', 'TR'] as const;
const caps = { hourUsd: 1_000_000, dayUsd: 1_000_000 };
const policy: Policy = {
  ...benchPolicy,
  countries: Object.fromEntries(countries.map((code) => [code, { priceUsd: 0.1, maxPriceUsd: 0.2, caps }])),
};

/** Two operators' digits and two of a block, by country: mobile ranges that exist. */
const prefixes = ['+9198', '+4474', '+4915', '+9053'] as const;

/** Number blocks of operators that no other burst touches; those of which no number exists are passed over. */
function* freshBlocks(): Iterable<string> {
  for (let prefix = 11; prefix < 100; prefix += 1) {
    for (const prefix of prefixes) {
      const block = `${prefix}${prefix}${prefix === '+4915' ? '345' : '34'}`;
      if (parsePhone(`${block}1000`).kind === 'phone') yield block;
    }
  }
}

const maxRequests = 400;

export type Delay = { readonly ms: number; readonly sent: number; readonly deciding: number };

type Asked = { readonly index: number; readonly block: string };

const request = async ({ url, apiKey }: LocalStack, { index, block }: Asked): Promise<unknown> => {
  const ip = `198.18.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`;
  const response = await fetch(`${url}/v1/verifications`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'x-local-source-ip': ip },
    body: JSON.stringify({ phoneNumber: `${block}${1000 + (index % 9000)}`, purpose: 'verify-number' }),
  });
  const body = (await response.json()) as { readonly code?: string; readonly status?: string };
  return body.code ?? body.status;
};

/** One after the other into a block, as fast as the service answers, until one is refused. */
const burst = async (stack: LocalStack, block: string, from: number): Promise<Delay> => {
  const sent: Sent[] = [];
  for (let index = from; index < from + maxRequests; index += 1) {
    const word = await request(stack, { index, block });
    const answeredAtMs = stack.clock.now();
    if (word === 'destination-suspended') {
      const deciding = await decidingOf(sent);
      return { ms: answeredAtMs - (sent[deciding]?.answeredAtMs ?? Number.NaN), sent: sent.length, deciding };
    }
    if (word !== 'pending') throw new Error(`A request of the burst was answered with ${word}.`);
    sent.push({ phoneNumber: `${block}${1000 + (index % 9000)}`, answeredAtMs });
  }
  throw new Error(`${maxRequests} messages went into a number block, and nobody stopped them.`);
};

export type Delays = {
  readonly bursts: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** The smallest value that so many of all do not exceed (nearest rank). */
export const percentileOf = (values: readonly number[], share: number): number =>
  values.toSorted((one, other) => one - other)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? Number.NaN;

export const delaysOf = (all: readonly Delay[]): Delays => {
  const values = all.map(({ ms }) => ms);
  return {
    bursts: values.length,
    medianMs: percentileOf(values, 0.5),
    p99Ms: percentileOf(values, 0.99),
    maxMs: Math.max(...values),
  };
};

/** Bursts one after the other. @param onBurst told of each. */
export const measureDelays = async (bursts: number, onBurst: (delay: Delay) => void): Promise<Delays> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'block-delay-'));
  try {
    await bundle({ out: folder, policy });
    const stack = await startLocalStack({ bundles: folder, quiet: true });
    try {
      const found: Delay[] = [];
      let index = 0;
      for (const block of freshBlocks()) {
        if (found.length === bursts) break;
        const delay = await burst(stack, block, index);
        index += maxRequests;
        found.push(delay);
        onBurst(delay);
      }
      if (found.length < bursts) throw new Error(`There are number blocks for ${found.length} bursts only.`);
      return delaysOf(found);
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
