import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetPublicKeyCommand,
  KMSClient,
  SignCommand,
  VerifyMacCommand,
} from '@aws-sdk/client-kms';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Kms, type KmsKey, startKms } from '../../../local/aws/kms.ts';

const arn = (digit: number) => `arn:aws:kms:us-east-1:000000000000:key/00000000-0000-4000-8000-00000000000${digit}`;
const mac: KmsKey = { arn: arn(1), spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC', alias: 'alias/otp-code' };
const otherMac: KmsKey = { arn: arn(2), spec: 'HMAC_256', usage: 'GENERATE_VERIFY_MAC' };
const seal: KmsKey = { arn: arn(3), spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' };
const otherSeal: KmsKey = { arn: arn(4), spec: 'SYMMETRIC_DEFAULT', usage: 'ENCRYPT_DECRYPT' };
const proof: KmsKey = { arn: arn(5), spec: 'ECC_NIST_P256', usage: 'SIGN_VERIFY' };
const rsa: KmsKey = { arn: arn(6), spec: 'RSA_2048', usage: 'SIGN_VERIFY' };

const clientOf = (url: string) =>
  new KMSClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });

let kms: Kms;
let client: KMSClient;
beforeAll(async () => {
  kms = await startKms({ keys: [mac, otherMac, seal, otherSeal, proof, rsa] });
  client = clientOf(kms.url);
});
afterAll(async () => {
  client.destroy();
  await kms.stop();
});

const message = Buffer.from('a message');
const generate = (KeyId: string, Message: Uint8Array = message) =>
  client.send(new GenerateMacCommand({ KeyId, Message, MacAlgorithm: 'HMAC_SHA_256' }));
const encrypt = (Plaintext: Uint8Array, EncryptionContext?: Record<string, string>, KeyId = seal.arn) =>
  client.send(new EncryptCommand({ KeyId, Plaintext, ...(EncryptionContext && { EncryptionContext }) }));
const decrypt = (blob: Uint8Array | undefined, EncryptionContext?: Record<string, string>, KeyId?: string) =>
  client.send(
    new DecryptCommand({
      CiphertextBlob: blob,
      ...(EncryptionContext && { EncryptionContext }),
      ...(KeyId !== undefined && { KeyId }),
    }),
  );
const refusal = (name: string) => expect.objectContaining({ name });
/** A request as it is, past the checks of the SDK. */
const post = async (operation: string, input: object): Promise<unknown> => {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `TrentService.${operation}`,
    authorization: 'AWS4-HMAC-SHA256 Credential=a/b/c/kms/aws4_request',
  };
  return (await fetch(kms.url, { method: 'POST', headers, body: JSON.stringify(input) })).json();
};

describe('message authentication', () => {
  test('the same key and message give the same MAC, by ARN, key id, alias and alias ARN', async () => {
    const names = [
      mac.arn,
      mac.arn.split('/')[1],
      'alias/otp-code',
      'arn:aws:kms:us-east-1:000000000000:alias/otp-code',
    ];
    const macs = await Promise.all(names.map((name) => generate(String(name))));
    expect(new Set(macs.map(({ Mac }) => Buffer.from(Mac ?? []).toString('hex'))).size).toBe(1);
    expect(macs.every(({ KeyId }) => KeyId === mac.arn)).toBe(true);
    expect(macs[0]?.Mac).toHaveLength(32);
  });

  test('another key, or another start, gives another MAC', async () => {
    const again = await startKms({ keys: [mac] });
    const againClient = clientOf(again.url);
    const answers = [
      await generate(mac.arn),
      await generate(otherMac.arn),
      await againClient.send(
        new GenerateMacCommand({ KeyId: mac.arn, Message: message, MacAlgorithm: 'HMAC_SHA_256' }),
      ),
    ];
    expect(new Set(answers.map(({ Mac }) => Buffer.from(Mac ?? []).toString('hex'))).size).toBe(3);
    againClient.destroy();
    await again.stop();
  });

  test('VerifyMac knows a true MAC from any other', async () => {
    const { Mac } = await generate(mac.arn);
    const check = (claimed: Uint8Array | undefined, KeyId = mac.arn) =>
      client.send(new VerifyMacCommand({ KeyId, Message: message, Mac: claimed, MacAlgorithm: 'HMAC_SHA_256' }));
    expect((await check(Mac)).MacValid).toBe(true);
    await expect(check(randomBytes(32))).rejects.toEqual(refusal('KMSInvalidMacException'));
    await expect(check(randomBytes(5))).rejects.toEqual(refusal('KMSInvalidMacException'));
    await expect(check(Mac, otherMac.arn)).rejects.toEqual(refusal('KMSInvalidMacException'));
  });

  test('a message has 1 to 4096 bytes', async () => {
    await expect(generate(mac.arn, new Uint8Array(0))).rejects.toEqual(refusal('ValidationException'));
    await expect(generate(mac.arn, new Uint8Array(4097))).rejects.toEqual(refusal('ValidationException'));
    await expect(generate(mac.arn, new Uint8Array(4096))).resolves.toBeDefined();
  });

  test('an algorithm of another key size is refused', async () => {
    const command = new GenerateMacCommand({ KeyId: mac.arn, Message: message, MacAlgorithm: 'HMAC_SHA_512' });
    await expect(client.send(command)).rejects.toEqual(refusal('InvalidKeyUsageException'));
  });
});

describe('sealing', () => {
  const context = { purpose: 'sms-otp', verification: 'abc' };

  test('a sealed text opens under the same context, whatever the order of its entries', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.dictionary(fc.string({ minLength: 1 }), fc.string()),
        async (plaintext, anyContext) => {
          const { CiphertextBlob } = await encrypt(plaintext, anyContext);
          const reversed = Object.fromEntries(Object.entries(anyContext).reverse());
          const { Plaintext, KeyId } = await decrypt(CiphertextBlob, reversed);
          expect(Buffer.from(Plaintext ?? [])).toEqual(Buffer.from(plaintext));
          expect(KeyId).toBe(seal.arn);
        },
      ),
      { numRuns: 30 },
    );
  });

  test('sealing twice gives two ciphertexts', async () => {
    const [one, two] = await Promise.all([encrypt(message, context), encrypt(message, context)]);
    expect(one.CiphertextBlob).not.toEqual(two.CiphertextBlob);
  });

  test.each([
    ['no context', undefined],
    ['another value', { purpose: 'sms-otp', verification: 'abd' }],
    ['an entry more', { purpose: 'sms-otp', verification: 'abc', more: '' }],
    ['an entry less', { purpose: 'sms-otp' }],
    ['the same letters split elsewhere', { purpose: 'sms-otpverification', '': 'abc' }],
  ])('%s does not open it', async (_, wrong) => {
    const { CiphertextBlob } = await encrypt(message, context);
    await expect(decrypt(CiphertextBlob, wrong)).rejects.toEqual(refusal('InvalidCiphertextException'));
  });

  test('a changed, cut or foreign ciphertext does not open', async () => {
    const { CiphertextBlob = new Uint8Array() } = await encrypt(message, context);
    for (const position of [0, 40, 50, CiphertextBlob.length - 1]) {
      const changed = Uint8Array.from(CiphertextBlob, (byte, index) => (index === position ? byte ^ 1 : byte));
      await expect(decrypt(changed, context)).rejects.toEqual(refusal('InvalidCiphertextException'));
    }
    for (const length of [1, 31, 32, 45, 59, CiphertextBlob.length - 1])
      await expect(decrypt(CiphertextBlob.slice(0, length), context)).rejects.toEqual(
        refusal('InvalidCiphertextException'),
      );
  });

  test('naming another key than the one that sealed is refused', async () => {
    const { CiphertextBlob } = await encrypt(message, context);
    await expect(decrypt(CiphertextBlob, context, otherSeal.arn)).rejects.toEqual(refusal('IncorrectKeyException'));
    await expect(decrypt(CiphertextBlob, context, seal.arn)).resolves.toBeDefined();
  });

  test('a plaintext has 1 to 4096 bytes', async () => {
    await expect(encrypt(new Uint8Array(0))).rejects.toEqual(refusal('ValidationException'));
    await expect(encrypt(new Uint8Array(4097))).rejects.toEqual(refusal('ValidationException'));
    const { CiphertextBlob } = await encrypt(new Uint8Array(4096));
    await expect(decrypt(CiphertextBlob)).resolves.toBeDefined();
  });
});

describe('signing', () => {
  const sign = (Message: Uint8Array, MessageType: 'RAW' | 'DIGEST', KeyId = proof.arn) =>
    client.send(new SignCommand({ KeyId, Message, MessageType, SigningAlgorithm: 'ECDSA_SHA_256' }));
  const publicKey = async () => {
    const { PublicKey, KeySpec, SigningAlgorithms } = await client.send(new GetPublicKeyCommand({ KeyId: proof.arn }));
    expect({ KeySpec, SigningAlgorithms }).toEqual({ KeySpec: 'ECC_NIST_P256', SigningAlgorithms: ['ECDSA_SHA_256'] });
    return createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  };

  test('a signature of a message or of its digest is good under the public key', async () => {
    const key = await publicKey();
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.boolean(), async (text, asDigest) => {
        const digest = createHash('sha256').update(text).digest();
        const { Signature } = await (asDigest ? sign(digest, 'DIGEST') : sign(text, 'RAW'));
        expect(verify('sha256', text, key, Buffer.from(Signature ?? []))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('a digest has 32 bytes, a message up to 4096', async () => {
    await expect(sign(randomBytes(31), 'DIGEST')).rejects.toEqual(refusal('ValidationException'));
    await expect(sign(randomBytes(4097), 'RAW')).rejects.toEqual(refusal('ValidationException'));
    await expect(sign(randomBytes(4096), 'RAW')).resolves.toBeDefined();
  });

  test('an algorithm of another curve is refused', async () => {
    const command = new SignCommand({ KeyId: proof.arn, Message: message, SigningAlgorithm: 'ECDSA_SHA_384' });
    await expect(client.send(command)).rejects.toEqual(refusal('InvalidKeyUsageException'));
  });

  describe('with an RSA key', () => {
    const signRsa = (Message: Uint8Array, bits: 256 | 384 | 512, MessageType: 'RAW' | 'DIGEST' = 'RAW') =>
      client.send(
        new SignCommand({ KeyId: rsa.arn, Message, MessageType, SigningAlgorithm: `RSASSA_PKCS1_V1_5_SHA_${bits}` }),
      );

    test('a signature of a message or of its digest is the one of RFC 8017, for each hash', async () => {
      const { PublicKey, KeySpec, KeyUsage, SigningAlgorithms } = await client.send(
        new GetPublicKeyCommand({ KeyId: rsa.arn }),
      );
      expect({ KeySpec, KeyUsage }).toEqual({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
      expect(SigningAlgorithms).toHaveLength(6);
      const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
      expect(key.asymmetricKeyDetails).toMatchObject({ modulusLength: 2048 });
      for (const bits of [256, 384, 512] as const) {
        const digest = createHash(`sha${bits}`).update(message).digest();
        const [raw, digested] = [await signRsa(message, bits), await signRsa(digest, bits, 'DIGEST')];
        expect(raw.SigningAlgorithm).toBe(`RSASSA_PKCS1_V1_5_SHA_${bits}`);
        expect(raw.Signature).toHaveLength(256);
        expect(digested.Signature).toEqual(raw.Signature);
        expect(verify(`sha${bits}`, message, key, Buffer.from(raw.Signature ?? []))).toBe(true);
        expect(verify(`sha${bits}`, Buffer.from('another'), key, Buffer.from(raw.Signature ?? []))).toBe(false);
      }
    });

    test.each([256, 384, 512] as const)('a digest of SHA-%i has its length', async (bits) => {
      const wrong = randomBytes(bits / 8 - 1);
      await expect(signRsa(wrong, bits, 'DIGEST')).rejects.toEqual(refusal('ValidationException'));
    });

    test.each([
      [rsa, 'ECDSA_SHA_256'],
      [proof, 'RSASSA_PKCS1_V1_5_SHA_256'],
      [proof, 'RSASSA_PSS_SHA_256'],
    ] as const)('the key %j does not sign with %s', async ({ arn: KeyId }, SigningAlgorithm) => {
      const command = new SignCommand({ KeyId, Message: message, SigningAlgorithm });
      await expect(client.send(command)).rejects.toEqual(refusal('InvalidKeyUsageException'));
    });

    test('it makes no MAC and encrypts nothing, because its usage is to sign', async () => {
      await expect(generate(rsa.arn)).rejects.toEqual(refusal('InvalidKeyUsageException'));
      await expect(encrypt(message, {}, rsa.arn)).rejects.toEqual(refusal('InvalidKeyUsageException'));
    });
  });

  test('a symmetric key has no public key', async () => {
    for (const KeyId of [seal.arn, mac.arn])
      await expect(client.send(new GetPublicKeyCommand({ KeyId }))).rejects.toEqual(
        refusal('UnsupportedOperationException'),
      );
  });
});

describe('keys', () => {
  test('a key does only what its usage allows', async () => {
    const wrong = refusal('InvalidKeyUsageException');
    for (const KeyId of [mac.arn, proof.arn]) await expect(encrypt(message, {}, KeyId)).rejects.toEqual(wrong);
    for (const KeyId of [seal.arn, proof.arn]) await expect(generate(KeyId)).rejects.toEqual(wrong);
    const { CiphertextBlob } = await encrypt(message);
    await expect(decrypt(CiphertextBlob, {}, mac.arn)).rejects.toEqual(wrong);
    const sign = new SignCommand({ KeyId: seal.arn, Message: message, SigningAlgorithm: 'ECDSA_SHA_256' });
    await expect(client.send(sign)).rejects.toEqual(wrong);
  });

  test.each(['alias/unknown', arn(9), 'nonsense'])('an unknown key (%s) is not found', async (KeyId) => {
    await expect(generate(KeyId)).rejects.toEqual(refusal('NotFoundException'));
  });

  test('the calls show operation, key, context and error, and nothing of the content', async () => {
    const before = kms.calls.length;
    const { CiphertextBlob } = await encrypt(Buffer.from('+919876543210'), { verification: 'abc' });
    await decrypt(CiphertextBlob, { verification: 'xyz' }).catch(() => {});
    const calls = kms.calls.slice(before);
    expect(calls).toEqual([
      { operation: 'Encrypt', keyArn: seal.arn, encryptionContext: { verification: 'abc' }, error: undefined },
      {
        operation: 'Decrypt',
        keyArn: undefined,
        encryptionContext: { verification: 'xyz' },
        error: 'InvalidCiphertextException',
      },
    ]);
  });
});

describe('faults and the wire', () => {
  test.each([
    ['throttle', 'ThrottlingException'],
    ['internal-error', 'KMSInternalException'],
    ['access-denied', 'AccessDeniedException'],
    ['disabled', 'DisabledException'],
    ['pending-deletion', 'KMSInvalidStateException'],
    ['unavailable', 'KeyUnavailableException'],
    ['dependency-timeout', 'DependencyTimeoutException'],
  ] as const)('%s arrives as %s, as often as asked, for the operation asked', async (mode, name) => {
    kms.fail(mode, { times: 2, operation: 'GenerateMac' });
    await expect(encrypt(message)).resolves.toBeDefined();
    await expect(generate(mac.arn)).rejects.toEqual(refusal(name));
    await expect(generate(mac.arn)).rejects.toEqual(refusal(name));
    await expect(generate(mac.arn)).resolves.toBeDefined();
  });

  test('a call can be left without an answer, or cut off', async () => {
    kms.fail('timeout');
    const command = new GenerateMacCommand({ KeyId: mac.arn, Message: message, MacAlgorithm: 'HMAC_SHA_256' });
    await expect(client.send(command, { abortSignal: AbortSignal.timeout(100) })).rejects.toThrow();
    kms.fail('reset');
    await expect(generate(mac.arn)).rejects.toThrow(/ECONNRESET|socket hang up/);
  });

  test.each([
    ['GenerateMac', { KeyId: mac.arn, Message: 'bQ==', MacAlgorithm: 'HMAC_SHA_256', EncryptionContext: { a: 'b' } }],
    ['Encrypt', { KeyId: seal.arn, Plaintext: 'bQ==', Encryptioncontext: { a: 'b' } }],
    ['Encrypt', { KeyId: seal.arn, Plaintext: 'bQ==', DryRun: true }],
    ['GetPublicKey', { KeyId: proof.arn, Algorithm: 'ECDSA_SHA_256' }],
  ])('a field that %s does not have is refused, which KMS would ignore', async (operation, input) => {
    expect(await post(operation, input)).toMatchObject({ __type: 'ValidationException' });
  });

  test.each(['m', 'bQ', 'b Q==', 'bQ==\n', '!!!!'])(
    'a message that is no base64 is refused, as by KMS: %s',
    async (Message) => {
      const answer = await post('GenerateMac', { KeyId: mac.arn, Message, MacAlgorithm: 'HMAC_SHA_256' });
      expect(answer).toMatchObject({ __type: 'SerializationException' });
    },
  );

  test('an unsigned request, one signed for another service, and one that is no JSON are refused', async () => {
    const post = (headers: Record<string, string>, body = '{}') =>
      fetch(kms.url, { method: 'POST', headers: { 'x-amz-target': 'TrentService.GenerateMac', ...headers }, body });
    const type = { 'content-type': 'application/x-amz-json-1.1' };
    const signed = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=a/b/c/${service}/aws4_request`,
    });
    expect((await post(type)).status).toBe(403);
    expect((await post({ ...type, ...signed('sns') })).status).toBe(403);
    expect(await (await post({ ...type, ...signed('kms') }, '{')).json()).toMatchObject({
      __type: 'SerializationException',
    });
    expect(await (await post({ ...type, ...signed('kms') }, '{"KeyId":3}')).json()).toMatchObject({
      __type: 'ValidationException',
    });
  });
});

describe('the state of a key', () => {
  const describe = (KeyId: string) => client.send(new DescribeKeyCommand({ KeyId }));
  const makeMac = () =>
    client.send(new GenerateMacCommand({ KeyId: mac.arn, MacAlgorithm: 'HMAC_SHA_256', Message: Buffer.from('m') }));

  test.each([
    ['Disabled', 'DisabledException'],
    ['PendingDeletion', 'KMSInvalidStateException'],
  ] as const)('a key that is %s can be described, and not be used', async (state, error) => {
    expect((await describe(mac.arn)).KeyMetadata).toMatchObject({ KeyState: 'Enabled', Enabled: true });
    expect(kms.setState(mac.arn, state)).toBe(true);
    expect((await describe(mac.arn)).KeyMetadata).toMatchObject({ Arn: mac.arn, KeyState: state, Enabled: false });
    await expect(makeMac()).rejects.toMatchObject({ name: error });
    kms.enableAll();
    await expect(makeMac()).resolves.toBeDefined();
  });

  test('a sealed text is not opened while its key is disabled, though nobody names the key', async () => {
    const { CiphertextBlob } = await client.send(
      new EncryptCommand({ KeyId: seal.arn, Plaintext: Buffer.from('text') }),
    );
    kms.setState(seal.arn, 'Disabled');
    await expect(client.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
      name: 'DisabledException',
    });
    kms.enableAll();
    await expect(client.send(new DecryptCommand({ CiphertextBlob }))).resolves.toBeDefined();
  });

  test('another key has no state', async () => {
    await expect(describe(arn(9))).rejects.toMatchObject({ name: 'NotFoundException' });
    expect(kms.setState(arn(9), 'Disabled')).toBe(false);
  });
});
