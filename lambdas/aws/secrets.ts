import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type Clock, Unavailable } from '../otp/ports.ts';

/** A container asks again after five minutes, so that a rotation takes effect soon. */
const freshMs = 5 * 60_000;
/** A value is still used for so long when Secrets Manager does not answer. */
const usableMs = 3_600_000;

export type Secrets = {
  /**
   * The text of a secret, of its version `AWSCURRENT`:
   * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
   *
   * @throws Unavailable when there is no answer, no such secret, or no text in it, and no value of the last hour.
   */
  readonly read: (arn: string) => Promise<string>;
};

type Kept = { readonly text: string; readonly readAtMs: number };

/** Reads secrets, and keeps each in memory. Calls at the same time share one read. */
export const secretReader = (client: SecretsManagerClient, now: Clock): Secrets => {
  const kept = new Map<string, Kept>();
  const running = new Map<string, Promise<string>>();
  const ask = async (arn: string): Promise<string> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (SecretString === undefined) throw new Error('The secret holds bytes. Store a text in it.');
    kept.set(arn, { text: SecretString, readAtMs: now() });
    return SecretString;
  };
  const askOrKeep = async (arn: string): Promise<string> => {
    try {
      return await ask(arn);
    } catch (cause) {
      const known = kept.get(arn);
      if (known !== undefined && now() - known.readAtMs <= usableMs) return known.text;
      throw new Unavailable('Secrets Manager GetSecretValue', { cause });
    }
  };
  return {
    read: async (arn) => {
      const known = kept.get(arn);
      if (known !== undefined && now() - known.readAtMs <= freshMs) return known.text;
      const asked = running.get(arn) ?? askOrKeep(arn).finally(() => running.delete(arn));
      running.set(arn, asked);
      return await asked;
    },
  };
};
