import type { CancelLedger, CheckLedger, Finder, ResendLedger } from '../../../lambdas/otp/ports.ts';
import { isApproved, isOpen, isSuperseded } from '../../../lambdas/otp/record/verification.ts';
import type { Calls } from './calls.ts';
import type { MemoryTables } from './tables.ts';

type Written = CheckLedger &
  CancelLedger &
  Finder &
  Pick<ResendLedger, 'markUnconfirmed' | 'noteRoute' | 'noteRisk' | 'noteRefusal'>;

/** Reads and writes of one record or refusal. */
export const memoryRecords = ({ records, refusals, change }: MemoryTables, { call }: Calls): Written => ({
  find: (key) => call('find', () => records.get(key)),
  append: (key, guess, nowMs) =>
    call('append', () => {
      const record = records.get(key);
      const isOpenToIt =
        record !== undefined &&
        isOpen(record, nowMs) &&
        !record.nonces.includes(guess.nonce) &&
        !isSuperseded(record, guess.mac) &&
        record.codeLength === guess.codeLength &&
        record.hasTransaction === guess.hasTransaction;
      if (!isOpenToIt) return { kind: 'refused', verification: record } as const;
      const after = {
        ...record,
        guesses: [...record.guesses, guess.mac],
        nonces: [...record.nonces, guess.nonce],
        guessedAtMs: nowMs,
      };
      records.set(key, after);
      return { kind: 'written', verification: after } as const;
    }),
  cancel: (key, nowMs) =>
    call('cancel', () => {
      const record = records.get(key);
      return record !== undefined && isOpen(record, nowMs) ? change(key, { ended: 'canceled' }) : record;
    }),
  markUnconfirmed: (key, sendId) =>
    call('markUnconfirmed', () => {
      if (records.get(key)?.sendId === sendId) change(key, { delivery: 'unconfirmed' });
    }),
  noteRisk: (key, sendId, note) =>
    call('noteRisk', () => {
      const record = records.get(key);
      if (record?.sendId !== sendId || record.ended !== undefined || isApproved(record)) return false;
      change(key, note);
      return true;
    }),
  noteRoute: (key, sendId, taken) =>
    call('noteRoute', () => {
      if (records.get(key)?.sendId === sendId) change(key, taken);
    }),
  noteRefusal: (refusal) => call('noteRefusal', () => void refusals.push(refusal)),
});
