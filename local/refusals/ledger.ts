import { asRecord } from '../aws/json.ts';
import type { LogLine } from '../functions/functions.ts';
import { type Answer, problemCodeOf } from '../http/problem.ts';
import { type Explanation, timeOf } from './explain.ts';

/** A refusal with its reason, which the API may not tell. */
export type Refusal = {
  /** RFC 3339 UTC, by the clock of the functions. */
  readonly at: string;
  readonly requestId: string;
  readonly status: number;
  readonly code: string;
  readonly why: string;
  readonly until?: string;
  readonly lift?: string;
};

/** What a function logged of an answer. */
export type Logged = { readonly limit: string | undefined; readonly country: string | undefined };

/** A refused call, before anybody knows why. */
export type RefusedCall = {
  readonly status: number;
  readonly code: string;
  readonly nowMs: number;
  readonly retryAfterSeconds: number | undefined;
};

export type RefusalLedger = {
  /** Reads a line that a function wrote. */
  readonly hear: (line: Pick<LogLine, 'line'>) => void;
  /** Notes an answer, if it is a refusal. */
  readonly note: (requestId: string, answer: Answer) => void;
  /** The latest refusals, newest first, or that of a request. Waits for the reasons that are being looked up. */
  readonly list: (requestId?: string) => Promise<readonly Refusal[]>;
  readonly clear: () => void;
};

export type LedgerSetup = {
  readonly now: () => number;
  readonly explain: (call: RefusedCall, logged: Logged) => Promise<Explanation | undefined>;
  readonly onRefusal?: (refusal: Refusal) => void;
  /** How long to wait for the log of a function. */
  readonly logPatienceMs?: number;
};

const maxRefusals = 200;
/** Answers whose function logs the limit that refused the call. */
const withLimit: readonly string[] = [
  'resend-too-soon',
  'too-many-requests',
  'destination-suspended',
  'spend-cap-reached',
  'sending-stopped',
  'destination-not-allowed',
];

/** Keeps the latest refusals with their reasons. */
export const createRefusalLedger = (setup: LedgerSetup): RefusalLedger => {
  const logs = openLogs(setup.logPatienceMs ?? 2000);
  let refusals: readonly { readonly nth: number; readonly refusal: Refusal }[] = [];
  let noted = 0;
  let cleared = 0;
  const pending = new Set<Promise<void>>();
  const find = async (requestId: string, call: RefusedCall, nth: number): Promise<void> => {
    const logged = withLimit.includes(call.code) ? await logs.of(requestId) : nothingLogged;
    const explanation = await setup.explain(call, logged);
    if (explanation === undefined || nth <= cleared) return;
    const { why, untilMs, lift } = explanation;
    const refusal = {
      at: new Date(call.nowMs).toISOString(),
      requestId,
      status: call.status,
      code: call.code,
      why,
      ...(untilMs === undefined ? {} : { until: timeOf(untilMs) }),
      ...(lift === undefined ? {} : { lift }),
    };
    // Reasons are found in any order.
    refusals = [{ nth, refusal }, ...refusals].toSorted((a, b) => b.nth - a.nth).slice(0, maxRefusals);
    setup.onRefusal?.(refusal);
  };
  return {
    hear: ({ line }) => logs.hear(line),
    note: (requestId, answer) => {
      const call = refusedCallOf(answer, setup.now());
      if (call === undefined) return;
      noted += 1;
      // Without its reason a refusal is in the terminal all the same.
      const finding = find(requestId, call, noted)
        .catch(() => {})
        .finally(() => pending.delete(finding));
      pending.add(finding);
    },
    list: async (requestId) => {
      await Promise.all(pending);
      return refusals
        .map(({ refusal }) => refusal)
        .filter((refusal) => requestId === undefined || refusal.requestId === requestId);
    },
    clear: () => {
      refusals = [];
      cleared = noted;
    },
  };
};

const nothingLogged: Logged = { limit: undefined, country: undefined };

const refusedCallOf = (answer: Answer, nowMs: number): RefusedCall | undefined => {
  const { status, headers } = answer;
  const code = problemCodeOf(answer);
  if (code === undefined) return undefined;
  const retryAfter = Number(headers['retry-after'] ?? Number.NaN);
  return { status, code, nowMs, retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : undefined };
};

/** Answers that nobody asks for are forgotten in the order in which they were logged. */
const maxLogged = 1000;

/** What functions logged of their answers, by request. A log may come before its question, or after it. */
const openLogs = (patienceMs: number) => {
  const found = new Map<string, Logged>();
  const waiting = new Map<string, (logged: Logged) => void>();
  return {
    hear: (line: string): void => {
      if (!line.includes('"answered"')) return;
      const { requestId, limit, country, status } = asRecord(parseJson(line));
      if (typeof requestId !== 'string' || Number(status) < 400) return;
      const logged = { limit: textOf(limit), country: textOf(country) };
      const waiter = waiting.get(requestId);
      if (waiter !== undefined) waiter(logged);
      else found.set(requestId, logged);
      for (const oldest of found.keys()) {
        if (found.size <= maxLogged) break;
        found.delete(oldest);
      }
    },
    of: async (requestId: string): Promise<Logged> => {
      const logged = found.get(requestId);
      found.delete(requestId);
      if (logged !== undefined) return logged;
      const { promise, resolve } = Promise.withResolvers<Logged>();
      const timer = setTimeout(resolve, patienceMs, nothingLogged);
      waiting.set(requestId, resolve);
      try {
        return await promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(requestId);
      }
    },
  };
};

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
