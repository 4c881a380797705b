import type { GuessLedger } from '../../../lambdas/otp/guesses.ts';
import type { CancelLedger, CheckLedger, Finder, RequestLedger, ResendLedger } from '../../../lambdas/otp/ports.ts';
import { type Calls, memoryCalls } from './calls.ts';
import { memoryCounters } from './counters.ts';
import { memoryGuesses } from './guesses.ts';
import { memoryRecords } from './records.ts';
import { memoryRequest } from './request.ts';
import { memoryResend } from './resend.ts';
import { type MemoryTables, memoryTables } from './tables.ts';

export type MemoryLedger = RequestLedger &
  ResendLedger &
  CheckLedger &
  CancelLedger &
  GuessLedger &
  Finder &
  MemoryTables & {
    /** Names of the calls so far, in order. */
    readonly calls: readonly string[];
    readonly failAt: Calls['failAt'];
  };

/**
 * Every port of `otp/` on tables in memory. A transaction that begins while another holds one of its items conflicts, as
 * on DynamoDB under load. Emulators never show that.
 */
export const memoryLedger = (): MemoryLedger => {
  const tables = memoryTables();
  const calls = memoryCalls();
  return {
    ...tables,
    ...memoryCounters(tables, calls),
    ...memoryRequest(tables, calls),
    ...memoryResend(tables, calls),
    ...memoryRecords(tables, calls),
    ...memoryGuesses(tables, calls),
    calls: calls.made,
    failAt: calls.failAt,
  };
};
