/** Counts the bytes of a verification: what its functions log and answer, and what its events take in the audit trail. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { FlowBytes, MeasuredFlow } from '../../../docs/generate/capacity/measured.ts';
import type { Item } from '../../../lambdas/aws/dynamo/items.ts';
import type { LocalStack } from '../../../local/stack.ts';
import { type Answer, callerOf } from '../api-call.ts';
import { itemBytes } from '../aws/item-bytes.ts';
import { wrongCode } from '../world.ts';

export type Bytes = {
  readonly flows: Readonly<Record<MeasuredFlow, FlowBytes>>;
  readonly entryBytes: number;
};

const answerBytes = ({ headers, text }: Answer): number =>
  [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, Buffer.byteLength(text));

/** How often each flow runs: an average of lines whose numbers have more digits or fewer. */
const times = 5;
const quietMs = 300;

/** Lines of the clock belong to no flow. */
const isOfFlow = (line: string): boolean => !line.includes('DetectorListening');

const linesOf = (stack: LocalStack): readonly string[] =>
  stack
    .logs()
    .filter(({ stream, line }) => stream === 'stdout' && isOfFlow(line))
    .map(({ line }) => line);

/** All lines, when no more come: a thread hands them on after its answer. The detector comes later, with a line for each guess. */
const settledLines = async (stack: LocalStack, guesses: number): Promise<readonly string[]> => {
  for (let before = -1; ; ) {
    const lines = linesOf(stack);
    const counted = lines.filter((line) => line.includes('GuessCounted')).length;
    if (lines.length === before && counted >= guesses) return lines;
    before = lines.length;
    await sleep(quietMs);
  }
};

const watchFlows = (stack: LocalStack) => {
  let guesses = 1;
  const measure = async (act: (nth: number) => Promise<Answer>, isCheck = false): Promise<FlowBytes> => {
    const before = (await settledLines(stack, guesses)).length;
    if (isCheck) guesses += times;
    let answered = 0;
    for (let nth = 0; nth < times; nth += 1) answered += answerBytes(await act(nth));
    const lines = (await settledLines(stack, guesses)).slice(before);
    const logged = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
    return {
      logLines: lines.length / times,
      logBytes: Math.round(logged / times),
      answerBytes: Math.round(answered / times),
    };
  };
  return measure;
};

const entryBytesOf = async (stack: LocalStack): Promise<number> => {
  const { Items } = await stack.callDynamo('DynamoDB_20120810.Scan', { TableName: stack.tables.security });
  // No other item of the table says whether it was counted.
  const entries = (Items as readonly Item[]).filter(({ counted }) => counted !== undefined);
  if (entries.length === 0) throw new Error('The audit trail has no event.');
  return Math.round(entries.reduce((sum, entry) => sum + itemBytes(entry), 0) / entries.length);
};

/** Runs the flows on a stack as the shipped settings make it. Each number is in a range of its own: no burst. */
export const measureBytes = async (stack: LocalStack): Promise<Bytes> => {
  const call = callerOf(stack.url, stack.apiKey);
  const measure = watchFlows(stack);
  const numberOf = (nth: number) => `+91987${String(nth + 100)}2000`;
  const request = (nth: number) =>
    call(
      'POST',
      '/v1/verifications',
      { phoneNumber: numberOf(nth), purpose: 'login' },
      { 'x-local-source-ip': `198.51.100.${nth + 1}` },
    );
  const codeOf = (nth: number): string => /\b\d{6}\b/.exec(stack.messages(numberOf(nth))[0]?.text ?? '')?.[0] ?? '';
  const ids: string[] = [];
  const check = (nth: number, code: string) => call('POST', `/v1/verifications/${ids[nth]}/check`, { code });
  // The first flow of each thread is left out.
  const first = await request(times);
  await call('POST', `/v1/verifications/${String(first.body['id'])}/check`, { code: codeOf(times) });
  const sent = await measure(async (nth) => {
    const answer = await request(nth);
    ids.push(String(answer.body['id']));
    return answer;
  });
  const flows = {
    request: sent,
    'request that is refused': await measure(request),
    'check, wrong': await measure((nth) => check(nth, wrongCode(codeOf(nth))), true),
    'check, right': await measure((nth) => check(nth, codeOf(nth)), true),
  };
  return { flows, entryBytes: await entryBytesOf(stack) };
};
