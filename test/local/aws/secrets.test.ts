import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { secretReader } from '../../../lambdas/aws/secrets.ts';
import { Unavailable } from '../../../lambdas/otp/ports.ts';
import { type SecretsFault, type SecretsManager, startSecretsManager } from '../../../local/aws/secrets.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:otp/webhook-a1B2c3';

let service: SecretsManager;
let client: SecretsManagerClient;
let nowMs: number;
beforeEach(async () => {
  service = await startSecretsManager();
  client = clientOf(service.url);
  nowMs = 1_800_000_000_000;
});
afterEach(async () => {
  client.destroy();
  await service.stop();
});

const clientOf = (endpoint: string, more: object = {}) =>
  new SecretsManagerClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    requestHandler: { requestTimeout: 500, throwOnRequestTimeout: true },
    ...more,
  });
const reader = () => secretReader(client, () => nowMs);
const ask = (input: object) => client.send(new GetSecretValueCommand({ SecretId: arn, ...input }));

describe('Secrets Manager', () => {
  test('a secret has a current and a previous version', async () => {
    service.put(arn, 'one');
    await expect(ask({ VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    service.put(arn, 'two');
    expect(await ask({})).toMatchObject({ ARN: arn, Name: 'otp/webhook', SecretString: 'two' });
    expect(await ask({ VersionStage: 'AWSPREVIOUS' })).toMatchObject({ SecretString: 'one' });
  });

  test.each<readonly [string, object, string]>([
    ['a secret that is not there', {}, 'ResourceNotFoundException'],
    ['a name in place of the ARN', { SecretId: 'otp/webhook' }, 'ValidationException'],
    ['the beginning of an ARN', { SecretId: arn.slice(0, -7) }, 'ValidationException'],
    ['an unknown stage', { VersionStage: 'AWSPENDING' }, 'ResourceNotFoundException'],
    ['a field that is not used here', { VersionId: 'x'.repeat(32) }, 'ValidationException'],
  ])('%s is refused with its error', async (_, input, name) => {
    await expect(ask(input)).rejects.toMatchObject({ name });
  });

  test('a call that is signed for another service is refused', async () => {
    const other = clientOf(service.url, { signingName: 'kms' });
    await expect(other.send(new GetSecretValueCommand({ SecretId: arn }))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    other.destroy();
  });
});

const faults: readonly SecretsFault[] = [
  'throttle',
  'internal-error',
  'access-denied',
  'decryption-failure',
  'reset',
  'timeout',
];

describe('the reader of secrets', () => {
  test('a secret is read once in five minutes, by however many calls', async () => {
    service.put(arn, 'one');
    const secrets = reader();
    expect(await Promise.all([secrets.read(arn), secrets.read(arn), secrets.read(arn)])).toEqual(['one', 'one', 'one']);
    service.put(arn, 'two');
    nowMs += 5 * 60_000;
    expect(await secrets.read(arn)).toBe('one');
    nowMs += 1;
    expect(await secrets.read(arn)).toBe('two');
    expect(service.reads).toHaveLength(2);
  });

  test.each(faults)('after %s a value of the last hour is used, and no older one', async (fault) => {
    service.put(arn, 'one');
    const secrets = reader();
    await secrets.read(arn);
    nowMs += 3_600_000;
    service.fail(fault);
    expect(await secrets.read(arn)).toBe('one');
    nowMs += 1;
    service.fail(fault);
    await expect(secrets.read(arn)).rejects.toBeInstanceOf(Unavailable);
    expect(await secrets.read(arn)).toBe('one');
  });

  test('a failure is not kept, and names no secret', async () => {
    const secrets = reader();
    const failure = await secrets.read(arn).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Unavailable);
    expect(String(failure)).not.toContain('webhook');
    service.put(arn, 'one');
    expect(await secrets.read(arn)).toBe('one');
  });
});
