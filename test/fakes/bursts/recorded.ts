/** Lines of an export, as recorded traffic leaves them. */

import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { type ReadRecording, recordingReader } from '../../../replay/recording/read.ts';
import type { Recording } from '../../../replay/recording/recording.ts';
import { readSettings } from '../../../replay/recording/settings.ts';

export const fromMs = Date.UTC(2026, 10, 23);
export const toMs = Date.UTC(2026, 10, 30);

export const replaySettings = { bursts: defaultBursts, countries: { IN: { priceUsd: 0.05, hourCapUsd: null } } };

const time = (atMs: number): string => new Date(atMs).toISOString();

export type Line = Readonly<Record<string, unknown>>;

/** A request of its own batch, which was judged a second and a half later. */
export const eventLine = (atMs: number, nth: number, changes: Line = {}): Line => ({
  ...{ record: 'event', kind: 'started', at: time(atMs), startedAt: time(atMs) },
  ...{ number: `number-${nth}`, ip: `ip-${nth}`, network: `network-${nth}`, ipSlot: nth % 64, networkSlot: nth % 32 },
  ...{ country: 'IN', range: '+91987654', prefix: '+919876', application: 'web', purpose: 'login', unverified: true },
  ...{ verification: `verification-${nth}`, counted: true, streamAt: time(atMs + 1500) },
  ...{ batch: `batch-${nth}`, place: 0, records: 1, judgedAt: time(atMs + 1500) },
  ...changes,
});

/** So many people of one range, a second after each other, none of whom enters a code. */
export const attackLines = (startMs: number, people = 60, firstNth = 1000): readonly Line[] =>
  Array.from({ length: people }, (_, nth) => eventLine(startMs + nth * 1000, firstNth + nth));

export const runningLine = (sinceMs: number): Line => ({ record: 'running', since: time(sinceMs) });

export const actionLine = (atMs: number, action: string, changes: Line = {}): Line => ({
  ...{ record: 'action', id: `${action}-${atMs}`, at: time(atMs), principal: 'p', action, about: '', reason: '' },
  ...changes,
});

export const textOf = (lines: readonly Line[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

export const readText = (text: string): ReadRecording => {
  const settings = readSettings(replaySettings);
  if (settings === undefined) throw new Error('The settings of a test cannot be read.');
  const reader = recordingReader({ fromMs, toMs }, settings);
  reader.file('part-1', text);
  return reader.end();
};

/** @throws Error if the lines are no recording. */
export const recordingOf = (lines: readonly Line[]): Recording => {
  const read = readText(textOf(lines));
  if (read.kind === 'invalid') throw new Error(read.problems.join('\n'));
  return read.recording;
};
