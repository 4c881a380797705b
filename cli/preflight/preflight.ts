/**
 * Asks the AWS account, read-only, whether SMS will arrive with the settings of `bin/settings.ts`. For each problem it says
 * what to do.
 *
 *     npm run preflight                         a table
 *     npm run preflight -- --json               the same for programs
 *     npm run preflight -- --region eu-west-1   another Region than that of the environment or the profile
 *     npm run preflight -- --policy             the IAM policy that it needs
 *
 * Exit code 0: no problem, perhaps warnings. 1: a problem. 2: it could not ask the account, because credentials or a
 * Region are missing, or because the settings are wrong.
 */

import { parseArgs } from 'node:util';
import rawSettings from '../../bin/settings.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { askAccount, CannotAsk } from './ask.ts';
import { judgeAccount } from './judge.ts';
import { minimalPolicy } from './questions.ts';
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
    console.log(JSON.stringify(minimalPolicy(), undefined, 2));
    return 0;
  }
  const settings = readSettings();
  const answers = await askAccount({ region, settings });
  const findings = judgeAccount(settings, answers);
  console.log(json === true ? renderJson(answers, findings) : renderTable(answers, findings));
  return exitCodeOf(findings);
};

process.exitCode = await run().catch((error: unknown) => {
  // A bug must not look like an account with a problem.
  console.error(error instanceof CannotAsk ? error.message : error);
  return cannotAsk;
});
