/** Counts and measures of the deployed bundles, by `npm run bench:cost -- --write`. Nothing of it is written by hand. */

import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Flow } from '../calls.ts';

/** The rates of the page, in sends a second. */
export const rates = [1, 20, 200, 2000] as const;
export type Rate = (typeof rates)[number];

export const measuredFlows = [
  'request',
  'request that is refused',
  'check, wrong',
  'check, right',
] as const satisfies readonly Flow[];
export type MeasuredFlow = (typeof measuredFlows)[number];

export type FlowBytes = {
  /** Lines that the functions log, the detector's included. */
  readonly logLines: number;
  readonly logBytes: number;
  /** Body and headers. */
  readonly answerBytes: number;
};

/** One invocation: a core's time, and the wait for AWS on the critical path. */
export type Run = { readonly cpuMs: number; readonly waitMs: number };

/** By verification, what the detector writes and reads, by purpose: `replay/memory/units.ts` says what each is. */
export type LedgerUnits = Readonly<
  Record<'entries' | 'counts' | 'days' | 'rollUps' | 'rulings' | 'notifications' | 'reads', number>
>;

/** The detector's own code, replayed at one rate. */
export type Ledger = {
  readonly shards: number;
  /** Records of a batch, on average. */
  readonly perBatch: number;
  /** By verification. */
  readonly batches: number;
  readonly units: LedgerUnits;
};

export type Measured = {
  readonly command: string;
  readonly machine: string;
  readonly commit: string;
  /** YYYY-MM-DD */
  readonly date: string;
  readonly isNoisy: boolean;
  readonly bytes: Readonly<Record<MeasuredFlow, FlowBytes>>;
  /** Bytes of an entry of the audit trail, by the rules of DynamoDB. */
  readonly entryBytes: number;
  readonly runs: Readonly<Record<Exclude<MeasuredFlow, 'request that is refused'>, Run>>;
  readonly ledgers: Readonly<Record<Rate, Ledger>>;
};

export const measuredFile = path.join(import.meta.dirname, 'measured.json');

export const readMeasured = (): Measured => JSON.parse(readFileSync(measuredFile, 'utf8'));
