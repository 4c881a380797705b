/**
 * Asks the AWS account, read-only, whether SMS will arrive with the settings of `bin/settings.ts`, and says what to do
 * where not.
 *
 *     npm run preflight                         a table
 *     npm run preflight -- --json               the same for programs
 *     npm run preflight -- --region eu-west-1   another Region than that of the environment or the profile
 *     npm run preflight -- --policy             the IAM policy that it needs
 *
 * Ends with 0 if nothing is in the way (warnings aside), 1 if something is, and 2 if the account could not be asked: for
 * want of credentials or a Region, or because the settings are wrong.
 */

import { parseArgs } from 'node:util';
import rawSettings from '../../bin/settings.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { askAccount, CannotAsk } from './ask.ts';
import { judgeAccount } from './judge.ts';
import { leastPolicy } from './questions.ts';
import { exitCodeOf, renderJson, renderTable } from './report.ts';

const cannotAsk = 2;

const read = () => {
  try {
    return parseArgs({
      options: { json: { type: 'boolean' }, policy: { type: 'boolean' }, region: { type: 'string' } },
    }).values;
  } catch (cause) {
    throw new CannotAsk('Use npm run preflight -- with --json, --policy or --region NAME.', { cause });
  }
};

const readSettings = () => {
  try {
    return parseSettings(rawSettings);
  } catch (cause) {
    throw new CannotAsk(cause instanceof Error ? cause.message : String(cause), { cause });
  }
};

const run = async (): Promise<number> => {
  const { json, policy, region } = read();
  if (policy === true) {
    console.log(JSON.stringify(leastPolicy(), undefined, 2));
    return 0;
  }
  const settings = readSettings();
  const answers = await askAccount({ region, settings });
  const findings = judgeAccount(settings, answers);
  console.log(json === true ? renderJson(answers, findings) : renderTable(answers, findings));
  return exitCodeOf(findings);
};

process.exitCode = await run().catch((error: unknown) => {
  // A bug, too, has asked nothing: it must not look like an account that has a problem.
  console.error(error instanceof CannotAsk ? error.message : error);
  return cannotAsk;
});
