import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Counted, ReplayPorts } from '../bursts/replay.ts';
import type { ContinueEvent } from '../contract.ts';
import { Unavailable } from '../otp/ports.ts';
import { callAws } from './clients.ts';

/** The detector, called by the alias by which it takes keys of dead letters. */
export const lambdaDetector =
  (client: LambdaClient, FunctionName: string): ReplayPorts['count'] =>
  async (call) => {
    const command = new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(call)) });
    const { FunctionError, Payload } = await callAws('Lambda Invoke', () => client.send(command));
    if (FunctionError !== undefined) return { kind: 'crashed' };
    const answer = readAnswer(Buffer.from(Payload ?? []).toString('utf8'));
    if (answer === undefined) throw new Unavailable('Lambda Invoke');
    return answer;
  };

/** Has a function called by itself, in an invocation of its own. Lambda repeats one that fails. */
export const lambdaContinuation =
  (client: LambdaClient, FunctionName: string) =>
  async (event: ContinueEvent): Promise<void> => {
    const command = new InvokeCommand({
      FunctionName,
      InvocationType: 'Event',
      Payload: Buffer.from(JSON.stringify(event)),
    });
    await callAws('Lambda Invoke', () => client.send(command));
  };

/** Only an answer that states how many records are counted counts as success. */
const readAnswer = (text: string): Counted | undefined => {
  try {
    const { kind, records, refused }: Partial<Readonly<Record<string, unknown>>> = JSON.parse(text);
    if (kind === 'gone' || kind === 'unreadable' || kind === 'unavailable') return { kind };
    const isCounted = kind === 'counted' && Number.isSafeInteger(records) && Number.isSafeInteger(refused);
    return isCounted ? { kind, records: Number(records), refused: Number(refused) } : undefined;
  } catch {
    return undefined;
  }
};
