import { exportFormat } from '../../contract.ts';
import { Unavailable } from '../../otp/ports.ts';
import type { Export, ExportFiles, ExportStore, ManifestSigner, Scan } from './export.ts';
import { addTallies } from './export.ts';
import { manifestText, signatureText } from './manifest.ts';
import { gather, partOf } from './part.ts';
import { type Rename, renameBy } from './pseudonyms.ts';

export type WorkPorts = {
  readonly store: ExportStore;
  readonly scan: Scan;
  readonly files: ExportFiles;
  readonly signer: ManifestSigner;
  readonly stack: string;
  readonly now: () => number;
};

/** The invocation that works. */
export type Shift = {
  /** The same if Lambda repeats the invocation. */
  readonly holder: string;
  readonly remainingMs: () => number;
};

/** `more`: the next invocation has to go on. `busy`: another one has the work, or nothing is left to do. */
export type Worked = 'done' | 'failed' | 'more' | 'busy';

/** Time for one more part, and for the end of the work. */
const reserveMs = 60_000;
/** Runs without progress until an export fails. Lambda repeats an invocation twice. */
export const maxTries = 12;

/**
 * Goes on with an export for as long as there is time.
 *
 * A part is planned, written and then noted together with the places behind it. If a run ends in between, the next one
 * reads the same items again into another file, and the manifest names the first file as abandoned. Each write of the state
 * has the number of its run as its condition. So two runs at once do no harm, whatever they do to each other.
 */
export const workOn =
  (ports: WorkPorts) =>
  async (id: string, { holder, remainingMs }: Shift): Promise<Worked> => {
    const { store, now } = ports;
    let held = await store.take(id, holder, now(), now() + remainingMs());
    if (held === undefined) return 'busy';
    if (held.tries > maxTries) return await fail(store, held, tooManyTries);
    const secret = await store.secret(id);
    if (secret === undefined) return await fail(store, held, noSecret);
    const rename = renameBy(secret);
    while (held.phase === 'scanning') {
      if (remainingMs() < reserveMs) {
        await store.release(held, now());
        return 'more';
      }
      const next: Export | undefined = await advance(ports, held, rename);
      if (next === undefined) return 'busy';
      held = next;
    }
    return await seal(ports, held);
  };

const tooManyTries = `The work ended ${maxTries} times in a row without progress. The log of export-events says why.`;
const noSecret = 'The key of its pseudonyms is gone, so that its parts would not fit each other. Start a new export.';

const fail = async (store: ExportStore, held: Export, why: string): Promise<Worked> =>
  (await store.end(held, { phase: 'failed', why })) ? 'failed' : 'busy';

/** Writes the next part. @returns what is then stored, or `undefined` if a later run has taken over. */
const advance = async (
  { store, scan, files, now }: WorkPorts,
  held: Export,
  rename: Rename,
): Promise<Export | undefined> => {
  const gathered = await gather(scan, held, rename);
  const part = gathered.lines === 0 ? undefined : partOf(held, gathered);
  if (part !== undefined) {
    if (!(await store.plan(held, part))) return undefined;
    await files.put(held.id, part.name, gathered.text);
  }
  const isRead = gathered.places.every(({ kind }) => kind === 'end');
  const next: Export = {
    ...held,
    tries: 0,
    places: gathered.places,
    tally: addTallies(held.tally, gathered.tally),
    parts: held.parts + (part === undefined ? 0 : 1),
    bytes: held.bytes + (part?.bytes ?? 0),
    ...(isRead ? { phase: 'sealing', finishedMs: now() } : {}),
  };
  return (await store.advance(held, next, part)) ? next : undefined;
};

/** The signature comes first: a manifest without one would never get it. */
const seal = async ({ store, files, signer, stack }: WorkPorts, held: Export): Promise<Worked> => {
  const parts = await store.parts(held.id);
  const kept = parts.filter(({ isKept }) => isKept).length;
  if (kept !== held.parts) throw new Unavailable('DynamoDB Query');
  const manifest = manifestText(held, parts, stack);
  const signature = signatureText(manifest, signer.keyId, await signer.sign(manifest));
  await files.put(held.id, exportFormat.signature, signature);
  await files.put(held.id, exportFormat.manifest, manifest);
  return (await store.end(held, { phase: 'done' })) ? 'done' : 'busy';
};
