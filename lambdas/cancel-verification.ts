import { dynamoClient } from './aws/clients.ts';
import { dynamoCancelLedger } from './aws/stores/cancel.ts';
import { readApplications, readEnvironment, readPolicy } from './env.ts';
import { applicationsOf } from './http/applications.ts';
import { readId } from './http/call.ts';
import { httpHandler } from './http/handler.ts';
import { answerCancel } from './http/responses.ts';
import { cancelVerification } from './otp/cancel.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'cancel-verification';
const env = readEnvironment(route);
const telemetry = telemetryOf(route);
const applications = applicationsOf(readApplications(env.APPLICATIONS), readPolicy(import.meta.url));
const flow = cancelVerification({ now: Date.now, ledger: dynamoCancelLedger(dynamoClient(), env.VERIFICATIONS_TABLE) });

export const handler = httpHandler({ route, telemetry, endpoint: env.ENDPOINT, applications }, async (call) =>
  answerCancel(await flow({ id: readId(call), application: call.application })),
);
