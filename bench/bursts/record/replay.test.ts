/** A replay of a recorded run, with the thresholds that judged it and with others. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { areOfNumber } from '../../../lambdas/bursts/counts/keys.ts';
import { thresholds } from '../../../lambdas/bursts/evidence/thresholds.ts';
import { exportFormat } from '../../../lambdas/contract.ts';
import { differencesOf, fidelityOf, trafficOf } from '../../../replay/compare.ts';
import { type Outcome, play } from '../../../replay/play.ts';
import { recordingReader } from '../../../replay/recording/read.ts';
import { isFromFirstEvent, type Recording } from '../../../replay/recording/recording.ts';
import { readSettings } from '../../../replay/recording/settings.ts';
import { readThresholds } from '../../../replay/thresholds.ts';
import { deskWith } from '../../../test/fakes/desk/desk.ts';
import { families, quick, type Size, startMs } from '../traffic/calendar.ts';
import { type Recorded, record } from './record.ts';
import { writeRecording } from './write.ts';

const some = { A1: 1, A2: 1, A3: 2, A8: 1, 'A10 guess': 1 };
const size: Size = {
  ...quick,
  startsPerDay: 600,
  warmUpDays: 1,
  testDays: 2,
  cleanDays: [],
  traps: {},
  attacks: { ...quick.attacks, ...Object.fromEntries(families.map((family) => [family, 0])), ...some },
};

const readBack = ({ files }: Recorded): Recording => {
  const manifest = JSON.parse(files.get(exportFormat.manifest) ?? '');
  const settings = readSettings(manifest.settings);
  if (settings === undefined) throw new Error('The manifest of a recording has no settings.');
  const reader = recordingReader({ fromMs: Date.parse(manifest.from), toMs: Date.parse(manifest.to) }, settings);
  for (const { name } of manifest.parts) reader.file(name, files.get(name) ?? '');
  const read = reader.end();
  if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
  return read.recording;
};

let recorded: Recorded;
let recording: Recording;
let deployed: Outcome;
beforeAll(() => {
  recorded = record({ seed: 1, size });
  recording = readBack(recorded);
  deployed = play(recording, thresholds);
});

/** A ruling without the name of its number or IP, which is another in the recording. */
const comparable = ({ key, uid: _, parent: __, ...ruling }: Outcome['rulings'][number]) => ({
  ...ruling,
  level: key.level,
  of: key.level === 'ip' || key.level === 'phone' || areOfNumber(key) ? 'hidden' : key.of,
});

describe('a recording of a run from its first event', () => {
  test('a recording begins with the first event of its detector', () => {
    expect(recording.fromMs).toBe(startMs);
    expect(isFromFirstEvent(recording)).toBe(true);
    expect(recorded.decisions.length).toBeGreaterThan(10);
  });

  test('a replay with the deployed thresholds makes every ruling again, with its evidence, severity, action, time and end', () => {
    expect(deployed.rulings.map(comparable)).toEqual(recorded.decisions.map(({ ruling }) => comparable(ruling)));
  });

  test('a replay has each recorded finding as it was recorded, renewals of its block included, and no other', () => {
    const { recorded: count, ...fidelity } = fidelityOf(recording, deployed, recording.fromMs);
    expect(count).toBeGreaterThan(5);
    expect(new Set(recording.findings.map(({ key }) => key.level)).size).toBeGreaterThan(3);
    expect(fidelity).toEqual({ exact: count, near: 0, missing: [], added: 0 });
    expect(deployed.renewals.length).toBeGreaterThan(0);
  });

  test('a replay with the same thresholds differs in nothing, and one replay leaves no thresholds to the next', () => {
    const again = play(recording, thresholds);
    expect(differencesOf(deployed, again, recording.fromMs)).toEqual([]);
  });

  test('a replay refuses what the recorded detector refused', () => {
    const blocked = recording.events.filter(({ limit }) => limit?.startsWith('block-'));
    expect(blocked.length).toBeGreaterThan(50);
    expect(blocked.filter((event) => !deployed.refused.has(event))).toEqual([]);
    const sent = recording.events.filter(({ kind }) => kind === 'started');
    expect(sent.filter((event) => deployed.refused.has(event))).toEqual([]);
  });
});

describe('a replay with other thresholds', () => {
  const changedTo = (text: string): Outcome => {
    const read = readThresholds(text);
    if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
    return play(recording, read.thresholds);
  };

  test('a higher threshold finds less, and sends messages that were refused', () => {
    const changed = changedTo('{"burst": 200, "maxEvidence": 24}');
    const differences = differencesOf(deployed, changed, recording.fromMs);
    expect(differences.some(({ kind, key }) => kind !== 'new' && key.level === 'range')).toBe(true);
    const traffic = trafficOf(recording, deployed, changed, recording.fromMs);
    expect(traffic.moreSent.messages).toBeGreaterThan(50);
    expect(traffic.moreSent.people).toBeGreaterThan(0);
    expect(traffic.moreSent.usd).toBeGreaterThan(0);
    expect(traffic.refusedChanged.messages).toBeLessThan(traffic.refusedDeployed.messages);
  });

  test('a lower threshold finds more, or the same sooner, and refuses messages that were sent', () => {
    const changed = changedTo('{"burst": 6, "minPeople": 1}');
    const traffic = trafficOf(recording, deployed, changed, recording.fromMs);
    expect(differencesOf(deployed, changed, recording.fromMs).length).toBeGreaterThan(0);
    expect(traffic.moreRefused.messages).toBeGreaterThan(0);
    expect(traffic.moreRefused.people).toBeGreaterThan(0);
  });
});

describe('otp-desk replay of a recording', () => {
  let directory: string;
  let args: readonly string[];
  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'otp-recording-'));
    const { folder, key } = await writeRecording(recorded, path.join(directory, 'run'));
    await writeFile(path.join(directory, 'thresholds.json'), '{"burst": 24, "minPeople": 4}');
    args = ['replay', folder, '--key', key];
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('otp-desk says that a recording is replayed exactly, and what it knows', async () => {
    const { exit, out } = await deskWith(args);
    expect(exit).toBe(0);
    expect(out).toMatch(/recorded findings again, exactly: (\d+) of \1\./);
    expect(out).toContain('the replay knows all that the detector knew');
    const { out: json } = await deskWith([...args, '--json']);
    expect(JSON.parse(json).fidelity).toMatchObject({ near: 0, missing: [], added: 0 });
  }, 180_000);

  test('otp-desk tells of each finding that differs which threshold does it, and counts messages and people', async () => {
    const file = path.join(directory, 'thresholds.json');
    const { exit, out, err } = await deskWith([...args, '--thresholds', file]);
    expect(exit).toBe(0);
    expect(out).toContain('Changed: burst from 16 to 24, minPeople from 3 to 4.');
    expect(out).toMatch(/Messages refused: \d+, to \d+ people; with the deployed thresholds \d+, to \d+\./);
    expect(out).toMatch(/Sent in addition: [1-9]\d* messages to [1-9]\d* people, worth \$\d/);
    expect(out).toMatch(/Because of (?:burst|minPeople)/);
    expect(out).toContain('The recorded requests come as they came.');
    expect(err).toContain('with burst alone');
  }, 180_000);

  test('otp-desk refuses an export that somebody changed', async () => {
    const [, folder = ''] = args;
    const part = [...recorded.files.keys()].find((name) => name.startsWith('part-')) ?? '';
    const text = recorded.files.get(part) ?? '';
    await writeFile(path.join(folder, part), text.replace('"started"', '"approve"'));
    const { exit, out, err } = await deskWith(args);
    await writeFile(path.join(folder, part), text);
    expect([exit, out]).toEqual([1, '']);
    expect(err).toContain('It is not replayed.');
    expect(err).toContain('Somebody changed it');
  });
});
