import { dynamoClient, dynamoClientOnce, kmsClient } from './aws/clients.ts';
import { kmsCodes, kmsPseudonyms } from './aws/kms/codes.ts';
import { kmsHourKeys } from './aws/kms/hours.ts';
import { kmsSeal } from './aws/kms/seal.ts';
import { rehearseSend } from './aws/rehearsal.ts';
import { riskInUse } from './aws/risk/in-use.ts';
import { rehearsalsOf, senderByRoute } from './aws/senders/by-route.ts';
import { sendersInUse } from './aws/senders/in-use.ts';
import { callsInUse } from './aws/senders/voice/in-use.ts';
import { dynamoMessageNotes } from './aws/stores/receipts.ts';
import { dynamoRequestLedger } from './aws/stores/request.ts';
import { readApplications, readCodeKeys, readEnvironment, readHourlySealKey, readPolicy } from './env.ts';
import { applicationsOf } from './http/applications.ts';
import { readIdempotencyKey } from './http/call.ts';
import { httpHandler } from './http/handler.ts';
import { problem, Refused } from './http/problem.ts';
import { sendHeaders } from './http/rate-limit.ts';
import { readSendBody, readSender } from './http/requests.ts';
import { answerRequest } from './http/responses.ts';
import { parsePhone } from './otp/number/phone.ts';
import { drawSecurely, randomId } from './otp/record/code.ts';
import { requestVerification } from './otp/request.ts';
import { countsRoutes, policyFor } from './policy.ts';
import { riskTelemetryOf, telemetryOf } from './telemetry.ts';

const route = 'request-verification';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const telemetry = telemetryOf(route, countsRoutes(policy));
const applications = applicationsOf(readApplications(env.APPLICATIONS), policy);
const kms = kmsClient();
const dynamo = dynamoClient();
const senders = sendersInUse(telemetry.watch.dependencyFailed);
const { callCode, rehearsals } = callsInUse(telemetry.watch.dependencyFailed, policy);
const tables = { verifications: env.VERIFICATIONS_TABLE, guards: env.GUARDS_TABLE };
const pseudonyms = kmsPseudonyms(kms, env.PSEUDONYM_KEY);
const hourlySealKey = readHourlySealKey(policy);
const numberRisk = riskInUse(policy.numberRisk, {
  now: Date.now,
  randomId,
  ...riskTelemetryOf(route),
});
const hours = hourlySealKey === undefined ? undefined : kmsHourKeys(kms, hourlySealKey, Date.now);

const ports = {
  now: Date.now,
  draw: drawSecurely,
  randomId,
  pseudonyms,
  ledger: dynamoRequestLedger(dynamo, tables, randomId, policy.totalShards),
  codes: kmsCodes(kms, readCodeKeys(env.CODE_KEYS)),
  seals: kmsSeal(kms, env.SEAL_KEY, hours),
  sender: senderByRoute(senders),
  callCode,
  watch: telemetry.watch,
  numberRisk,
  ...(policy.receipts?.noteMessageIds ? { messages: dynamoMessageNotes(dynamo, env.VERIFICATIONS_TABLE) } : {}),
};

// Derived while the container starts, so that no request waits for it. After a failure the first request asks again.
const noteFailure = (cause: unknown) => telemetry.watch.dependencyFailed('KMS GenerateMac', cause);
void pseudonyms().catch(noteFailure);
void hours?.keyOf(hours.hour()).catch(noteFailure);
void numberRisk?.warm();
// Beside those calls.
await rehearseSend({
  dynamo,
  dynamoOnce: dynamoClientOnce(),
  senders: [...rehearsalsOf(senders, policy.smsRoutes), ...rehearsals],
});

const http = { route, telemetry, endpoint: env.ENDPOINT, applications, headers: sendHeaders(policy) } as const;

export const handler = httpHandler(http, async (call) => {
  const idempotencyKey = readIdempotencyKey(call);
  const { application } = call;
  const own = policyFor(policy, application);
  const { phoneNumber, defaultCountry, endUser, ...body } = readSendBody(call, own);
  const { endUserIp, ...sender } = readSender(call, own, endUser);
  const parsed = parsePhone(phoneNumber, defaultCountry);
  if (parsed.kind === 'invalid') throw new Refused(problem('invalid-phone-number', { detail: parsed.detail }));
  const flow = requestVerification(ports, own);
  const outcome = await flow({ ...body, phone: parsed.phone, idempotencyKey, application, ...sender });
  return answerRequest(outcome, { country: parsed.phone.country, purpose: body.purpose, endUserIp });
});
