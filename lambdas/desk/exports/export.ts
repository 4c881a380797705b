import type { exportFormat } from '../../contract.ts';
import type { Action } from '../actions.ts';
import type { ReplaySettings } from './settings.ts';

/** What an auditor asks for. */
export type ExportRequest = { readonly fromMs: number; readonly toMs: number; readonly reason: string };

/** The kinds of lines of an export. */
export type LineKind = (typeof exportFormat.records)[number];

/** Items that were read so far, and what became of them. */
export type Tally = Readonly<Record<LineKind, number>> & {
  /** Of another kind or of another time. */
  readonly others: number;
  readonly unreadable: number;
  /** The first of those that cannot be read, each with why. */
  readonly named: readonly string[];
  readonly readUnits: number;
};

export const emptyTally: Tally = {
  ...{ event: 0, finding: 0, action: 0, history: 0, running: 0, others: 0 },
  ...{ unreadable: 0, named: [], readUnits: 0 },
};

/** Of more than this, an export counts the others. */
const maxNamed = 20;

export const addTallies = (one: Tally, other: Tally): Tally => ({
  event: one.event + other.event,
  finding: one.finding + other.finding,
  action: one.action + other.action,
  history: one.history + other.history,
  running: one.running + other.running,
  others: one.others + other.others,
  unreadable: one.unreadable + other.unreadable,
  named: [...one.named, ...other.named].slice(0, maxNamed),
  readUnits: one.readUnits + other.readUnits,
});

/** How far a reader of the table has come. The text is of the store alone. */
export type Place =
  | { readonly kind: 'start' }
  | { readonly kind: 'behind'; readonly key: string }
  | { readonly kind: 'end' };

export type Estimate = { readonly items: number; readonly readUnits: number };

/** An export as it is stored: all that the next invocation needs. */
export type Export = ExportRequest & {
  readonly id: string;
  readonly principal: string;
  readonly startedMs: number;
  readonly estimate: Estimate;
  /** None in an export from before they were kept. */
  readonly settings?: ReplaySettings | undefined;
  /** `sealing`: all parts are written, and the manifest is not. */
  readonly phase: 'scanning' | 'sealing' | 'done' | 'failed';
  /** Grows whenever somebody takes the work over. An older run can write nothing any more. */
  readonly run: number;
  /** Runs that began since the last progress. */
  readonly tries: number;
  /** Until then, nobody else takes the work over. */
  readonly heldUntilMs: number;
  readonly places: readonly Place[];
  readonly tally: Tally;
  readonly parts: number;
  readonly bytes: number;
  /** When the last item was read. */
  readonly finishedMs?: number | undefined;
  /** Why it failed. */
  readonly why?: string | undefined;
};

/** A file of lines. Its name has the first characters of its hash, so that one name never has two contents. */
export type Part = {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly lines: number;
};

/** A part as it is stored. One that is not kept was never finished: its run ended, and others wrote its lines again. */
export type StoredPart = Part & { readonly isKept: boolean };

export type Started =
  | { readonly kind: 'started'; readonly export: Export }
  | { readonly kind: 'running'; readonly id: string };

/** The state of exports. Each write of a run fails if a later run has taken over. Each may throw `Unavailable`. */
export type ExportStore = {
  readonly estimate: () => Promise<Estimate>;
  /** Writes the export, its secret and the entry of the audit trail, or nothing. */
  readonly start: (begun: Export, secret: Uint8Array, action: Action) => Promise<Started>;
  readonly find: (id: string) => Promise<Export | undefined>;
  /** Takes the work over for a time; `undefined` if somebody else has it, or if there is none. */
  readonly take: (id: string, holder: string, nowMs: number, untilMs: number) => Promise<Export | undefined>;
  /** Lets anybody take it over from now on. */
  readonly release: (held: Export, nowMs: number) => Promise<void>;
  /** The key of this export's pseudonyms; `undefined` once it is thrown away. */
  readonly secret: (id: string) => Promise<Uint8Array | undefined>;
  /** Notes a part before it is written. @returns false: a later run has taken over. */
  readonly plan: (held: Export, part: Part) => Promise<boolean>;
  /** Notes what was done. @returns false: a later run has taken over. */
  readonly advance: (held: Export, next: Export, part: Part | undefined) => Promise<boolean>;
  readonly parts: (id: string) => Promise<readonly StoredPart[]>;
  /** Ends it, throws its secret away, and lets the next export begin. */
  readonly end: (held: Export, ended: Pick<Export, 'phase' | 'why'>) => Promise<boolean>;
};

/** The tables that are read, in the order of their readers. */
export const exportedTables = ['security', 'traffic'] as const;
export type ExportedTable = (typeof exportedTables)[number];

/** An item of a table, as it was found. */
export type FoundItem = {
  readonly table: ExportedTable;
  readonly pk: string;
  readonly sk: string;
  /** `undefined` if it cannot be read. */
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
};

export type Page = { readonly items: readonly FoundItem[]; readonly next: Place; readonly readUnits: number };

/** Reads a page of a segment of a table. */
export type Scan = (table: ExportedTable, segment: number, place: Place) => Promise<Page>;

/** The bucket. What has a name there keeps its content. */
export type ExportFiles = { readonly put: (id: string, name: string, text: string) => Promise<void> };

/** Signs a text (ECDSA over P-256 with SHA-256, DER in base64). */
export type ManifestSigner = { readonly keyId: string; readonly sign: (text: string) => Promise<string> };
