import { createHash, type KeyObject } from 'node:crypto';
import { exportFormat } from '../../../lambdas/contract.ts';
import type { ExportFiles } from './files.ts';
import { readLines } from './lines.ts';
import { isSigned, type Manifest, type ManifestPart, readManifest } from './manifest.ts';

/** The verdict on an export. It is good if there is no problem. */
export type Verdict = {
  /** Each a sentence, with the file that it is about. */
  readonly problems: readonly string[];
  /** What the export holds, if its signature is good. */
  readonly manifest: Manifest | undefined;
};

/**
 * Checks an export: the signature of its manifest, and that its parts are those of the manifest, all of them and no others.
 *
 * The key has to come from the stack, or from whoever may vouch for it. One that lies beside the files proves nothing.
 */
export const verifyExport = async (files: ExportFiles, key: KeyObject): Promise<Verdict> => {
  const missing = [exportFormat.manifest, exportFormat.signature].filter((name) => !files.names.includes(name));
  if (missing.length > 0) return { manifest: undefined, problems: missing.map(noSuchFile) };
  for (const name of [exportFormat.manifest, exportFormat.signature])
    if ((await files.sizeOf(name)) > maxBytes) return { manifest: undefined, problems: [tooLarge(name)] };
  const content = await files.read(exportFormat.manifest);
  if (!isSigned(content, await files.read(exportFormat.signature), key))
    return { manifest: undefined, problems: [notSigned] };
  const manifest = readManifest(content);
  if (manifest === undefined) return { manifest, problems: [anotherFormat] };
  const parts = await checkParts(files, manifest);
  const problems = [...addedFiles(files, manifest), ...parts.problems];
  // Counts of parts that are wrong say nothing more.
  const isWhole = parts.problems.length === 0;
  return { manifest, problems: isWhole ? [...problems, ...wrongCounts(parts.counts, manifest)] : problems };
};

const noSuchFile = (name: string): string =>
  `${name} is missing. Without it nothing shows that the export is genuine. Download it again.`;

/** No manifest and no part of an export comes near. */
const maxBytes = 64 * 1024 * 1024;

const tooLarge = (name: string): string => `${name} is too large for an export. Somebody changed it.`;

const notSigned = `${exportFormat.manifest} does not fit its signature and this key. Either somebody changed it, or another key signed it. Do not rely on this export.`;

const anotherFormat = `${exportFormat.manifest} is of another format than ${exportFormat.name}. Check it with the version that made it.`;

/** Files beside the parts. Those of runs that ended in the middle are in the manifest, and hold nothing of their own. */
const addedFiles = ({ names }: ExportFiles, { parts, abandoned }: Manifest): readonly string[] => {
  const own: readonly string[] = [exportFormat.manifest, exportFormat.signature];
  const known = new Set([...own, ...parts.map(({ name }) => name), ...abandoned]);
  return names
    .filter((name) => !known.has(name))
    .map((name) => `${JSON.stringify(name)} is not in the manifest. It is no part of the export: somebody added it.`);
};

const checkParts = async (files: ExportFiles, manifest: Manifest) => {
  const counts = new Map<string, number>();
  const problems: string[] = [];
  for (const part of manifest.parts) {
    const checked = await checkPart(files, part, manifest);
    problems.push(...checked.problems.map((problem) => `${JSON.stringify(part.name)}: ${problem}`));
    for (const [record, count] of checked.counts) counts.set(record, (counts.get(record) ?? 0) + count);
  }
  return { counts, problems };
};

const none: ReadonlyMap<string, number> = new Map();

/** One part at a time is in memory. */
const checkPart = async (files: ExportFiles, part: ManifestPart, manifest: Manifest) => {
  const refused = (problem: string) => ({ counts: none, problems: [problem] });
  const [, named] = new RegExp(exportFormat.part).exec(part.name) ?? [];
  if (named === undefined) return refused('No part has such a name.');
  if (!files.names.includes(part.name)) return refused('It is missing. Download it again.');
  const bytes = await files.sizeOf(part.name);
  if (bytes !== part.bytes)
    return refused(`It has ${bytes} bytes, and had ${part.bytes}. Somebody changed it, or cut it off.`);
  if (bytes > maxBytes) return refused('It is too large for a part of an export.');
  const content = Buffer.from(await files.read(part.name));
  const sha256 = createHash('sha256').update(content).digest('hex');
  if (sha256 !== part.sha256 || !sha256.startsWith(named))
    return refused('Its SHA-256 is another. Somebody changed it.');
  const lines = readLines(content.toString('utf8'), manifest);
  const miscounted =
    lines.count === part.lines ? [] : [`It has ${lines.count} lines, and the manifest says ${part.lines}.`];
  return { counts: lines.counts, problems: [...miscounted, ...lines.problems] };
};

const wrongCounts = (counts: ReadonlyMap<string, number>, manifest: Manifest): readonly string[] =>
  exportFormat.records
    .map((record) => ({ record, found: counts.get(record) ?? 0, said: manifest.counts[record] ?? 0 }))
    .filter(({ found, said }) => found !== said)
    .map(({ record, found, said }) => `The parts have ${found} lines of ${record}, and the manifest says ${said}.`);
