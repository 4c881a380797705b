/**
 * Measures how soon a block holds: bursts against the deployed bundles on the local stack, each into a range of its own.
 * The delay runs from the answer to the deciding request to the first refusal.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bundle } from '../../../bundle/bundle.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import { type LocalStack, startLocalStack } from '../../../local/stack.ts';
import { decidingOf, type Sent } from '../../../test/fakes/bursts/deciding.ts';
import { benchPolicy } from '../../stack.ts';

const countries = ['IN', 'GB', 'DE', 'TR'] as const;
const caps = { hourUsd: 1_000_000, dayUsd: 1_000_000 };
const policy: Policy = {
  ...benchPolicy,
  countries: Object.fromEntries(countries.map((code) => [code, { priceUsd: 0.1, maxPriceUsd: 0.2, caps }])),
};

/** The beginnings of mobile numbers that exist, by country. */
const mobile = ['+9198', '+4474', '+4915', '+9053'] as const;

/** Ranges of prefixes that no other burst touches. Ranges without a valid number are left out. */
export function* freshRanges(): Iterable<string> {
  for (let rest = 11; rest < 100; rest += 1) {
    for (const start of mobile) {
      const range = `${start}${rest}${start === '+4915' ? '345' : '34'}`;
      if (parsePhone(`${range}1000`).kind === 'phone') yield range;
    }
  }
}

const maxRequests = 400;

export type Delay = { readonly ms: number; readonly sent: number; readonly deciding: number };

type Asked = { readonly index: number; readonly range: string };

const request = async ({ url, apiKey }: LocalStack, { index, range }: Asked): Promise<unknown> => {
  const ip = `198.18.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`;
  const response = await fetch(`${url}/v1/verifications`, {
    method: 'POST',
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'x-local-source-ip': ip },
    body: JSON.stringify({ phoneNumber: `${range}${1000 + (index % 9000)}`, purpose: 'verify-number' }),
  });
  const body = (await response.json()) as { readonly code?: string; readonly status?: string };
  return body.code ?? body.status;
};

/** Sends one request after the other into a range, as fast as the service answers, until one is refused. */
const burst = async (stack: LocalStack, range: string, from: number): Promise<Delay> => {
  const sent: Sent[] = [];
  for (let index = from; index < from + maxRequests; index += 1) {
    const word = await request(stack, { index, range });
    const answeredAtMs = stack.clock.now();
    if (word === 'destination-suspended') {
      const deciding = await decidingOf(sent);
      return { ms: answeredAtMs - (sent[deciding]?.answeredAtMs ?? Number.NaN), sent: sent.length, deciding };
    }
    if (word !== 'pending') throw new Error(`A request of the burst was answered with ${word}.`);
    sent.push({ phoneNumber: `${range}${1000 + (index % 9000)}`, answeredAtMs });
  }
  throw new Error(`The detector did not block a range after ${maxRequests} messages.`);
};

export type Delays = {
  readonly bursts: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
};

/** The smallest value that this share of all does not exceed (nearest rank). */
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

/** Plays bursts one after the other. @param onBurst called after each. */
export const measureDelays = async (bursts: number, onBurst: (delay: Delay) => void): Promise<Delays> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'block-delay-'));
  try {
    await bundle({ out: folder, policy });
    const stack = await startLocalStack({ bundles: folder, quiet: true });
    try {
      const found: Delay[] = [];
      let index = 0;
      for (const range of freshRanges()) {
        if (found.length === bursts) break;
        const delay = await burst(stack, range, index);
        index += maxRequests;
        found.push(delay);
        onBurst(delay);
      }
      if (found.length < bursts) throw new Error(`There are ranges for ${found.length} bursts only.`);
      return delaysOf(found);
    } finally {
      await stack.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};
