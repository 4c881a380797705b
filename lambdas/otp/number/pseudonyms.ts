import { createHash, createHmac, createSecretKey } from 'node:crypto';
import ipaddr from 'ipaddr.js';
import { type Channel, channels } from '../../policy.ts';
import { lengthPrefixed } from '../record/code.ts';
import type { Secret } from './secret.ts';

/** PseudonymKey authenticates it, which makes the secret of all keyed hashes: the same one in every container. */
export const pseudonymLabel = 'otp-pseudonyms-v1';

/** Keyed hashes (HMAC-SHA-256, base64url). Without the secret, hashing every number of a country finds none. */
export type Pseudonyms = {
  /** 256 bits. The same for every spelling of a number. */
  readonly phoneKey: (phone: Secret) => string;
  /** 256 bits. IPv4 by /32, IPv6 by /64, because one household or server may use any /128 of its /64. */
  readonly ipKey: (ip: string) => string;
  /** 256 bits. IPv4 by /24, IPv6 by /48: what one site or one exit of a carrier has. */
  readonly networkKey: (ip: string) => string;
  /** 160 bits: the part of a verification id behind the generation. A retry derives the same id from the same salt. */
  readonly verificationId: (application: string, idempotencyKey: string, salt: string) => string;
  /** Key of the idempotency item. It does not reveal the verification id. */
  readonly idempotencyKey: (application: string, idempotencyKey: string) => string;
  /** Names a request, so that the same key with another request is noticed. */
  readonly bodyKey: (parts: readonly string[]) => string;
};

/** @param keyMaterial 32 bytes that only KMS can make. */
export const pseudonymsFrom = (keyMaterial: Uint8Array): Pseudonyms => {
  const key = createSecretKey(keyMaterial);
  const name = (...parts: string[]) => createHmac('sha256', key).update(lengthPrefixed(parts)).digest();
  return {
    phoneKey: (phone) => name('phone', phone.reveal()).toString('base64url'),
    ipKey: (ip) => name('ip', ipGroup(ip)).toString('base64url'),
    networkKey: (ip) => name('network', networkOf(ip)).toString('base64url'),
    verificationId: (application, idempotencyKey, salt) =>
      name('id', application, idempotencyKey, salt).subarray(0, 20).toString('base64url'),
    idempotencyKey: (application, idempotencyKey) =>
      name('idempotency', application, idempotencyKey).toString('base64url'),
    bodyKey: (parts) => name('body', ...parts).toString('base64url'),
  };
};

/** The IPs that one user has at hand: IPv4 /32, IPv6 /64. All texts that are no IP are one group. */
export const ipGroup = (ip: string): string => {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const parsed = ipaddr.process(ip);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  const prefix = parsed.toByteArray().slice(0, 8);
  return `${Buffer.from(prefix).toString('hex')}/64`;
};

/** The network of an IP: IPv4 /24, IPv6 /48. All texts that are no IP are one. */
export const networkOf = (ip: string): string => {
  if (!ipaddr.isValid(ip)) return 'unknown';
  const parsed = ipaddr.process(ip);
  const [bytes, bits] = parsed.kind() === 'ipv4' ? [3, 24] : [6, 48];
  return `${Buffer.from(parsed.toByteArray().slice(0, bytes)).toString('hex')}/${bits}`;
};

/**
 * Key of a verification's record, for the application that requested it. With the id of another application's verification,
 * an application finds no record (ADR 71). A dump of the table holds no usable id.
 */
export const recordKey = (application: string, verificationId: string): string =>
  createHash('sha256')
    .update(lengthPrefixed(['verification', application, verificationId]))
    .digest('base64url');

/** The nonce under which a check with an idempotency key is remembered beside its guess. */
export const checkNonce = (application: string, verificationId: string, idempotencyKey: string): string =>
  nonce('check', application, verificationId, idempotencyKey);

/** The nonces of a resend with an idempotency key. */
export type ResendNonces = {
  /** Under which it is remembered. It says which channel was asked for, if any. */
  readonly own: string;
  /** Those of the same key with another channel. */
  readonly others: readonly string[];
  /** As one was remembered before ADR 120, whatever its channel was. */
  readonly earlier: string;
};

export const resendNoncesOf = (
  application: string,
  verificationId: string,
  idempotencyKey: string,
  asked: Channel | undefined,
): ResendNonces => {
  const earlier = nonce('resend', application, verificationId, idempotencyKey);
  const named = (channel: Channel | undefined) => `${earlier}:${channel ?? ''}`;
  const others = [undefined, ...channels].filter((channel) => channel !== asked).map(named);
  return { own: named(asked), others, earlier };
};

/** 144 bits. */
const nonce = (...parts: readonly string[]): string =>
  createHash('sha256').update(lengthPrefixed(parts)).digest().subarray(0, 18).toString('base64url');
