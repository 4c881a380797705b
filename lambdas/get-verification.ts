import { dynamoClient } from './aws/clients.ts';
import { dynamoFinder } from './aws/stores/find.ts';
import { dynamoReceiptFinder } from './aws/stores/receipts.ts';
import { readApplications, readEnvironment, readPolicy } from './env.ts';
import { applicationsOf } from './http/applications.ts';
import { readId } from './http/call.ts';
import { httpHandler } from './http/handler.ts';
import { answerFind } from './http/responses.ts';
import { findVerification, withoutReceipts } from './otp/find.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'get-verification';
const env = readEnvironment(route);
const telemetry = telemetryOf(route);
const policy = readPolicy(import.meta.url);
const applications = applicationsOf(readApplications(env.APPLICATIONS), policy);
const [dynamo, table] = [dynamoClient(), env.VERIFICATIONS_TABLE];
const ledger =
  policy.receipts === undefined ? withoutReceipts(dynamoFinder(dynamo, table)) : dynamoReceiptFinder(dynamo, table);
const flow = findVerification({ now: Date.now, ledger });

export const handler = httpHandler({ route, telemetry, endpoint: env.ENDPOINT, applications }, async (call) =>
  answerFind(await flow({ id: readId(call), application: call.application })),
);
