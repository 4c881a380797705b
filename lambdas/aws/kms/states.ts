import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import type { Asked, StatusPorts } from '../../desk/status/facts.ts';
import { Unavailable } from '../../otp/ports.ts';
import { callAws } from '../failures.ts';

type Ask = <Fact>(call: () => Promise<Fact>) => Promise<Asked<Fact>>;

/**
 * The state of each key: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html. A key whose state cannot be
 * read hides no other.
 *
 * @param keys ARNs by name.
 */
export const kmsKeyStates = (
  client: KMSClient,
  keys: Readonly<Record<string, string>>,
  ask: Ask,
): StatusPorts['keys'] => {
  const stateOf = (KeyId: string) => async (): Promise<string | undefined> => {
    const described = await callAws('KMS DescribeKey', () =>
      client.send(new DescribeKeyCommand({ KeyId })).catch(isMissing),
    );
    if (described === undefined) return undefined;
    const state = described.KeyMetadata?.KeyState;
    if (state === undefined) throw new Unavailable('KMS DescribeKey');
    return state;
  };
  return () =>
    Promise.all(Object.entries(keys).map(async ([name, arn]) => ({ name, arn, state: await ask(stateOf(arn)) })));
};

const isMissing = (cause: unknown): undefined => {
  if (cause instanceof Error && cause.name === 'NotFoundException') return undefined;
  throw cause;
};
