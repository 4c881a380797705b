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
 *
 *     npm run preflight -- --first-sms             walks the account to its first SMS, by End User Messaging Notify
 *     npm run preflight -- --first-sms --yes +44…  the same for scripts: creates and sends without a question
 *     npm run preflight -- --first-sms --policy    the IAM policy that the walk needs
 *
 * Exit code 0: AWS took the SMS. 1: the walk stopped, and says what to do. 2: as above.
 */

import { parseArgs } from 'node:util';
import rawSettings from '../../bin/settings.ts';
import { parseSettings, policyOf } from '../../lib/settings/settings.ts';
import { askAccount } from './ask.ts';
import { walkPolicy } from './first-sms/policy.ts';
import { runFirstSms } from './first-sms/run.ts';
import { CannotAsk } from './identity.ts';
import { judgeAccount } from './judge.ts';
import { minimalPolicy } from './policy.ts';
import { exitCodeOf, renderJson, renderTable } from './report.ts';

const cannotAsk = 2;

const options = {
  json: { type: 'boolean' },
  policy: { type: 'boolean' },
  region: { type: 'string' },
  'first-sms': { type: 'boolean' },
  yes: { type: 'boolean' },
  name: { type: 'string' },
} as const;

const usage =
  'Use npm run preflight -- with --json, --policy or --region NAME. Or with --first-sms and, as you like, +NUMBER, --name NAME, --region NAME, --yes or --policy.';

const read = () => {
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const isWalk = values['first-sms'] === true;
    const [number, ...others] = positionals;
    if (others.length > 0 || (isWalk ? values.json === true : number !== undefined || values.yes || values.name))
      throw new CannotAsk(usage);
    return { ...values, number, isWalk };
  } catch (cause) {
    throw new CannotAsk(usage, { cause });
  }
};

const readSettings = () => {
  try {
    return parseSettings(rawSettings);
  } catch (cause) {
    throw new CannotAsk(cause instanceof Error ? cause.message : String(cause), { cause });
  }
};

/** Calls ask by the same actions as SMS of their sender. */
const sendersOf = ({ smsRoutes, voice }: ReturnType<typeof readSettings>) =>
  [...smsRoutes, ...(voice?.routes ?? [])].map(({ sender }) => sender);

const walk = async (asked: ReturnType<typeof read>): Promise<number> => {
  const ending = await runFirstSms(asked, readSettings());
  if (ending.kind === 'stopped') console.log(`\n${ending.todo}`);
  return ending.kind === 'sent' ? 0 : 1;
};

const run = async (): Promise<number> => {
  const asked = read();
  const { json, policy, region, isWalk } = asked;
  if (policy === true) {
    const senders = new Set(isWalk ? [] : sendersOf(readSettings()));
    console.log(JSON.stringify(isWalk ? walkPolicy() : minimalPolicy([...senders]), undefined, 2));
    return 0;
  }
  if (isWalk) return await walk(asked);
  const settings = readSettings();
  const answers = await askAccount({ region, settings });
  const findings = judgeAccount(settings, policyOf(settings), answers);
  console.log(json === true ? renderJson(answers, findings) : renderTable(answers, findings));
  return exitCodeOf(findings);
};

process.exitCode = await run().catch((error: unknown) => {
  // A bug must not look like an account with a problem.
  console.error(error instanceof CannotAsk ? error.message : error);
  return cannotAsk;
});
