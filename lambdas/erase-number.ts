import { dynamoClient, kmsClient } from './aws/clients.ts';
import { kmsPseudonyms } from './aws/kms/codes.ts';
import { dynamoNumberActs } from './aws/stores/desk/number-acts.ts';
import { dynamoNumberEraser } from './aws/stores/desk/number-eraser.ts';
import { keptDays } from './aws/tables/guards.ts';
import { refusalLifetimeSeconds } from './aws/tables/verifications.ts';
import { eraseNumber } from './desk/numbers/erase.ts';
import { recordsEndMs, remainsAfter } from './desk/numbers/remains.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { answerErasure, readEraseBody } from './http/desk/numbers.ts';
import { operatorHandler } from './http/desk/operator.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'erase-number';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const client = dynamoClient();
const tables = { guards: env.GUARDS_TABLE, traffic: env.TRAFFIC_TABLE, security: env.SECURITY_TABLE };
const now = Date.now;
const erase = eraseNumber({
  acts: dynamoNumberActs(client, env.SECURITY_TABLE, policy.auditDays),
  eraser: dynamoNumberEraser(client, tables),
  pseudonyms: kmsPseudonyms(kmsClient(), env.PSEUDONYM_KEY),
  now,
});
const lifetimes = {
  refusalSeconds: refusalLifetimeSeconds,
  askersDays: keptDays.ip,
  verifiersDays: keptDays['ip-reputation'],
};

/** Erases what is kept of a number, and says what is still to end by itself. */
export const handler = operatorHandler(
  { route, telemetry: telemetryOf(route), endpoint: env.OPERATOR_ENDPOINT, now },
  {
    'POST /v1/numbers/erase': async (call) => {
      const erasure = await erase(readEraseBody(call), call.operator);
      const endMs = now();
      return answerErasure(erasure, remainsAfter(policy, lifetimes, endMs), recordsEndMs(policy, endMs));
    },
  },
);
