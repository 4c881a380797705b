import { dynamoClient, kmsClient } from './aws/clients.ts';
import { kmsPseudonyms } from './aws/kms/codes.ts';
import { dynamoNumberActs } from './aws/stores/desk/number-acts.ts';
import { dynamoNumberRecords } from './aws/stores/desk/number-records.ts';
import { readNumberHistory } from './desk/numbers/history.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { answerHistory, readHistoryBody } from './http/desk/numbers.ts';
import { operatorHandler } from './http/desk/operator.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'read-number-history';
const env = readEnvironment(route);
const { auditDays } = readPolicy(import.meta.url);
const client = dynamoClient();
const tables = { guards: env.GUARDS_TABLE, traffic: env.TRAFFIC_TABLE, security: env.SECURITY_TABLE };
const read = readNumberHistory({
  acts: dynamoNumberActs(client, env.SECURITY_TABLE, auditDays),
  records: dynamoNumberRecords(client, tables),
  pseudonyms: kmsPseudonyms(kmsClient(), env.PSEUDONYM_KEY),
});

/** Shows privacy officers what is kept of a number. */
export const handler = operatorHandler(
  { route, telemetry: telemetryOf(route), endpoint: env.OPERATOR_ENDPOINT, now: Date.now },
  { 'POST /v1/numbers/history': async (call) => answerHistory(await read(readHistoryBody(call), call.operator)) },
);
