import { dynamoClient, kmsClient } from './aws/clients.ts';
import { feedbackInUse } from './aws/feedback/in-use.ts';
import { kmsCodes } from './aws/kms/codes.ts';
import { kmsHourKeys } from './aws/kms/hours.ts';
import { kmsSigner } from './aws/kms/proof.ts';
import { kmsUnseal } from './aws/kms/seal.ts';
import { rehearseCheck } from './aws/rehearsal.ts';
import { dynamoCheckLedger } from './aws/stores/check.ts';
import { readApplications, readCodeKeys, readEnvironment, readHourlySealKey, readPolicy } from './env.ts';
import { applicationsOf } from './http/applications.ts';
import { readBody } from './http/body.ts';
import { readId, readIdempotencyKey } from './http/call.ts';
import { httpHandler } from './http/handler.ts';
import { checkBody } from './http/requests.ts';
import { answerCheck } from './http/responses.ts';
import { checkVerification } from './otp/check.ts';
import { secret } from './otp/number/secret.ts';
import { randomId } from './otp/record/code.ts';
import { countsRoutes, policyFor } from './policy.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'check-verification';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const telemetry = telemetryOf(route, countsRoutes(policy));
const applications = applicationsOf(readApplications(env.APPLICATIONS), policy);
const kms = kmsClient();
const hourlySealKey = readHourlySealKey(policy);
const hours = hourlySealKey === undefined ? undefined : kmsHourKeys(kms, hourlySealKey, Date.now);
const dynamo = dynamoClient();

const ports = {
  now: Date.now,
  randomId,
  codes: kmsCodes(kms, readCodeKeys(env.CODE_KEYS)),
  ledger: dynamoCheckLedger(dynamo, env.VERIFICATIONS_TABLE),
  seals: kmsUnseal(kms, env.SEAL_KEY, hours),
  signer: kmsSigner(kms, env.PROOF_KEY, policy.proofs.algorithm),
  issuer: env.ENDPOINT,
  ...(policy.receipts?.feedback
    ? {
        feedback: feedbackInUse({
          ...{ dynamo, table: env.VERIFICATIONS_TABLE, policy },
          failed: telemetry.watch.dependencyFailed,
        }),
      }
    : {}),
};

// Derived while the container starts, and before each turn of the hour, so that no check waits for it.
void hours?.prepare().catch((cause: unknown) => telemetry.watch.dependencyFailed('KMS GenerateMac', cause));
await rehearseCheck({ dynamo, kms });

export const handler = httpHandler({ route, telemetry, endpoint: env.ENDPOINT, applications }, async (call) => {
  const id = readId(call);
  // Beside the calls of the check. A failure shows if the check needs the key.
  hours?.prepare().catch(() => undefined);
  const idempotencyKey = readIdempotencyKey(call);
  const { code, transaction } = readBody(call, checkBody);
  const { application } = call;
  const flow = checkVerification(ports, policyFor(policy, application));
  return answerCheck(await flow({ id, code: secret(code), transaction, idempotencyKey, application }));
});
