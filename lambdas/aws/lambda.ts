import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  type LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import type { ListeningPorts } from '../bursts/heartbeat.ts';
import type { Counted, ReplayPorts } from '../bursts/replay.ts';
import type { ContinueEvent } from '../contract.ts';
import { Unavailable } from '../otp/ports.ts';
import { callAws } from './failures.ts';

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

/** The state of an event source mapping: https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
export const lambdaMappingStates =
  (client: LambdaClient): ListeningPorts['stateOf'] =>
  (UUID) =>
    callAws('Lambda GetEventSourceMapping', async () => {
      const command = new GetEventSourceMappingCommand({ UUID });
      const found = await client.send(command).catch(isMissing);
      if (found !== undefined && found.State === undefined) throw new Unavailable('Lambda GetEventSourceMapping');
      return found?.State;
    });

const isMissing = (cause: unknown): undefined => {
  if (cause instanceof ResourceNotFoundException) return undefined;
  throw cause;
};
