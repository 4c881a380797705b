import type { KeyObject } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { nameOfExport } from '../../../../replay/recording/names.ts';
import { recordingReader } from '../../../../replay/recording/read.ts';
import type { Recording, Snapshot } from '../../../../replay/recording/recording.ts';
import { readSettings } from '../../../../replay/recording/settings.ts';
import {
  type Asked,
  comparableFromMs,
  type Report,
  reportLines,
  reportOn,
  timeText,
} from '../../../../replay/report.ts';
import { type Changed, deployedText, maxFileBytes, readThresholds } from '../../../../replay/thresholds.ts';
import { type DeskCommand, type Given, optionOf } from '../../command.ts';
import { DeskError, exits, usage } from '../../exits.ts';
import { visible } from '../../print/visible.ts';
import type { Session } from '../../session.ts';
import type { ExportFiles } from '../../verify-export/files.ts';
import type { Manifest } from '../../verify-export/manifest.ts';
import { verifyExport } from '../../verify-export/verify-export.ts';
import { verdictLines } from '../../verify-export/words.ts';
import { timeOf } from '../../words/lengths.ts';
import { filesOf, keyNeeds, keyOf, keyOption } from './signed.ts';

/** @throws DeskError for an export that is not genuine: a replay of it would say nothing. */
const verified = async (files: ExportFiles, key: KeyObject): Promise<Manifest> => {
  const verdict = await verifyExport(files, key);
  const { manifest, problems } = verdict;
  if (manifest !== undefined && problems.length === 0) return manifest;
  throw new DeskError(['It is not replayed.', ...verdictLines(verdict)].map(visible).join('\n'), exits.failed);
};

const noSettings =
  'The manifest has no settings of the detector, so that the export is from before replays, or of a later version. Make a new export.';

const recordingOf = async (files: ExportFiles, key: KeyObject): Promise<Recording & { readonly takenMs: number }> => {
  const manifest = await verified(files, key);
  const settings = readSettings(manifest.settings);
  if (settings === undefined) throw new DeskError(noSettings, exits.failed);
  const reader = recordingReader({ fromMs: Date.parse(manifest.from), toMs: Date.parse(manifest.to) }, settings);
  for (const { name } of manifest.parts) reader.file(name, Buffer.from(await files.read(name)).toString('utf8'));
  const read = reader.end();
  if (read.kind === 'read') return { ...read.recording, takenMs: Date.parse(manifest.startedAt) };
  throw new DeskError(['This export cannot be replayed.', ...read.problems].map(visible).join('\n'), exits.failed);
};

/** The past, from an export that was made before. */
const snapshotOf = async (given: Given, key: KeyObject): Promise<Snapshot | undefined> => {
  const folder = optionOf(given, 'snapshot');
  if (folder === undefined) return undefined;
  const { takenMs, histories } = await recordingOf(await filesOf(folder, 'replay ./export --snapshot'), key);
  if (histories.length > 0) return { takenMs, histories };
  throw new DeskError(
    'The export behind --snapshot has no histories. Write one that was made by this version.',
    exits.failed,
  );
};

const thresholdsOf = async (given: Given): Promise<Asked['changed']> => {
  const file = optionOf(given, 'thresholds');
  if (file === undefined) return undefined;
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : undefined),
    () => undefined,
  );
  if (size === undefined)
    throw usage('The file behind --thresholds cannot be read. otp-desk replay --print-thresholds prints one.');
  const read = readThresholds(size > maxFileBytes ? ' '.repeat(maxFileBytes + 1) : await readFile(file, 'utf8'));
  if (read.kind === 'read') return { thresholds: read.thresholds, names: read.changed };
  throw usage(['The file of thresholds is not as it has to be.', ...read.problems].map(visible).join('\n'));
};

/** @throws DeskError if nothing of the recording can be compared. */
const startOf = (given: Given, recording: Recording, snapshot: Snapshot | undefined): number => {
  const asked = optionOf(given, 'compareFrom');
  if (asked !== undefined) return Date.parse(timeOf(asked, '--compare-from'));
  const fromMs = comparableFromMs(recording, snapshot);
  if (fromMs < recording.toMs) return fromMs;
  throw usage(
    `Nothing can be compared: the recording ends at ${timeText(recording.toMs)}, and what was usual is known from ${timeText(fromMs)} on. ` +
      'Export a longer time, give the past by --snapshot, or choose a time by --compare-from.',
  );
};

/** Names of IPs have a mark in memory that no export has. */
const jsonOf = (report: Report, changed: readonly Changed[]): unknown =>
  JSON.parse(
    JSON.stringify({ changed, ...report, compareFrom: timeText(report.compareFromMs) }, (name, value) =>
      name === 'of' && typeof value === 'string' ? nameOfExport(value) : value,
    ),
  );

export const replay: DeskCommand = {
  name: 'replay',
  takes: [['[folder]', 'to which you downloaded the export']],
  options: [
    ['--thresholds <file>', 'JSON with the thresholds that are to change (default: none)'],
    ['--snapshot <folder>', 'an export that was made before the events: the past that they had'],
    ['--compare-from <time>', 'a day or a time; findings before it are not compared'],
    keyOption,
    ['--print-thresholds', 'print the deployed thresholds, and replay nothing'],
  ],
  says: 'Judges the events of an export again, by the deployed thresholds and by those of a file, and shows which findings differ.',
  more: [
    'It checks the export first, as verify-export does. With --key it works offline. It changes no deployment.',
    'Nothing but this command reads a file of thresholds.',
  ],
  examples: [
    'replay ./export --thresholds thresholds.json',
    'replay ./export --snapshot ./last-week --key signing-key.pem',
    'replay --print-thresholds',
  ],
  needs: keyNeeds,
  run: async (session: Session, given) => {
    if (given.options['printThresholds'] === true) {
      session.show(JSON.parse(deployedText()), () => deployedText().trimEnd().split('\n'));
      return exits.ok;
    }
    const [folder] = given.words;
    if (folder === undefined) throw usage('Write the folder of an export, such as: otp-desk replay ./export');
    // A wrong file asks nothing of AWS.
    const changed = await thresholdsOf(given);
    const files = await filesOf(folder, 'replay');
    const key = await keyOf(session, optionOf(given, 'key'));
    const recording = await recordingOf(files, key);
    const snapshot = await snapshotOf(given, key);
    const compareFromMs = startOf(given, recording, snapshot);
    const report = reportOn({ recording, changed, snapshot, compareFromMs }, (what) =>
      session.progress(`Judging ${recording.events.length} events ${what} …`),
    );
    const names = changed?.names ?? [];
    session.show(jsonOf(report, names), () => reportLines(report, names).map(visible));
    return exits.ok;
  },
};
