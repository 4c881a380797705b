import {
  constants,
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  generateKeyPairSync,
  type KeyObject,
  privateEncrypt,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { listenOnLoopback, readBody } from '../http/loopback.ts';
import { createFaults } from './faults.ts';
import { answerJson } from './json.ts';
import { awsRefusal, refusalOf, requireSignature } from './refusal.ts';

export type KmsKeySpec = 'HMAC_256' | 'SYMMETRIC_DEFAULT' | 'ECC_NIST_P256' | 'RSA_2048';
export type KmsKeyUsage = 'GENERATE_VERIFY_MAC' | 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';
export type KmsKey = {
  /** `arn:aws:kms:<region>:<account>:key/<key id>` */
  readonly arn: string;
  readonly spec: KmsKeySpec;
  readonly usage: KmsKeyUsage;
  /** `alias/<name>` */
  readonly alias?: string;
};

/** The states of a key that staff can bring about: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
export const kmsKeyStates = ['Enabled', 'Disabled', 'PendingDeletion'] as const;
export type KmsKeyState = (typeof kmsKeyStates)[number];

/** One call as CloudTrail shows it: the operation, the key and the encryption context, without the data. */
export type KmsCall = {
  readonly operation: string;
  readonly keyArn: string | undefined;
  readonly encryptionContext: Readonly<Record<string, string>>;
  /** The error of the answer, by its AWS name. */
  readonly error: string | undefined;
};

/**
 * `timeout` takes the request and never answers; `reset` drops the connection. `pending-deletion` and `unavailable` are
 * states of the key: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export type KmsFault =
  | 'throttle'
  | 'internal-error'
  | 'access-denied'
  | 'disabled'
  | 'pending-deletion'
  | 'unavailable'
  | 'dependency-timeout'
  | 'timeout'
  | 'reset';

export type Kms = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** Every call so far, oldest first. */
  readonly calls: readonly KmsCall[];
  readonly fail: (mode: KmsFault, options?: { times?: number; operation?: string }) => void;
  readonly clearFaults: () => void;
  /** Enables a key, disables it, or lets it wait for its deletion. @returns whether there is such a key. */
  readonly setState: (arn: string, state: KmsKeyState) => boolean;
  /** Enables all keys. */
  readonly enableAll: () => void;
};

/**
 * A stand-in for AWS KMS, over its real wire protocol (AWS JSON 1.1, `X-Amz-Target: TrentService.<operation>`).
 *
 * It is as strict as KMS about key usage, encryption context and lengths. It also refuses fields that an operation does not
 * have, which KMS ignores: an encryption context of an HMAC key would bind nothing. Key material is random at each start and
 * lives in this process only.
 */
export const startKms = async ({ keys, port }: { keys: readonly KmsKey[]; port?: number }): Promise<Kms> => {
  const held = keys.map(withMaterial);
  const calls: KmsCall[] = [];
  const states = new Map<string, KmsKeyState>();
  const faults = createFaults<KmsFault, string>();
  const { server, url, stop } = await listenOnLoopback(port);
  server.on('request', (request, response) => {
    answer({ held, calls, states, strike: faults.strike }, request, response).catch(() => response.destroy());
  });
  return {
    url,
    stop,
    calls,
    fail: (mode, { times = 1, operation } = {}) =>
      faults.arm(mode, { times, matches: (called) => operation === undefined || called === operation }),
    clearFaults: faults.clear,
    setState: (arn, state) => {
      if (findKey(held, arn) === undefined) return false;
      states.set(arn, state);
      return true;
    },
    enableAll: () => states.clear(),
  };
};

type Material =
  | { readonly kind: 'secret'; readonly secret: Buffer }
  | { readonly kind: 'pair'; readonly scalar: bigint; readonly publicKey: Buffer }
  | { readonly kind: 'rsa'; readonly privateKey: KeyObject; readonly publicKey: Buffer };
type HeldKey = KmsKey & { readonly id: string; readonly material: Material };
/** The fields of a request. Each is checked where it is read. */
type Input = {
  readonly [field in
    | 'KeyId'
    | 'Message'
    | 'MessageType'
    | 'Mac'
    | 'MacAlgorithm'
    | 'Plaintext'
    | 'CiphertextBlob'
    | 'EncryptionAlgorithm'
    | 'EncryptionContext'
    | 'SigningAlgorithm']?: unknown;
};

const withMaterial = (key: KmsKey): HeldKey => {
  const id = key.arn.split(':key/')[1];
  if (id === undefined) throw new Error(`${key.arn} is no key ARN; write arn:aws:kms:<region>:<account>:key/<key id>.`);
  if (key.spec === 'RSA_2048') return { ...key, id, material: rsaPair() };
  if (key.spec !== 'ECC_NIST_P256') return { ...key, id, material: { kind: 'secret', secret: randomBytes(32) } };
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { d } = privateKey.export({ format: 'jwk' });
  return {
    ...key,
    id,
    material: {
      kind: 'pair',
      scalar: toInteger(Buffer.from(d ?? '', 'base64url')),
      publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    },
  };
};

const rsaPair = (): Material => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kind: 'rsa', privateKey, publicKey: publicKey.export({ type: 'spki', format: 'der' }) };
};

type Desk = {
  readonly held: readonly HeldKey[];
  readonly calls: KmsCall[];
  readonly states: ReadonlyMap<string, KmsKeyState>;
  readonly strike: (operation: string) => KmsFault | undefined;
};

// A local mode that runs for days must not grow without end.
const callLimit = 100_000;

const answer = async ({ held, calls, states, strike }: Desk, request: IncomingMessage, response: ServerResponse) => {
  const operation = String(request.headers['x-amz-target'] ?? '').replace(/^TrentService\./, '');
  const body = await readBody(request, 1024 * 1024);
  const fault = strike(operation);
  if (fault === 'reset') return void request.socket.resetAndDestroy();
  let input: Input = {};
  let error: string | undefined;
  try {
    requireSignature(request, 'kms');
    input = parseInput(request, body);
    refuseByFault(fault);
    const output = perform(operation, input, held, states);
    if (fault !== 'timeout') send(response, 200, output);
  } catch (thrown) {
    const refusal = refusalOf(thrown) ?? { code: 'KMSInternalException', message: String(thrown), status: 500 };
    error = refusal.code;
    send(response, refusal.status, { __type: refusal.code, message: refusal.message });
  } finally {
    if (calls.length === callLimit) calls.shift();
    calls.push({ operation, keyArn: findKey(held, input.KeyId)?.arn, encryptionContext: contextOf(input), error });
  }
};

const send = answerJson('1.1');

const parseInput = (request: IncomingMessage, body: Buffer | undefined): Input => {
  if (request.headers['content-type'] !== 'application/x-amz-json-1.1')
    throw awsRefusal('UnknownOperationException', 'The content type must be application/x-amz-json-1.1.');
  let parsed: unknown;
  try {
    parsed = JSON.parse(body?.toString('utf8') ?? '');
  } catch {
    throw awsRefusal('SerializationException', 'The body is not JSON.');
  }
  if (!isRecord(parsed)) throw awsRefusal('SerializationException', 'The body is not a JSON object.');
  return parsed;
};

const refuseByFault = (fault: KmsFault | undefined) => {
  if (fault === 'throttle') throw awsRefusal('ThrottlingException', 'Rate exceeded');
  if (fault === 'internal-error') throw awsRefusal('KMSInternalException', 'An internal error occurred.', 500);
  if (fault === 'access-denied') throw awsRefusal('AccessDeniedException', 'User is not authorized to do this.');
  if (fault === 'disabled') throw awsRefusal('DisabledException', 'The key is disabled.');
  if (fault === 'pending-deletion') throw awsRefusal('KMSInvalidStateException', 'The key is pending deletion.');
  if (fault === 'unavailable') throw awsRefusal('KeyUnavailableException', 'The key is not available now.', 500);
  if (fault === 'dependency-timeout') throw awsRefusal('DependencyTimeoutException', 'Try again.', 500);
};

const perform = (
  operation: string,
  input: Input,
  held: readonly HeldKey[],
  states: ReadonlyMap<string, KmsKeyState>,
): object => {
  const perform = operations[operation];
  if (perform === undefined && operation !== 'DescribeKey')
    throw awsRefusal('UnknownOperationException', `${operation} is not among the operations of this stand-in.`);
  const strange = Object.keys(input).filter((name) => !fieldsOf[operation]?.includes(name));
  if (strange.length > 0)
    throw awsRefusal('ValidationException', `${operation} has no use for ${strange.join(', ')} here.`);
  if (perform === undefined) return describe(input, held, states);
  refuseByState(findKey(held, input.KeyId ?? keyOfBlob(input, held)), states);
  return perform(input, held);
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html. It answers in each state. */
const describe = (input: Input, held: readonly HeldKey[], states: ReadonlyMap<string, KmsKeyState>): object => {
  const { arn, id, spec, usage } = namedKey(input, held);
  const KeyState = states.get(arn) ?? 'Enabled';
  return {
    KeyMetadata: {
      Arn: arn,
      KeyId: id,
      KeySpec: spec,
      KeyUsage: usage,
      KeyState,
      Enabled: KeyState === 'Enabled',
      KeyManager: 'CUSTOMER',
    },
  };
};

/** `Decrypt` need not name the key: the blob does. */
const keyOfBlob = ({ CiphertextBlob: blob }: Input, held: readonly HeldKey[]): string | undefined => {
  if (typeof blob !== 'string') return undefined;
  const name = Buffer.from(blob, 'base64').subarray(0, nameLength);
  return held.find((key) => keyName(key).equals(name))?.arn;
};

const refuseByState = (key: HeldKey | undefined, states: ReadonlyMap<string, KmsKeyState>): void => {
  const state = key === undefined ? undefined : states.get(key.arn);
  if (state === 'Disabled') throw awsRefusal('DisabledException', `${key?.arn} is disabled.`);
  if (state === 'PendingDeletion') throw awsRefusal('KMSInvalidStateException', `${key?.arn} is pending deletion.`);
};

/** The fields of each operation that this stand-in plays. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  GenerateMac: ['KeyId', 'Message', 'MacAlgorithm'],
  VerifyMac: ['KeyId', 'Message', 'Mac', 'MacAlgorithm'],
  Encrypt: ['KeyId', 'Plaintext', 'EncryptionContext', 'EncryptionAlgorithm'],
  Decrypt: ['KeyId', 'CiphertextBlob', 'EncryptionContext', 'EncryptionAlgorithm'],
  Sign: ['KeyId', 'Message', 'MessageType', 'SigningAlgorithm'],
  GetPublicKey: ['KeyId'],
  DescribeKey: ['KeyId'],
};

const operations: Readonly<Record<string, (input: Input, held: readonly HeldKey[]) => object>> = {
  GenerateMac: (input, held) => {
    const message = bytes(input, 'Message', 1, 4096);
    const { arn, mac } = macOf(input, held, message);
    return { KeyId: arn, Mac: mac.toString('base64'), MacAlgorithm: 'HMAC_SHA_256' };
  },

  VerifyMac: (input, held) => {
    const message = bytes(input, 'Message', 1, 4096);
    const claimed = bytes(input, 'Mac', 1, 6144);
    const { arn, mac } = macOf(input, held, message);
    if (claimed.length !== mac.length || !timingSafeEqual(claimed, mac))
      throw awsRefusal('KMSInvalidMacException', 'The HMAC could not be verified.');
    return { KeyId: arn, MacValid: true, MacAlgorithm: 'HMAC_SHA_256' };
  },

  Encrypt: (input, held) => {
    const plaintext = bytes(input, 'Plaintext', 1, 4096);
    const key = keyFor(input, held, 'ENCRYPT_DECRYPT');
    requireSymmetric(input);
    const sealed = seal(key, plaintext, canonicalContext(input));
    return { KeyId: key.arn, CiphertextBlob: sealed.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  },

  Decrypt: (input, held) => {
    const sealed = bytes(input, 'CiphertextBlob', 1, 6144);
    const asked = input.KeyId === undefined ? undefined : keyFor(input, held, 'ENCRYPT_DECRYPT');
    requireSymmetric(input);
    const key = sealerOf(sealed, held);
    if (asked !== undefined && asked.arn !== key.arn)
      throw awsRefusal(
        'IncorrectKeyException',
        'The key ID in the request does not identify the key that sealed this.',
      );
    const plaintext = open(key, sealed, canonicalContext(input));
    return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  },

  Sign: (input, held) => {
    const message = bytes(input, 'Message', 1, 4096);
    const type = choice(input, 'MessageType', ['RAW', 'DIGEST', 'EXTERNAL_MU'], 'RAW');
    const algorithm = choice(input, 'SigningAlgorithm', signingAlgorithms);
    const key = keyFor(input, held, 'SIGN_VERIFY');
    if (!signingAlgorithmsOf(key).includes(algorithm))
      throw wrongUsage(`Algorithm ${algorithm} does not fit the key ${key.arn}.`);
    if (type === 'EXTERNAL_MU') throw awsRefusal('ValidationException', 'EXTERNAL_MU is for ML-DSA keys only.');
    const hash = hashOf(algorithm);
    if (type === 'DIGEST' && message.length !== hash.bytes)
      throw awsRefusal('ValidationException', `Digest is invalid length for algorithm ${algorithm}.`);
    const digest = type === 'DIGEST' ? message : createHash(hash.name).update(message).digest();
    return {
      KeyId: key.arn,
      Signature: signWith(key, algorithm, digest).toString('base64'),
      SigningAlgorithm: algorithm,
    };
  },

  GetPublicKey: (input, held) => {
    const key = namedKey(input, held);
    if (key.material.kind === 'secret')
      throw awsRefusal(
        'UnsupportedOperationException',
        `GetPublicKey works on asymmetric keys only; ${key.arn} is symmetric.`,
      );
    return {
      KeyId: key.arn,
      PublicKey: key.material.publicKey.toString('base64'),
      KeySpec: key.spec,
      CustomerMasterKeySpec: key.spec,
      KeyUsage: key.usage,
      SigningAlgorithms: signingAlgorithmsOf(key),
    };
  },
};

const macAlgorithms = ['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'] as const;
const encryptionAlgorithms = ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256', 'SM2PKE'] as const;
const signingAlgorithms = [
  'ECDSA_SHA_256',
  'ECDSA_SHA_384',
  'ECDSA_SHA_512',
  'ED25519_SHA_512',
  'ED25519_PH_SHA_512',
  'ML_DSA_SHAKE_256',
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
  'SM2DSA',
] as const;

type SigningAlgorithm = (typeof signingAlgorithms)[number];

/** https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html */
const signingAlgorithmsOf = ({ spec }: HeldKey): readonly SigningAlgorithm[] =>
  spec === 'RSA_2048' ? signingAlgorithms.filter((name) => name.startsWith('RSASSA_')) : ['ECDSA_SHA_256'];

/** The hash of an algorithm, by the end of its name. */
const hashOf = (algorithm: SigningAlgorithm) => {
  const bits = Number(algorithm.slice(-3));
  return { name: `sha${bits}`, bytes: bits / 8 };
};

const signWith = (key: HeldKey, algorithm: SigningAlgorithm, digest: Buffer): Buffer => {
  if (key.material.kind !== 'rsa') return signDigest(pairOf(key).scalar, digest);
  const info = digestInfos[algorithm];
  if (info === undefined) throw awsRefusal('UnsupportedOperationException', `This stand-in has no ${algorithm}.`);
  const padded = { key: key.material.privateKey, padding: constants.RSA_PKCS1_PADDING };
  return privateEncrypt(padded, Buffer.concat([Buffer.from(info, 'hex'), digest]));
};

/** The bytes before a digest (RFC 8017, section 9.2, note 1). OpenSSL pads the two and makes the signature. */
const digestInfos: Readonly<Partial<Record<SigningAlgorithm, string>>> = {
  RSASSA_PKCS1_V1_5_SHA_256: '3031300d060960864801650304020105000420',
  RSASSA_PKCS1_V1_5_SHA_384: '3041300d060960864801650304020205000430',
  RSASSA_PKCS1_V1_5_SHA_512: '3051300d060960864801650304020305000440',
};

const macOf = (input: Input, held: readonly HeldKey[], message: Buffer) => {
  const algorithm = choice(input, 'MacAlgorithm', macAlgorithms);
  const key = keyFor(input, held, 'GENERATE_VERIFY_MAC');
  if (algorithm !== 'HMAC_SHA_256') throw wrongUsage(`Algorithm ${algorithm} does not fit the key ${key.arn}.`);
  return { arn: key.arn, mac: createHmac('sha256', secretOf(key)).update(message).digest() };
};

const requireSymmetric = (input: Input) => {
  const algorithm = choice(input, 'EncryptionAlgorithm', encryptionAlgorithms, 'SYMMETRIC_DEFAULT');
  if (algorithm !== 'SYMMETRIC_DEFAULT') throw wrongUsage(`Algorithm ${algorithm} does not fit a symmetric key.`);
};

const findKey = (held: readonly HeldKey[], name: unknown): HeldKey | undefined =>
  held.find(({ arn, id, alias }) => {
    if (name === arn || name === id) return true;
    return alias !== undefined && (name === alias || name === arn.replace(`key/${id}`, alias));
  });

const namedKey = (input: Input, held: readonly HeldKey[]): HeldKey => {
  const name = input.KeyId;
  if (typeof name !== 'string' || name.length === 0 || name.length > 2048)
    throw awsRefusal(
      'ValidationException',
      "1 validation error detected: Value at 'keyId' failed to satisfy constraint.",
    );
  const key = findKey(held, name);
  if (key === undefined) throw awsRefusal('NotFoundException', `Key '${name}' does not exist`);
  return key;
};

const keyFor = (input: Input, held: readonly HeldKey[], usage: KmsKeyUsage): HeldKey => {
  const key = namedKey(input, held);
  if (key.usage !== usage)
    throw wrongUsage(`${key.arn} key usage is ${key.usage} which is not valid for this operation.`);
  return key;
};

const wrongUsage = (message: string) => awsRefusal('InvalidKeyUsageException', message);

const secretOf = ({ arn, material }: HeldKey): Buffer => {
  if (material.kind !== 'secret') throw new Error(`${arn} was set up with a usage that does not fit its spec.`);
  return material.secret;
};

const pairOf = ({ arn, material }: HeldKey) => {
  if (material.kind !== 'pair') throw new Error(`${arn} was set up with a usage that does not fit its spec.`);
  return material;
};

// A sealed blob is: the SHA-256 of the key's ARN (so that Decrypt without a key id finds it), the nonce, the tag, and
// the ciphertext. KMS's own format is not public; callers may not look inside either.
const nameLength = 32;
const nonceLength = 12;
const tagLength = 16;

const keyName = ({ arn }: HeldKey) => createHash('sha256').update(arn).digest();

const seal = (key: HeldKey, plaintext: Buffer, context: Buffer): Buffer => {
  const nonce = randomBytes(nonceLength);
  const cipher = createCipheriv('aes-256-gcm', secretOf(key), nonce).setAAD(context);
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([keyName(key), nonce, cipher.getAuthTag(), ciphertext]);
};

const sealerOf = (sealed: Buffer, held: readonly HeldKey[]): HeldKey => {
  const name = sealed.subarray(0, nameLength);
  const key = held.find((candidate) => candidate.usage === 'ENCRYPT_DECRYPT' && keyName(candidate).equals(name));
  if (key === undefined) throw invalidCiphertext();
  return key;
};

const open = (key: HeldKey, sealed: Buffer, context: Buffer): Buffer => {
  const nonce = sealed.subarray(nameLength, nameLength + nonceLength);
  const tag = sealed.subarray(nameLength + nonceLength, nameLength + nonceLength + tagLength);
  if (tag.length !== tagLength) throw invalidCiphertext();
  const decipher = createDecipheriv('aes-256-gcm', secretOf(key), nonce).setAAD(context).setAuthTag(tag);
  try {
    const plaintext = decipher.update(sealed.subarray(nameLength + nonceLength + tagLength));
    return Buffer.concat([plaintext, decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
};

// KMS says no more either: it hides from the caller which of key, context or bytes was wrong.
const invalidCiphertext = () => awsRefusal('InvalidCiphertextException', '');

/** The context as bytes in one spelling: sorted by name, each part after its length. */
const canonicalContext = (input: Input): Buffer => {
  const context = input.EncryptionContext;
  if (context !== undefined && !isRecord(context))
    throw awsRefusal('SerializationException', 'EncryptionContext must be a map of strings.');
  const parts = Object.entries(context ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, value]) => {
      if (typeof value !== 'string')
        throw awsRefusal('SerializationException', 'EncryptionContext must be a map of strings.');
      return [Buffer.from(name), Buffer.from(value)];
    });
  const canonical = Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
  if (canonical.length > 8192) throw awsRefusal('ValidationException', 'The encryption context is too long.');
  return canonical;
};

const contextOf = (input: Input): Record<string, string> => {
  const context = input.EncryptionContext;
  if (!isRecord(context)) return {};
  return Object.fromEntries(Object.entries(context).map(([name, value]) => [name, String(value)]));
};

/**
 * ECDSA over P-256 of a digest. KMS takes digests, and `node:crypto` only signs data that it hashes itself. OpenSSL does the
 * curve multiplication: an ECDH key pair is a nonce with its point. The rest is arithmetic (FIPS 186-5, section 6.4.1).
 */
const signDigest = (scalar: bigint, digest: Buffer): Buffer => {
  for (;;) {
    const nonce = createECDH('prime256v1');
    const point = nonce.generateKeys();
    const k = toInteger(nonce.getPrivateKey());
    const r = toInteger(point.subarray(1, 33)) % curveOrder;
    const s = (inverse(k) * (toInteger(digest) + r * scalar)) % curveOrder;
    if (r !== 0n && s !== 0n) return derSequence(derInteger(r), derInteger(s));
  }
};

const curveOrder = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const inverse = (value: bigint): bigint => {
  // Fermat: value^(n-2) mod n, because n is prime.
  let result = 1n;
  let base = value % curveOrder;
  for (let exponent = curveOrder - 2n; exponent > 0n; exponent >>= 1n) {
    if (exponent & 1n) result = (result * base) % curveOrder;
    base = (base * base) % curveOrder;
  }
  return result;
};

const toInteger = (value: Buffer): bigint => BigInt(`0x${value.toString('hex') || '0'}`);

const derInteger = (value: bigint): Buffer => {
  const hex = value.toString(16);
  const magnitude = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  // A leading bit of 1 would read as a negative number.
  const content = (magnitude[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), magnitude]) : magnitude;
  return Buffer.concat([Buffer.from([0x02, content.length]), content]);
};

const derSequence = (...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([0x30, content.length]), content]);
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const bytes = (input: Input, name: keyof Input, min: number, max: number): Buffer => {
  const value = input[name];
  if (value !== undefined && typeof value !== 'string')
    throw awsRefusal('SerializationException', `${name} must be base64.`);
  const decoded = Buffer.from(value ?? '', 'base64');
  if (decoded.toString('base64') !== (value ?? ''))
    throw awsRefusal('SerializationException', `${name} must be base64.`);
  const field = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  if (decoded.length < min || decoded.length > max)
    throw awsRefusal(
      'ValidationException',
      `1 validation error detected: Value at '${field}' failed to satisfy constraint: Member must have length between ${min} and ${max}`,
    );
  return decoded;
};

const choice = <Option extends string>(
  input: Input,
  name: keyof Input,
  options: readonly Option[],
  absent?: Option,
): Option => {
  const value = input[name] ?? absent;
  const chosen = options.find((option) => option === value);
  if (chosen === undefined)
    throw awsRefusal(
      'ValidationException',
      `1 validation error detected: Value at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${options.join(', ')}]`,
    );
  return chosen;
};
