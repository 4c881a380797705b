import { exportFacts, exportFormat } from '../../contract.ts';
import { actionOf, type Operator } from '../actions.ts';
import {
  type Estimate,
  type Export,
  type ExportRequest,
  type ExportStore,
  emptyTally,
  exportedTables,
  type Started,
  type Tally,
} from './export.ts';
import type { ReplaySettings } from './settings.ts';

export type OrderPorts = {
  readonly store: Pick<ExportStore, 'estimate' | 'start' | 'find'>;
  /** Has the function go on with an export, in an invocation of its own. */
  readonly goOn: (id: string) => Promise<void>;
  readonly settings: ReplaySettings;
  /** 32 random bytes. */
  readonly randomSecret: () => Uint8Array;
  /** An export goes on later: whoever asks for it next calls the function again. */
  readonly notCalled: (cause: unknown) => void;
};

/** Nobody works on an export for so long before its state is asked for: its function has ended, or was never called. */
const stalledMs = 30_000;

export const usdOf = (readUnits: number): number => (readUnits * exportFacts.readUsdPerMillion) / 1_000_000;

/** Starts an export, unless one is running. */
export const startExport =
  ({ store, goOn, settings, randomSecret, notCalled }: OrderPorts) =>
  async (request: ExportRequest, operator: Operator): Promise<Started> => {
    const begun = { ...exportOf(request, operator, await store.estimate()), settings };
    const about = `export of ${new Date(request.fromMs).toISOString()} to ${new Date(request.toMs).toISOString()}`;
    const action = actionOf(operator, 'export', { about, reason: request.reason });
    const started = await store.start(begun, randomSecret(), action);
    if (started.kind === 'started') await goOn(begun.id).catch(notCalled);
    else await wake({ store, goOn, notCalled }, started.id, operator.atMs);
    return started;
  };

const exportOf = (request: ExportRequest, { principal, atMs, requestId }: Operator, estimate: Estimate): Export => ({
  ...request,
  ...{ id: requestId, principal, estimate },
  startedMs: atMs,
  phase: 'scanning',
  ...{ run: 0, tries: 0, parts: 0, bytes: 0, tally: emptyTally },
  heldUntilMs: atMs,
  places: Array.from({ length: exportedTables.length * exportFacts.segments }, () => ({ kind: 'start' }) as const),
});

/** The state of an export. If nobody works on it, its function is called again. */
export const showExport =
  (ports: Pick<OrderPorts, 'store' | 'goOn' | 'notCalled'>) =>
  async (id: string, nowMs: number): Promise<Export | undefined> =>
    await wake(ports, id, nowMs);

const wake = async (
  { store, goOn, notCalled }: Pick<OrderPorts, 'goOn' | 'notCalled'> & { readonly store: Pick<ExportStore, 'find'> },
  id: string,
  nowMs: number,
): Promise<Export | undefined> => {
  const found = await store.find(id);
  const isStalled = found !== undefined && isRunning(found) && found.heldUntilMs + stalledMs < nowMs;
  if (isStalled) await goOn(id).catch(notCalled);
  return found;
};

export const isRunning = ({ phase }: Pick<Export, 'phase'>): boolean => phase === 'scanning' || phase === 'sealing';

/** Share of the table that was read, as far as its size is known. It is 1 for an export that is done. */
export const shareOf = ({ phase, tally, estimate }: Export): number => {
  if (phase === 'done' || phase === 'sealing') return 1;
  const read = itemsOf(tally);
  return Math.min(0.99, Math.floor((100 * read) / Math.max(estimate.items, read, 1)) / 100);
};

/** Items that were read, whatever became of them. */
export const itemsOf = ({ event, finding, action, history, running, others, unreadable }: Tally): number =>
  event + finding + action + history + running + others + unreadable;

/** The name of a file in the bucket. */
export const fileKeyOf = (id: string, name: string): string => `${id}/${name}`;
export const manifestKeyOf = (id: string): string => fileKeyOf(id, exportFormat.manifest);
