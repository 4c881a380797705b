import type { SNSClient } from '@aws-sdk/client-sns';
import { dynamoClient, kmsClient, snsClient } from '../../lambdas/aws/clients.ts';
import { kmsCodes, kmsPseudonyms } from '../../lambdas/aws/kms/codes.ts';
import { kmsProofKey, kmsSigner } from '../../lambdas/aws/kms/proof.ts';
import { kmsSeal, kmsUnseal } from '../../lambdas/aws/kms/seal.ts';
import { snsSender } from '../../lambdas/aws/senders/sns.ts';
import { dynamoCancelLedger } from '../../lambdas/aws/stores/cancel.ts';
import { dynamoCheckLedger } from '../../lambdas/aws/stores/check.ts';
import { dynamoFinder } from '../../lambdas/aws/stores/find.ts';
import { dynamoRequestLedger } from '../../lambdas/aws/stores/request.ts';
import { dynamoResendLedger } from '../../lambdas/aws/stores/resend.ts';
import { cancelVerification } from '../../lambdas/otp/cancel.ts';
import { checkVerification } from '../../lambdas/otp/check.ts';
import { findVerification } from '../../lambdas/otp/find.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import { drawSecurely, randomId } from '../../lambdas/otp/record/code.ts';
import type { SendRequest } from '../../lambdas/otp/request/context.ts';
import { requestVerification } from '../../lambdas/otp/request.ts';
import { type ResendRequest, resendVerification } from '../../lambdas/otp/resend.ts';
import { startDynamo } from '../../local/aws/dynamo.ts';
import { startKms } from '../../local/aws/kms.ts';
import { startSns } from '../../local/aws/sns.ts';
import { localKeys } from '../../local/stack.ts';
import { makeCertificate } from '../fakes/aws/certificate.ts';
import { askInstead } from '../fakes/aws/environment.ts';
import { awsProxy } from '../fakes/aws/proxy.ts';
import { tlsFront } from '../fakes/aws/tls-front.ts';
import { trust } from '../fakes/aws/trust.ts';
import { samplePolicy } from '../fakes/policy.ts';
import { phone } from '../fakes/world.ts';

/** Limits per IP and country that these tests, which send a lot, do not run into. Their counters count all the same. */
const policy = {
  ...samplePolicy,
  lowVolume: { verifications: 0, unverifiedSendsPerDay: 0 },
  caps: { hourUsd: 1000, dayUsd: 1000 },
  countries: { IN: { maxPriceUsd: 0.1, priceUsd: 0.02, caps: { hourUsd: 1000, dayUsd: 1000 } } },
};

/**
 * The flows on the real adapters and the real SDK, against the emulator and the stand-ins, with a proxy before each. They
 * call over TLS, as on AWS: connections are kept only there.
 */
export const openStage = async () => {
  const dynamo = await startDynamo();
  const kms = await startKms({ keys: Object.values(localKeys) });
  const sns = await startSns({ now: () => Date.now() });
  const tablesProxy = await awsProxy(dynamo.url);
  const keysProxy = await awsProxy(kms.url);
  const certificate = makeCertificate(Date.now());
  const distrust = trust(certificate.cert);
  const front = ({ url }: { readonly url: string }) => tlsFront(url, certificate);
  const fronts = { tables: await front(tablesProxy), keys: await front(keysProxy), sns: await front(sns) };
  askInstead({
    AWS_ENDPOINT_URL_DYNAMODB: fronts.tables.url,
    AWS_ENDPOINT_URL_KMS: fronts.keys.url,
    AWS_ENDPOINT_URL_SNS: fronts.sns.url,
  });
  const clients = { dynamo: dynamoClient(), kms: kmsClient() };
  const state = { nowMs: Date.UTC(2026, 10, 21, 12) };
  const noted: string[] = [];
  const now = () => state.nowMs;
  const codes = kmsCodes(clients.kms, { a: localKeys.code.arn });
  const seals = { ...kmsSeal(clients.kms, localKeys.seal.arn), ...kmsUnseal(clients.kms, localKeys.seal.arn) };
  const smsClient = snsClient('');
  const sender = snsSender(
    (_, cause) => noted.push(`sns ${cause instanceof Error ? cause.name : ''}`),
    () => smsClient,
  );
  const watch = {
    dependencyFailed: (step: string) => noted.push(step),
    compensationFailed: (step: string) => noted.push(`compensation ${step}`),
  };
  const { tables } = dynamo;
  const shared = { now, draw: drawSecurely, randomId, codes, seals, sender, watch };
  const flows = () => {
    const pseudonyms = kmsPseudonyms(clients.kms, localKeys.pseudonym.arn);
    const ledger = dynamoRequestLedger(clients.dynamo, tables, randomId);
    return requestVerification({ ...shared, ledger, pseudonyms }, policy);
  };
  const check = checkVerification(
    {
      ...shared,
      ledger: dynamoCheckLedger(clients.dynamo, tables.verifications),
      signer: kmsSigner(clients.kms, localKeys.proof.arn, 'ES256'),
      issuer: 'https://otp.example.com',
    },
    policy,
  );
  const resend = resendVerification(
    { ...shared, ledger: dynamoResendLedger(clients.dynamo, tables, randomId) },
    policy,
  );
  const find = findVerification({ now, ledger: dynamoFinder(clients.dynamo, tables.verifications) });
  const cancel = cancelVerification({ now, ledger: dynamoCancelLedger(clients.dynamo, tables.verifications) });
  return {
    state,
    noted,
    sns,
    dynamo,
    faults: { tables: tablesProxy, keys: keysProxy },
    proofKey: kmsProofKey(clients.kms, localKeys.proof.arn),
    /** A fresh container each time, so that the pseudonyms' secret is asked for again. */
    request: (request: Partial<SendRequest> = {}) =>
      flows()({ phone: phone(), purpose: 'login', application: 'app', ip: freshIp(), ...request }),
    check: (id: string, code: string, idempotencyKey?: string) =>
      check({ id, code: secret(code), application: 'app', idempotencyKey }),
    resend: (request: Partial<ResendRequest> & { readonly id: string }) => resend({ application: 'app', ...request }),
    find: (id: string) => find({ id, application: 'app' }),
    cancel: (id: string) => cancel({ id, application: 'app' }),
    /** Makes the next messages wait less for the answer of SNS. */
    hurrySns: (requestTimeout: number) => hurry(smsClient, requestTimeout),
    messages: (to: string) => sns.messages(to),
    lastCode: (to: string) => /\b\d{6}\b/.exec(sns.messages(to)[0]?.text ?? '')?.[0] ?? '',
    stop: async () => {
      clients.dynamo.destroy();
      clients.kms.destroy();
      distrust();
      for (const part of [...Object.values(fronts), tablesProxy, keysProxy, sns, kms, dynamo]) await part.stop();
    },
  };
};

export type Stage = Awaited<ReturnType<typeof openStage>>;

const hurry = ({ config: { requestHandler } }: SNSClient, requestTimeout: number): void => {
  if (!('updateHttpClientConfig' in requestHandler) || typeof requestHandler.updateHttpClientConfig !== 'function')
    throw new Error('The SDK has another way to set its time-outs.');
  requestHandler.updateHttpClientConfig('requestTimeout', requestTimeout);
};

let ips = 0;
const freshIp = (): string => {
  ips += 1;
  return `10.0.${Math.floor(ips / 250)}.${ips % 250}`;
};

let numbers = 0;
/** A mobile number that no other test has used. */
export const freshNumber = (): string => {
  numbers += 1;
  return `+9198765${String(10_000 + numbers).padStart(5, '0')}`;
};
