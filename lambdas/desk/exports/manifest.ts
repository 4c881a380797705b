import { createHash } from 'node:crypto';
import { exportFormat, productVersion } from '../../contract.ts';
import type { Export, StoredPart } from './export.ts';

/** What a manifest says. It depends on the stored export alone: however often it is written, it is the same. */
const manifestOf = (ended: Export, parts: readonly StoredPart[], stack: string) => ({
  format: exportFormat.name,
  product: { name: 'OTP service', version: productVersion },
  stack,
  id: ended.id,
  from: new Date(ended.fromMs).toISOString(),
  to: new Date(ended.toMs).toISOString(),
  reason: ended.reason,
  principal: ended.principal,
  startedAt: new Date(ended.startedMs).toISOString(),
  finishedAt: new Date(ended.finishedMs ?? ended.startedMs).toISOString(),
  counts: Object.fromEntries(exportFormat.records.map((record) => [record, ended.tally[record]])),
  unreadable: { count: ended.tally.unreadable, named: ended.tally.named },
  readUnits: ended.tally.readUnits,
  /** As of the export: its events may have been judged by others. */
  settings: ended.settings,
  parts: parts.filter(({ isKept }) => isKept).map(({ name, sha256, bytes, lines }) => ({ name, sha256, bytes, lines })),
  /** Files of runs that ended in the middle. Their lines are in the parts as well. */
  abandoned: parts.filter(({ isKept }) => !isKept).map(({ name }) => name),
});

/** The bytes that are signed. */
export const manifestText = (ended: Export, parts: readonly StoredPart[], stack: string): string => {
  const kept = new Set(parts.filter(({ isKept }) => isKept).map(({ name }) => name));
  // A run may have planned what the next one wrote: with the same lines it has the same name.
  const once = parts.filter(({ isKept, name }) => isKept || !kept.has(name));
  const sorted = once.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  return `${JSON.stringify(manifestOf(ended, sorted, stack), undefined, 2)}\n`;
};

/** The detached signature beside a manifest. */
export const signatureText = (manifest: string, keyId: string, signature: string): string =>
  `${JSON.stringify(
    {
      of: exportFormat.manifest,
      sha256: createHash('sha256').update(manifest).digest('hex'),
      algorithm: exportFormat.algorithm,
      keyId,
      signature,
    },
    undefined,
    2,
  )}\n`;
