/** Records a run of our detector as an export: a replay plays both. */

import { generateKeyPairSync, sign } from 'node:crypto';
import type { Launch } from '../../../lambdas/bursts/evidence/launches.ts';
import type { RulingDecision } from '../../../lambdas/bursts/findings/decision.ts';
import { exportFacts, exportFormat } from '../../../lambdas/contract.ts';
import { type Export, emptyTally, type FoundItem, type StoredPart } from '../../../lambdas/desk/exports/export.ts';
import { type Line, lineOf } from '../../../lambdas/desk/exports/lines.ts';
import { manifestText, signatureText } from '../../../lambdas/desk/exports/manifest.ts';
import { partOf } from '../../../lambdas/desk/exports/part.ts';
import { renameBy } from '../../../lambdas/desk/exports/pseudonyms.ts';
import { type ReplaySettings, replaySettingsOf } from '../../../lambdas/desk/exports/settings.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { codes, oursName } from '../contenders/contenders.ts';
import type { Watcher } from '../contenders/ours/detector.ts';
import { ours } from '../contenders/ours/ours.ts';
import { policyFor } from '../contenders/ours/policy.ts';
import { type Run, run } from '../play/run.ts';
import { startMs } from '../traffic/calendar.ts';
import { itemsOfBatch, itemsOfFindings, itemsOfLaunches, itemsOfPast } from './items.ts';

export type Recorded = {
  /** The files of the export by their names. */
  readonly files: ReadonlyMap<string, string>;
  /** The public half of the key that signed it, in PEM. */
  readonly publicKey: string;
  /** Decisions of the detector of the run, in its order. */
  readonly decisions: readonly RulingDecision[];
};

/** The names of an export are of a key that nobody keeps. A recording has the same each time. */
const rename = renameBy(new Uint8Array(32));

/** Plays a run from the first event of its detector, and records it. */
export const record = (
  { seed, size, arranged }: Pick<Run, 'seed' | 'size' | 'arranged'>,
  launches: readonly Launch[] = [],
): Recorded => {
  const bursts = memoryBursts();
  const [items, decisions]: [FoundItem[], RulingDecision[]] = [[], []];
  let endMs = startMs;
  const watcher: Watcher = {
    bursts,
    judged: (events, nowMs) => {
      items.push(...itemsOfBatch(events, nowMs));
      endMs = Math.max(endMs, ...events.map(({ atMs }) => atMs));
    },
    ruled: (decision) => void decisions.push(decision),
    swept: (nowMs) => {
      endMs = Math.max(endMs, nowMs);
    },
  };
  run({
    entry: ours(oursName, codes, {}, launches, watcher),
    seed,
    size,
    ...(arranged === undefined ? {} : { arranged }),
  });
  items.push(
    ...itemsOfFindings(decisions, bursts, rename),
    ...itemsOfLaunches(launches),
    ...itemsOfPast(bursts, endMs),
  );
  return { ...exportOf(items, endMs + 1, seed), decisions };
};

const settings = (): ReplaySettings => replaySettingsOf({ ...policyFor(codes), bursts: defaultBursts });

const exportOf = (items: readonly FoundItem[], toMs: number, seed: number): Omit<Recorded, 'decisions'> => {
  const lines = items.map((item) => lineOf(item, { fromMs: startMs, toMs }, rename));
  const texts = partTextsOf(lines);
  const parts = texts.map((text, index): StoredPart => {
    const gathered = { text, lines: text.split('\n').length - 1, tally: emptyTally, places: [] };
    return { ...partOf({ parts: index }, gathered), isKept: true };
  });
  const manifest = manifestText(endedOf(lines, toMs, seed), parts, 'bench');
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const signature = sign('sha256', Buffer.from(manifest), privateKey).toString('base64');
  return {
    files: new Map([
      ...parts.map(({ name }, index) => [name, texts[index] ?? ''] as const),
      [exportFormat.manifest, manifest],
      [exportFormat.signature, signatureText(manifest, 'bench', signature)],
    ]),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
};

/** @throws Error for an item that is none of an export: a recording has all of its items. */
const partTextsOf = (lines: readonly Line[]): readonly string[] => {
  const texts: string[] = [];
  let text = '';
  for (const line of lines) {
    if (!('text' in line)) throw new Error('A run left an item that is no line of an export.');
    text += `${line.text}\n`;
    if (text.length < exportFacts.partBytes) continue;
    texts.push(text);
    text = '';
  }
  return text === '' ? texts : [...texts, text];
};

const endedOf = (lines: readonly Line[], toMs: number, seed: number): Export => {
  const counts = exportFormat.records.map((record) => [record, lines.filter(({ kind }) => kind === record).length]);
  return {
    ...{ id: `bench-${seed}`, principal: 'bench', reason: 'a recording', fromMs: startMs, toMs },
    ...{ startedMs: toMs, finishedMs: toMs, phase: 'done', run: 1, tries: 0, heldUntilMs: toMs, places: [] },
    ...{ parts: 0, bytes: 0, estimate: { items: 0, readUnits: 0 }, settings: settings() },
    tally: { ...emptyTally, ...Object.fromEntries(counts) },
  };
};
