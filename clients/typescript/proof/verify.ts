/** Verifies proofs in a back end, without a call to the service for each. */

import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { Transaction } from '../caller/outcomes.ts';
import { fold } from './fold.ts';
import { memoryReplay, type ReplayStore } from './replay.ts';

/** Claims of a good proof. Times are epoch seconds. Claims that a later version of the service adds stay. */
export type Claims = JWTPayload & {
  readonly iss: string;
  readonly aud: string;
  /** The pseudonym of the number: the same for the same number, for the life of the deployment. */
  readonly sub: string;
  readonly phone_number: string;
  /** False only if you accept a step-up: the code alone is not enough for the purpose. */
  readonly phone_number_verified?: boolean;
  /** Whether the operator of the number said how its SIM stands. Absent if the purpose does not mind. */
  readonly risk?: 'checked' | 'unknown';
  /** When the SIM was swapped, or the number ported. */
  readonly sim_swapped_at?: number;
  /** Or within how many hours before the request. */
  readonly sim_swapped_within?: number;
  readonly purpose: string;
  readonly transaction?: Transaction;
  /** The application that asked for the code. */
  readonly azp?: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
};

export type Expected = {
  /** `<endpoint>/.well-known/jwks.json`. The keys are fetched once and kept; a key that is not among them is fetched again. */
  readonly jwksUrl: string;
  /** The setting `audience` of the service. */
  readonly audience: string;
  /** The endpoint of the service; by default `jwksUrl` without `/.well-known/jwks.json`. */
  readonly issuer?: string | undefined;
  /** The purpose of the action that you are about to allow; `verify-number` by default, as in a request. */
  readonly purpose?: string | undefined;
  /** The payment that you are about to make. A proof for a payment is refused without it. */
  readonly transaction?: Transaction | undefined;
  /** The number that must have been verified, in E.164. Without it, take the number from the claims. */
  readonly phoneNumber?: string;
  /** The application that must have asked for the code. */
  readonly application?: string;
  /** Takes a proof that is not enough alone (`phone_number_verified: false`), because you ask for something else as well. */
  readonly acceptStepUp?: boolean | undefined;
  /** Seconds that the clocks may differ; 30 by default. */
  readonly leewaySeconds?: number | undefined;
  /** Remembers used proofs; by default in the memory of this process. `false` lets a proof be used again. */
  readonly replay?: ReplayStore | false | undefined;
  /** For tests: the time. */
  readonly now?: (() => Date) | undefined;
};

export type ProofErrorCode =
  | 'malformed'
  | 'bad-signature'
  | 'wrong-type'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'expired'
  | 'wrong-purpose'
  | 'wrong-number'
  | 'wrong-transaction'
  | 'wrong-application'
  | 'step-up-required'
  | 'used-before'
  /** The key set or the replay store did not answer: an outage, and no fault of the proof. */
  | 'cannot-tell';

/** A proof that is refused. Nothing of the proof is in its message. */
export class ProofError extends Error {
  override readonly name = 'ProofError';
  readonly code: ProofErrorCode;

  constructor(code: ProofErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.code = code;
  }
}

/** An expectation that is `undefined` by mistake would be none. So would an audience, for jose. */
const assertComplete = (expected: Expected): void => {
  for (const name of ['audience', 'phoneNumber', 'application'] as const) {
    const isText = typeof expected[name] === 'string' && expected[name] !== '';
    if (!isText && (name === 'audience' || name in expected))
      throw new TypeError(
        `${name} is no text. Name one, for example from your configuration, or leave out what is optional.`,
      );
  }
};

const suffix = '/.well-known/jwks.json';
const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
const keysAt = (jwksUrl: string) => {
  const keys = keySets.get(jwksUrl) ?? createRemoteJWKSet(new URL(jwksUrl));
  keySets.set(jwksUrl, keys);
  return keys;
};
const ownMemory = memoryReplay();

/** The algorithms that a service may sign with. Its key says which one it is for. */
const algorithms = ['ES256', 'RS256'];
/** RFC 7518, section 3.3. */
const minRsaBits = 2048;

/** When keys could not be read, in epoch milliseconds. Those that were read before stay. */
const failedAt = new WeakMap<ReturnType<typeof keysAt>, number>();
/** As long as jose waits after keys that it could read. */
const pauseMs = 30_000;

/** A key that is not known is looked for after a pause, also while the service is down: anybody can name one. */
const read = async (keys: ReturnType<typeof keysAt>, ...[header, token]: Parameters<JWTVerifyGetKey>) => {
  const known = keys.jwks()?.keys;
  const isSearch = known !== undefined && !known.some(({ kid }) => kid === header.kid);
  if (isSearch && Date.now() - (failedAt.get(keys) ?? 0) < pauseMs)
    throw new Error('The keys could not be read a moment ago.');
  try {
    return await keys(header, token);
  } catch (error) {
    if (!(error instanceof errors.JWKSNoMatchingKey)) failedAt.set(keys, Date.now());
    throw error;
  }
};

/** The key that a proof names, if the key set says that it is for the algorithm of the proof. */
const keyFor =
  (keys: ReturnType<typeof keysAt>): JWTVerifyGetKey =>
  async (header, token) => {
    if (typeof header.kid !== 'string') throw new errors.JWKSNoMatchingKey();
    const key = await read(keys, header, token);
    const isDeclared = keys.jwks()?.keys.some(({ kid, alg }) => kid === header.kid && alg === header.alg);
    const { modulusLength = minRsaBits } = key.algorithm as { readonly modulusLength?: number };
    if (!isDeclared || modulusLength < minRsaBits) throw new errors.JWKSNoMatchingKey();
    return key;
  };

const issuerOf = ({ issuer, jwksUrl }: Expected): string => {
  if (issuer !== undefined) return issuer;
  if (jwksUrl.endsWith(suffix)) return jwksUrl.slice(0, -suffix.length);
  throw new TypeError(`jwksUrl does not end in ${suffix}: say in issuer which service you trust.`);
};

const claimCodes: Readonly<Record<string, ProofErrorCode>> = {
  typ: 'wrong-type',
  iss: 'wrong-issuer',
  aud: 'wrong-audience',
};

/** The reason behind an error of jose. Such an error has the claims in it, so that it is no cause to hand on. */
const refusalOf = (error: unknown): ProofError => {
  if (error instanceof errors.JWTExpired) return new ProofError('expired', 'The proof has expired.');
  if (error instanceof errors.JWTClaimValidationFailed) {
    const code = claimCodes[error.claim] ?? 'malformed';
    return new ProofError(code, `The proof has another ${error.claim} than expected, or none.`);
  }
  const isOfKey =
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JOSEAlgNotAllowed;
  if (isOfKey) return new ProofError('bad-signature', 'The proof is not signed by the service.');
  const isMalformed = error instanceof errors.JWTInvalid || error instanceof errors.JWSInvalid;
  if (isMalformed || error instanceof errors.JOSENotSupported)
    return new ProofError('malformed', 'The text is no proof.');
  return new ProofError('cannot-tell', 'The keys of the service could not be read. Check jwksUrl.', error);
};

/** The amount as a text without zeros that do not count. A number would lose digits. */
const amountOf = (amount: unknown): string => {
  const [whole = '', part = ''] = String(amount).trim().split('.');
  const tail = part.replace(/0+$/, '');
  return `${whole.replace(/^0+(?=\d)/, '')}${tail === '' ? '' : `.${tail}`}`;
};

const isSamePayment = (one: Transaction, other: Transaction): boolean =>
  amountOf(one.amount) === amountOf(other.amount) &&
  fold(String(one.currency)) === fold(String(other.currency)) &&
  fold(String(one.payee)) === fold(String(other.payee));

/** Why claims under a good signature are not those expected. */
const mismatchIn = (claims: JWTPayload, expected: Expected): ProofError | undefined => {
  const { purpose = 'verify-number', transaction, phoneNumber, application, acceptStepUp = false } = expected;
  const isWhole = claims['phone_number_verified'] === undefined || claims['phone_number_verified'] === true;
  const paid = claims['transaction'] as Transaction | undefined;
  if (typeof claims.aud !== 'string') return new ProofError('wrong-audience', 'The proof has several audiences.');
  if (claims['purpose'] !== purpose) return new ProofError('wrong-purpose', 'The proof is for another purpose.');
  if (typeof claims['phone_number'] !== 'string') return new ProofError('malformed', 'The proof has no number.');
  if (phoneNumber !== undefined && claims['phone_number'] !== phoneNumber)
    return new ProofError('wrong-number', 'The proof is for another number.');
  const isSame = paid && transaction ? isSamePayment(paid, transaction) : !paid && !transaction;
  if (!isSame) return new ProofError('wrong-transaction', 'The proof is for another payment.');
  if (application !== undefined && claims['azp'] !== application)
    return new ProofError('wrong-application', 'Another application asked for the proof.');
  if (!isWhole && acceptStepUp !== true)
    return new ProofError('step-up-required', 'The code alone is not enough: the SIM may have been swapped.');
  return undefined;
};

/**
 * Verifies a proof, and returns its claims.
 *
 * It throws for every proof that is not to be believed, as jose does: a result that nobody looks at must not open a door.
 * A proof is used up last, when all else is right.
 *
 * @throws ProofError with a `code`.
 * @throws TypeError if `jwksUrl` is no URL, or the issuer does not follow from it.
 */
export const verifyProof = async (token: string, expected: Expected): Promise<Claims> => {
  const { audience, leewaySeconds = 30, replay = ownMemory, now = () => new Date() } = expected;
  assertComplete(expected);
  const issuer = issuerOf(expected);
  const { payload } = await jwtVerify(token, keyFor(keysAt(expected.jwksUrl)), {
    algorithms,
    typ: 'otp-proof+jwt',
    issuer,
    audience,
    clockTolerance: leewaySeconds,
    currentDate: now(),
    requiredClaims: ['iat', 'exp', 'jti', 'sub'],
  }).catch((error: unknown) => {
    throw refusalOf(error);
  });
  const mismatch = mismatchIn(payload, expected);
  if (mismatch !== undefined) throw mismatch;
  const claims = payload as Claims;
  if (replay === false) return claims;
  const isFirst = await replay.use(claims.jti, claims.exp + leewaySeconds).catch((error: unknown) => {
    throw new ProofError('cannot-tell', 'The replay store did not answer.', error);
  });
  if (!isFirst) throw new ProofError('used-before', 'The proof was used before.');
  return claims;
};
