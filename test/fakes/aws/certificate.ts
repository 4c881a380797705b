/** A certificate for 127.0.0.1, made anew each time, so that no private key is kept. */

import { createSign, generateKeyPairSync } from 'node:crypto';

export type Certificate = { readonly key: string; readonly cert: string };

/** DER (X.690): a tag, the length, the content. */
const der = (tag: number, ...parts: readonly Buffer[]): Buffer => {
  const content = Buffer.concat(parts);
  if (content.length < 128) return Buffer.concat([Buffer.from([tag, content.length]), content]);
  const length = Buffer.from(content.length.toString(16).padStart(4, '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x82]), length, content]);
};

const sequence = (...parts: readonly Buffer[]) => der(0x30, ...parts);
const hex = (tag: number, content: string) => der(tag, Buffer.from(content, 'hex'));
/** `2026-11-29T12:00:00.000Z` as `20261129120000Z`. */
const time = (ms: number) => der(0x18, Buffer.from(`${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`));

const commonName = hex(0x06, '550403');
const sha256WithRsa = sequence(hex(0x06, '2a864886f70d01010b'), der(0x05));
const name = sequence(der(0x31, sequence(commonName, der(0x0c, Buffer.from('fake AWS')))));
/** The address as an alternative name: the only name that a client compares (RFC 9110, section 4.3.5). */
const alternativeNames = sequence(hex(0x06, '551d11'), der(0x04, sequence(hex(0x87, '7f000001'))));

/** RFC 5280, section 4.1. The key is RSA-2048, as those of AWS's endpoints are. */
export const makeCertificate = (nowMs: number): Certificate => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const dayMs = 86_400_000;
  const signed = sequence(
    der(0xa0, hex(0x02, '02')),
    hex(0x02, '01'),
    sha256WithRsa,
    name,
    sequence(time(nowMs - dayMs), time(nowMs + dayMs)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(alternativeNames)),
  );
  const signature = createSign('sha256').update(signed).sign(privateKey);
  const whole = sequence(signed, sha256WithRsa, der(0x03, Buffer.from([0]), signature)).toString('base64');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${whole.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  };
};
