import type { Signer } from '../ports.ts';
import type { Transaction } from './code.ts';
import type { Sealed, Verification } from './verification.ts';

/** The media type of a proof, without `application/` (RFC 7515 `typ`). */
export const proofType = 'otp-proof+jwt';

/** A proof's claims (RFC 7519). Times are epoch seconds. */
export type ProofClaims = {
  readonly iss: string;
  readonly aud: string;
  /** The application that requested the verification (OpenID Connect Core 1.0, section 2). */
  readonly azp: string;
  readonly sub: string;
  readonly phone_number: string;
  /** False if the purpose wants another proof beside the code. */
  readonly phone_number_verified: boolean;
  readonly purpose: string;
  readonly transaction?: Transaction | undefined;
  /** Whether the operator said how the SIM stands. Only of purposes that mind. */
  readonly risk?: 'checked' | 'unknown' | undefined;
  /** When the SIM was swapped, or the number ported. */
  readonly sim_swapped_at?: number | undefined;
  /** Or within how many hours before the request, if nobody says when. */
  readonly sim_swapped_within?: number | undefined;
  /** How the code reached its person (RFC 8176). */
  readonly amr: readonly ['otp', 'sms' | 'tel'];
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
};

/** The claims of a proof. They follow from the record alone, so that a repeated answer never extends them. */
export const proofClaims = (
  { issuer, audience, lifetimeSeconds }: { issuer: string; audience: string; lifetimeSeconds: number },
  verification: Verification,
  sealed: Sealed,
  approvedAtMs: number,
): ProofClaims => {
  const iat = Math.floor(approvedAtMs / 1000);
  return {
    iss: issuer,
    aud: audience,
    azp: verification.application,
    sub: verification.phoneKey,
    phone_number: sealed.phone,
    phone_number_verified: verification.stepUp !== true,
    purpose: sealed.purpose,
    ...(sealed.transaction === undefined ? {} : { transaction: sealed.transaction }),
    ...riskClaims(verification),
    amr: ['otp', verification.channel === 'voice' ? 'tel' : 'sms'],
    iat,
    exp: iat + lifetimeSeconds,
    jti: verification.key,
  };
};

const riskClaims = ({
  risk,
  swappedAtMs,
  swappedWithinHours,
}: Verification): Pick<ProofClaims, 'risk' | 'sim_swapped_at' | 'sim_swapped_within'> => {
  if (risk === undefined) return {};
  return {
    risk: risk === 'unknown' ? 'unknown' : 'checked',
    ...(swappedAtMs === undefined ? {} : { sim_swapped_at: Math.floor(swappedAtMs / 1000) }),
    ...(swappedWithinHours === undefined ? {} : { sim_swapped_within: swappedWithinHours }),
  };
};

/** Signs the claims as a compact JWS (RFC 7515, RFC 7518 sections 3.3 and 3.4). */
export const signProof = async (signer: Signer, claims: ProofClaims): Promise<string> => {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part), 'utf8').toString('base64url');
  const input = `${encode({ alg: signer.algorithm, typ: proofType, kid: signer.keyId })}.${encode(claims)}`;
  const signature = await signer.sign(Buffer.from(input, 'ascii'));
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
};
