import { generateKeyPairSync, sign } from 'node:crypto';
import { exportFacts } from '../../../lambdas/contract.ts';
import type {
  Export,
  ExportFiles,
  ExportStore,
  FoundItem,
  ManifestSigner,
  Scan,
  StoredPart,
} from '../../../lambdas/desk/exports/export.ts';
import { fileKeyOf, isRunning } from '../../../lambdas/desk/exports/order.ts';

type Held = { state: Export; holder: string };

/** The state of exports in memory, with the conditions of the table. */
export const memoryExports = (): ExportStore & { readonly secrets: ReadonlyMap<string, Uint8Array> } => {
  const exports = new Map<string, Held>();
  const secrets = new Map<string, Uint8Array>();
  const parts = new Map<string, StoredPart>();
  let lock: string | undefined;
  const held = ({ id, run }: Export): Held | undefined => {
    const found = exports.get(id);
    return found !== undefined && found.state.run === run && isRunning(found.state) ? found : undefined;
  };
  const keyOf = ({ id, run }: Export, name: string) => `${id}#${name}#${run}`;
  return {
    secrets,
    estimate: async () => ({ items: 0, readUnits: 0 }),
    start: async (begun, secret) => {
      if (lock !== undefined) return { kind: 'running', id: lock };
      lock = begun.id;
      exports.set(begun.id, { state: begun, holder: '' });
      secrets.set(begun.id, secret);
      return { kind: 'started', export: begun };
    },
    find: async (id) => exports.get(id)?.state,
    take: async (id, holder, nowMs, untilMs) => {
      const found = exports.get(id);
      if (found === undefined || !isRunning(found.state)) return undefined;
      if (found.holder !== holder && found.state.heldUntilMs > nowMs) return undefined;
      const { run, tries } = found.state;
      const state = { ...found.state, run: run + 1, tries: tries + 1, heldUntilMs: untilMs };
      exports.set(id, { state, holder });
      return state;
    },
    release: async (mine, nowMs) => {
      const found = held(mine);
      if (found !== undefined) exports.set(mine.id, { state: { ...found.state, heldUntilMs: nowMs }, holder: '' });
    },
    secret: async (id) => secrets.get(id),
    plan: async (mine, part) => {
      if (held(mine) === undefined) return false;
      parts.set(keyOf(mine, part.name), { ...part, isKept: false });
      return true;
    },
    advance: async (mine, next, part) => {
      const found = held(mine);
      if (found === undefined) return false;
      exports.set(mine.id, { ...found, state: { ...next, heldUntilMs: found.state.heldUntilMs } });
      if (part !== undefined) parts.set(keyOf(mine, part.name), { ...part, isKept: true });
      return true;
    },
    parts: async (id) => [...parts].filter(([key]) => key.startsWith(`${id}#`)).map(([, part]) => part),
    end: async (mine, ended) => {
      const found = held(mine);
      if (found === undefined) return false;
      exports.set(mine.id, { ...found, state: { ...found.state, ...ended, places: [] } });
      secrets.delete(mine.id);
      if (lock === mine.id) lock = undefined;
      return true;
    },
  };
};

/** A table whose items are made when they are read, a page at a time. The other table is empty. */
export const memoryScan =
  (count: number, itemAt: (index: number) => FoundItem, pageSize: number): Scan =>
  async (table, segment, place) => {
    if (table !== 'security') return { items: [], next: { kind: 'end' }, readUnits: 0 };
    const { segments } = exportFacts;
    const first = place.kind === 'behind' ? Number(place.key) : segment;
    const indexes = Array.from({ length: pageSize }, (_, nth) => first + nth * segments).filter((each) => each < count);
    const next = first + pageSize * segments;
    return {
      items: indexes.map(itemAt),
      next: next < count ? { kind: 'behind', key: String(next) } : { kind: 'end' },
      readUnits: indexes.length / 2,
    };
  };

/** A bucket that keeps the first content of a name. */
export const memoryFiles = (): ExportFiles & { readonly objects: ReadonlyMap<string, string> } => {
  const objects = new Map<string, string>();
  return {
    objects,
    put: async (id, name, text) => {
      const key = fileKeyOf(id, name);
      if (!objects.has(key)) objects.set(key, text);
    },
  };
};

export const ownSigner = () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: ManifestSigner = {
    keyId: 'own',
    sign: async (text) => sign('sha256', Buffer.from(text), privateKey).toString('base64'),
  };
  return { signer, publicKey };
};

/** The files of an export as somebody downloads them. */
export const downloaded = (objects: ReadonlyMap<string, string>, id: string) => {
  const files = new Map(
    [...objects]
      .filter(([key]) => key.startsWith(`${id}/`))
      .map(([key, text]) => [key.slice(id.length + 1), text] as const),
  );
  return {
    files,
    names: [...files.keys()],
    sizeOf: async (name: string) => Buffer.byteLength(files.get(name) ?? ''),
    read: async (name: string) => Buffer.from(files.get(name) ?? ''),
  };
};
