import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';
import { sealPurpose } from '../../contract.ts';
import { type Secret, secret } from '../../otp/number/secret.ts';
import { Unavailable } from '../../otp/ports.ts';
import { lengthPrefixed } from '../../otp/record/code.ts';
import type { HourKeys } from './hours.ts';

/** Begins a text that is sealed under the key of an hour. Base64, which KMS's ciphertext is in, has no full stop. */
const version = 'h1';
const cipherName = 'aes-256-gcm';
/**
 * A random nonce of 96 bits. Under one key, 2^32 texts may have one
 * (https://nvlpubs.nist.gov/nistpubs/Legacy/SP/nistspecialpublication800-38d.pdf, section 8.3): a million a second.
 */
const nonceBytes = 12;
const tagBytes = 16;

/** Binds the ciphertext to its form, its hour and its record. */
const boundTo = (hour: number, key: string): Uint8Array =>
  lengthPrefixed([`otp-seal-${version}`, sealPurpose, String(hour), key]);

/** `h1.<hour>.<nonce, tag and ciphertext in base64url>` */
export const sealHourly = async (hours: HourKeys, key: string, text: Secret): Promise<string> => {
  const hour = hours.hour();
  const hourKey = await hours.keyOf(hour);
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(cipherName, hourKey, nonce, { authTagLength: tagBytes }).setAAD(boundTo(hour, key));
  const ciphertext = Buffer.concat([cipher.update(text.reveal(), 'utf8'), cipher.final()]);
  return `${version}.${hour}.${Buffer.concat([nonce, cipher.getAuthTag(), ciphertext]).toString('base64url')}`;
};

export const isSealedHourly = (sealed: string): boolean => sealed.includes('.');

/** @throws Unavailable for a text that was altered, or belongs to another record or hour, as `Decrypt` does. */
export const openHourly = async (hours: HourKeys, key: string, sealed: string): Promise<Secret> => {
  const [form, hourText = '', encoded = '', ...rest] = sealed.split('.');
  const [hour, bytes] = [Number(hourText), Buffer.from(encoded, 'base64url')];
  const isOurs = form === version && rest.length === 0 && String(hour) === hourText;
  const isWhole = bytes.length > nonceBytes + tagBytes && bytes.toString('base64url') === encoded;
  if (!isOurs || !isWhole) throw notOurs();
  return decrypt(await hours.keyOf(hour), boundTo(hour, key), bytes);
};

const decrypt = (hourKey: KeyObject, bound: Uint8Array, bytes: Buffer): Secret => {
  const [nonce, tag] = [bytes.subarray(0, nonceBytes), bytes.subarray(nonceBytes, nonceBytes + tagBytes)];
  const decipher = createDecipheriv(cipherName, hourKey, nonce, { authTagLength: tagBytes })
    .setAAD(bound)
    .setAuthTag(tag);
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()]);
    return secret(text.toString('utf8'));
  } catch (cause) {
    throw notOurs(cause);
  }
};

const notOurs = (cause?: unknown) => new Unavailable('hourly seal', { cause });
