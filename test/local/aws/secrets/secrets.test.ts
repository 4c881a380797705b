import {
  GetSecretValueCommand,
  type GetSecretValueCommandInput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretReader } from '../../../../lambdas/aws/secrets.ts';
import { Unavailable } from '../../../../lambdas/otp/ports.ts';
import { type Secrets, type SecretsFault, startSecrets } from '../../../../local/aws/secrets/secrets.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/shop-AbCdEf';
const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
const startMs = Date.UTC(2026, 10, 30);
const minutes = (count: number) => count * 60_000;

let nowMs = startMs;
let secrets: Secrets;
let client: SecretsManagerClient;
beforeEach(async () => {
  nowMs = startMs;
  secrets = await startSecrets({ secrets: { [arn]: 'one' }, now: () => nowMs });
  client = new SecretsManagerClient({ endpoint: secrets.url, region: 'us-east-1', credentials, maxAttempts: 1 });
});
afterEach(async () => {
  client.destroy();
  await secrets.stop();
});
const get = (input: Partial<GetSecretValueCommandInput>) =>
  client.send(new GetSecretValueCommand({ SecretId: arn, ...input }));

describe('the stand-in', () => {
  test('a secret is read as it is now, with its name and its version', async () => {
    const first = await get({});
    expect(first).toMatchObject({ ARN: arn, Name: 'otp/shop', SecretString: 'one', VersionStages: ['AWSCURRENT'] });
    expect(first.CreatedDate).toEqual(new Date(startMs));
    secrets.put(arn, 'two');
    const second = await get({});
    expect(second.SecretString).toBe('two');
    expect(second.VersionId).not.toBe(first.VersionId);
    expect(secrets.reads()).toEqual([arn, arn]);
  });

  test.each<readonly [string, Partial<GetSecretValueCommandInput>, string]>([
    ['a secret that is not there', { SecretId: arn.replace('shop', 'bank') }, 'ResourceNotFoundException'],
    ['a part of an ARN', { SecretId: arn.slice(0, -7) }, 'InvalidParameterException'],
    ['a name', { SecretId: 'otp/shop' }, 'InvalidParameterException'],
    ['no name', { SecretId: '' }, 'InvalidParameterException'],
    ['a stage, which no function asks for', { VersionStage: 'AWSPREVIOUS' }, 'InvalidParameterException'],
  ])('the stand-in refuses %s', async (_, input, name) => {
    await expect(get(input)).rejects.toMatchObject({ name });
    expect(secrets.reads()).toEqual([]);
  });

  test('the stand-in refuses a call without a signature, and one of another service', async () => {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' };
    const call = async (more: Record<string, string>) =>
      (
        await fetch(secrets.url, {
          method: 'POST',
          body: JSON.stringify({ SecretId: arn }),
          headers: { ...headers, ...more },
        })
      ).status;
    expect(await call({})).toBe(403);
    expect(await call({ authorization: 'AWS4-HMAC-SHA256 Credential=x/20261130/us-east-1/kms/aws4_request' })).toBe(
      403,
    );
  });

  test.each<readonly [SecretsFault, object]>([
    ['throttle', { name: 'ThrottlingException' }],
    ['internal-error', { name: 'InternalServiceError', $metadata: expect.objectContaining({ httpStatusCode: 500 }) }],
    ['denied', { name: 'AccessDeniedException' }],
    ['reset', { code: 'ECONNRESET' }],
  ])('the fault %s fails one call', async (fault, expected) => {
    secrets.fail(fault);
    await expect(get({})).rejects.toMatchObject(expected);
    expect((await get({})).SecretString).toBe('one');
  });
});

describe('a reader of secrets', () => {
  test('a secret is asked for once in five minutes, by however many at once', async () => {
    const { read } = secretReader(client, () => nowMs);
    expect(await Promise.all([read(arn), read(arn), read(arn)])).toEqual(['one', 'one', 'one']);
    secrets.put(arn, 'two');
    nowMs += minutes(5) - 1;
    expect(await read(arn)).toBe('one');
    nowMs += 1;
    expect(await read(arn)).toBe('two');
    expect(secrets.reads()).toHaveLength(2);
  });

  test('a secret is used for an hour while AWS does not answer, and no longer', async () => {
    const { read } = secretReader(client, () => nowMs);
    await read(arn);
    secrets.fail('internal-error', 2);
    nowMs += minutes(59);
    expect(await read(arn)).toBe('one');
    nowMs += minutes(1);
    await expect(read(arn)).rejects.toBeInstanceOf(Unavailable);
    expect(await read(arn)).toBe('one');
  });

  test('an AWS that does not answer is asked twice a minute, so that few readers wait for it', async () => {
    const { read } = secretReader(client, () => nowMs);
    await read(arn);
    secrets.put(arn, 'two');
    secrets.fail('internal-error', 2);
    nowMs += minutes(5);
    for (const _ of [1, 2, 3]) expect(await read(arn)).toBe('one');
    nowMs += minutes(0.5);
    expect(await read(arn)).toBe('one');
    nowMs += minutes(0.5);
    expect(await read(arn)).toBe('two');
  });

  test('a clock that is set back keeps no old secret in use', async () => {
    const { read } = secretReader(client, () => nowMs);
    nowMs += minutes(60);
    await read(arn);
    secrets.put(arn, 'two');
    nowMs -= minutes(60);
    expect(await read(arn)).toBe('two');
    expect(await read(arn)).toBe('two');
    expect(secrets.reads()).toHaveLength(2);
  });

  test('a failure is not kept, and names no secret', async () => {
    const { read } = secretReader(client, () => nowMs);
    secrets.fail('denied');
    await expect(read(arn)).rejects.toThrow(/^Secrets Manager GetSecretValue did not answer/);
    expect(await read(arn)).toBe('one');
  });
});
