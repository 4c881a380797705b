import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Unavailable } from '../otp/ports.ts';
import { callAws } from './failures.ts';

/** How long a value is used without a question, and how long it may be used while AWS does not answer. Milliseconds. */
const freshMs = 5 * 60_000;
const staleMs = 60 * 60_000;
/** How long AWS is not asked again after it did not answer, if a value is left. A question that gets none takes seconds. */
const retryMs = 30_000;

export type SecretReader = {
  /**
   * The text of a secret, as it is now or was at most five minutes ago. While AWS does not answer, as it was within the hour.
   *
   * @param arn whole, with the six characters at its end.
   * @throws Unavailable
   */
  readonly read: (arn: string) => Promise<string>;
};

type Known = {
  readonly text: string;
  readonly atMs: number;
  /** When AWS did not answer, at last. */
  readonly failedAtMs?: number;
};

/** Reads secrets of AWS Secrets Manager, and keeps them in the container. Of several readers of a secret, one asks. */
export const secretReader = (client: SecretsManagerClient, now: () => number): SecretReader => {
  const known = new Map<string, Known>();
  const asked = new Map<string, Promise<string>>();
  const ask = async (arn: string): Promise<string> => {
    try {
      const text = await secretOf(client, arn);
      known.set(arn, { text, atMs: now() });
      return text;
    } catch (cause) {
      const last = known.get(arn);
      if (last === undefined || now() - last.atMs >= staleMs) throw cause;
      known.set(arn, { ...last, failedAtMs: now() });
      return last.text;
    } finally {
      asked.delete(arn);
    }
  };
  return {
    read: async (arn) => {
      const last = known.get(arn);
      if (last !== undefined && mayUse(last, now())) return last.text;
      const asking = asked.get(arn) ?? ask(arn);
      asked.set(arn, asking);
      return await asking;
    },
  };
};

/** Whether a value needs no question: it is fresh, or AWS has just not answered. A clock that was set back says nothing about an age. */
const mayUse = ({ atMs, failedAtMs = Number.NaN }: Known, nowMs: number): boolean => {
  const isWithin = (sinceMs: number, ms: number) => nowMs >= sinceMs && nowMs - sinceMs < ms;
  return isWithin(atMs, freshMs) || (isWithin(failedAtMs, retryMs) && isWithin(atMs, staleMs));
};

/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html. The version is the current one. */
const secretOf = async (client: SecretsManagerClient, SecretId: string): Promise<string> => {
  const dependency = 'Secrets Manager GetSecretValue';
  const { SecretString } = await callAws(dependency, () => client.send(new GetSecretValueCommand({ SecretId })));
  // A secret of bytes is none of this service.
  if (SecretString === undefined) throw new Unavailable(dependency);
  return SecretString;
};
