import { connectAhead } from './aws/calls/ahead.ts';
import { dynamoClient, dynamoClientOnce, kmsClient } from './aws/clients.ts';
import { kmsCodes } from './aws/kms/codes.ts';
import { kmsHourKeys } from './aws/kms/hours.ts';
import { kmsUnseal } from './aws/kms/seal.ts';
import { rehearseSend } from './aws/rehearsal.ts';
import { rehearsalsOf, senderByRoute } from './aws/senders/by-route.ts';
import { sendersInUse } from './aws/senders/in-use.ts';
import { callsInUse } from './aws/senders/voice/in-use.ts';
import { dynamoMessageNotes, dynamoReceiptFinder } from './aws/stores/receipts.ts';
import { dynamoResendLedger } from './aws/stores/resend.ts';
import { readApplications, readCodeKeys, readEnvironment, readHourlySealKey, readPolicy } from './env.ts';
import { applicationsOf } from './http/applications.ts';
import { readOptionalBody } from './http/body.ts';
import { readId, readIdempotencyKey } from './http/call.ts';
import { resendBody } from './http/channel.ts';
import { httpHandler } from './http/handler.ts';
import { sendHeaders } from './http/rate-limit.ts';
import { answerResend } from './http/responses.ts';
import { drawSecurely, randomId } from './otp/record/code.ts';
import { resendVerification } from './otp/resend.ts';
import { countsRoutes, policyFor } from './policy.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'resend-verification';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const telemetry = telemetryOf(route, countsRoutes(policy));
const applications = applicationsOf(readApplications(env.APPLICATIONS), policy);
const kms = kmsClient();
const dynamo = dynamoClient();
const hourlySealKey = readHourlySealKey(policy);
const hours = hourlySealKey === undefined ? undefined : kmsHourKeys(kms, hourlySealKey, Date.now);
const senders = sendersInUse(telemetry.watch.dependencyFailed);
const { callCode, rehearsals } = callsInUse(telemetry.watch.dependencyFailed, policy);
const tables = { verifications: env.VERIFICATIONS_TABLE, guards: env.GUARDS_TABLE };

const ports = {
  now: Date.now,
  draw: drawSecurely,
  randomId,
  ledger: dynamoResendLedger(dynamo, tables, randomId, policy.totalShards),
  codes: kmsCodes(kms, readCodeKeys(env.CODE_KEYS)),
  seals: kmsUnseal(kms, env.SEAL_KEY, hours),
  sender: senderByRoute(senders),
  callCode,
  watch: telemetry.watch,
  ...(policy.receipts === undefined ? {} : { receipts: dynamoReceiptFinder(dynamo, env.VERIFICATIONS_TABLE) }),
  ...(policy.receipts?.noteMessageIds ? { messages: dynamoMessageNotes(dynamo, env.VERIFICATIONS_TABLE) } : {}),
};

// Derived while the container starts. A resend opens its record beside the read of the guard.
void hours?.prepare().catch((cause: unknown) => telemetry.watch.dependencyFailed('KMS GenerateMac', cause));
void connectAhead(kms);
await rehearseSend({
  dynamo,
  dynamoOnce: dynamoClientOnce(),
  senders: [...rehearsalsOf(senders, policy.smsRoutes), ...rehearsals],
});

const http = { route, telemetry, endpoint: env.ENDPOINT, applications, headers: sendHeaders(policy) } as const;

export const handler = httpHandler(http, async (call) => {
  const id = readId(call);
  const idempotencyKey = readIdempotencyKey(call);
  const { application } = call;
  const own = policyFor(policy, application);
  const channel = readOptionalBody(call, resendBody(own))?.channel;
  return answerResend(await resendVerification(ports, own)({ id, idempotencyKey, channel, application }));
});
