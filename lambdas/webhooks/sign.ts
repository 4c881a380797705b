import { Webhook } from 'standardwebhooks';
import { productVersion } from '../contract.ts';
import type { WebhookEvent } from './ports.ts';

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme */
const secretBytes = { min: 24, max: 64 } as const;

/** The secret is none that can sign. Its text is never part of the message. */
export class SecretMalformed extends Error {
  override readonly name = 'SecretMalformed';

  constructor() {
    super(
      `A secret of a webhook is whsec_ and ${secretBytes.min} to ${secretBytes.max} bytes in base64, or a JSON list of two of these while they are rotated: ["whsec_…","whsec_…"].`,
    );
  }
}

/**
 * The secrets that sign: one, or two while they are rotated.
 *
 * @param text as AWS Secrets Manager keeps it.
 * @throws SecretMalformed
 */
export const secretsOf = (text: string): readonly string[] => {
  const trimmed = text.trim();
  const secrets = trimmed.startsWith('[') ? listOf(trimmed) : [trimmed];
  if (secrets.length < 1 || secrets.length > 2 || !secrets.every(isSecret)) throw new SecretMalformed();
  return secrets;
};

const listOf = (json: string): readonly unknown[] => {
  try {
    const list: unknown = JSON.parse(json);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
};

/** Only base64 that reads back to itself: a reader of another library may take a loose spelling for other bytes. */
const isSecret = (secret: unknown): secret is string => {
  const [, base64 = ''] = typeof secret === 'string' ? (/^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? []) : [];
  const bytes = Buffer.from(base64, 'base64');
  return bytes.toString('base64') === base64 && bytes.length >= secretBytes.min && bytes.length <= secretBytes.max;
};

/**
 * The headers of a try. Each secret makes a signature, so that a consumer verifies by the old one or the new one.
 *
 * @param secrets of `secretsOf`.
 * @param nowMs of this try: a consumer refuses what is older than five minutes.
 */
export const signedHeaders = (
  secrets: readonly string[],
  { id, json }: Pick<WebhookEvent, 'id' | 'json'>,
  nowMs: number,
): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'user-agent': `otp-service/${productVersion}`,
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(nowMs / 1000)),
  'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, new Date(nowMs), json)).join(' '),
});
