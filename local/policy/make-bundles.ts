/**
 * Bundles the functions and the page for local mode, with the policy of the given settings and switches.
 *
 *     node local/policy/make-bundles.ts --out DIR --asked JSON
 *
 * A program of its own, because it reads the settings as the stack does and local mode does not. Wrong settings end it
 * with a list on stderr. No deployment runs it.
 */

import { parseArgs } from 'node:util';
import { bundle } from '../../bundle/bundle.ts';
import { bundlePage } from '../../bundle/page.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { readSettingsFile } from './settings-file.ts';
import { localPolicyOf, type Switches } from './switches.ts';
import { writeTexts } from './texts.ts';

/** The part of the command line that `local/start.ts` has read. */
type Asked = Switches & { readonly settings?: string };

const readAsked = async ({ settings, ...switches }: Asked) => {
  const now = new Date();
  const name = settings ?? 'bin/settings.ts';
  const file = switches.testNumbers.length === 0 ? name : `${name} and --test-number`;
  const raw =
    settings === undefined ? (await import('../../bin/settings.ts')).default : await readSettingsFile(settings);
  const policy = localPolicyOf(raw, switches, { file, now });
  return { policy, settings: parseSettings(raw, now, name) };
};

const main = async (): Promise<void> => {
  const { out = 'build/local', asked = '{}' } = parseArgs({
    options: { out: { type: 'string' }, asked: { type: 'string' } },
  }).values;
  const { policy, settings } = await readAsked(JSON.parse(asked));
  await Promise.all([bundle({ out, policy, riskTo: 'local' }), bundlePage(out), writeTexts(out, settings)]);
};

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
