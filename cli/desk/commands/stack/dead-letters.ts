import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetObjectCommand, paginateListObjectsV2, S3Client } from '@aws-sdk/client-s3';
import { deadLetterPrefix, functions } from '../../../../lambdas/contract.ts';
import { type DeployedStack, partLike } from '../../api/stack.ts';
import { type DeskCommand, optionOf } from '../../command.ts';
import { DeskError, exits, usage } from '../../exits.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../../print/json.ts';
import { plainLines } from '../../print/plain.ts';
import { table } from '../../print/table.ts';
import { both } from '../../print/times.ts';
import type { Session } from '../../session.ts';

const bucketOf = (stack: DeployedStack): Promise<string> => partLike(stack, 'S3::Bucket', 'DeadLetters');

const checkedPrefix = (prefix: string): string => {
  if (prefix.startsWith(deadLetterPrefix)) return prefix;
  throw usage(`Names of dead letters begin with ${deadLetterPrefix}. Write it as dead-letters list shows it.`);
};

type Letter = { readonly key: string; readonly at: string; readonly bytes: number };

const lettersOf = async (stack: DeployedStack, Prefix: string): Promise<readonly Letter[]> => {
  const [client, Bucket] = [new S3Client(stack.options), await bucketOf(stack)];
  return stack.ask('s3:ListBucket', async () => {
    const found: Letter[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket, Prefix }))
      for (const { Key = '', LastModified, Size = 0 } of Contents)
        found.push({ key: Key, at: LastModified?.toISOString() ?? '', bytes: Size });
    return found.toSorted((one, other) => (one.at < other.at ? -1 : 1));
  });
};

const list: DeskCommand = {
  name: 'dead-letters list',
  options: [['--prefix <prefix>', `how the names begin (default: ${deadLetterPrefix})`]],
  says: 'Lists the dead letters, the oldest first. The bucket keeps them for 30 days.',
  examples: ['dead-letters list'],
  needs: ['cloudformation:ListStackResources', 's3:ListBucket'],
  run: async ({ stack: found, show, columns, now }, given) => {
    const letters = await lettersOf(await found(), checkedPrefix(optionOf(given, 'prefix') ?? deadLetterPrefix));
    show({ letters }, () =>
      letters.length === 0
        ? ['There are no dead letters.']
        : table(
            ['since', 'bytes', 'key'],
            letters.map(({ key, at, bytes }) => [both(at, now()), String(bytes), textOf(key)]),
            columns,
          ),
    );
    return undefined;
  },
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new DeskError(
      'This letter is no JSON. Nobody but Lambda and the detector writes there: look who did.',
      exits.failed,
    );
  }
};

const show: DeskCommand = {
  name: 'dead-letters show',
  takes: [['<key>', 'as dead-letters list shows it']],
  says: 'Shows why a dead letter is there. Its records, which hold keyed hashes and ciphertext, are counted and not shown.',
  examples: [`dead-letters show ${deadLetterPrefix}detect-bursts/2026/11/29/letter.json`],
  needs: ['cloudformation:ListStackResources', 's3:GetObject', 'kms:Decrypt'],
  run: async ({ stack: found, show: print, now }, { words: [key = ''] }) => {
    const Key = checkedPrefix(key);
    const stack = await found();
    const [client, Bucket] = [new S3Client(stack.options), await bucketOf(stack)];
    const text = await stack.ask('s3:GetObject', async () => {
      const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
      return (await Body?.transformToString()) ?? '';
    });
    const { payload, ...rest } = fieldsOf(parsed(text));
    const answer = { key, ...rest, records: listOf(fieldsOf(payload)['Records']).length };
    print(answer, () => plainLines(answer, now()));
    return undefined;
  },
};

/** Longer than the function may run, so that its answer is waited for. */
const patienceMs = (functions['replay-dead-letters'].timeoutSeconds + 20) * 1000;

type Replaying = { readonly client: LambdaClient; readonly stack: DeployedStack; readonly name: string };

const replayOnce = async ({ client, stack, name }: Replaying, event: object): Promise<Fields> => {
  const { Payload, FunctionError } = await stack.ask('lambda:InvokeFunction', () =>
    client.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) })),
  );
  const answer = fieldsOf(parsed(Buffer.from(Payload ?? []).toString('utf8') || '{}'));
  if (FunctionError !== undefined)
    throw new DeskError(
      `The function of the replay failed (${textOf(FunctionError)}). Its log says why. Letters that it replayed are gone, the others stay: run it again.`,
      exits.failed,
    );
  if (answer['refused'] !== undefined) throw new DeskError(textOf(answer['refused']), exits.failed);
  return answer;
};

type Sum = {
  readonly replayed: number;
  readonly records: number;
  readonly left: number;
  readonly failed: readonly Fields[];
};

/** Runs it again while letters are left, and it gets on. */
const replayAll = async (replaying: Replaying, event: object, progress: Session['progress']): Promise<Sum> => {
  let sum: Sum = { replayed: 0, records: 0, left: 0, failed: [] };
  for (;;) {
    const answer = await replayOnce(replaying, event);
    const count = (name: string) => numberOf(answer[name]) ?? 0;
    sum = {
      replayed: sum.replayed + count('replayed'),
      records: sum.records + count('records'),
      left: count('left'),
      failed: listOf(answer['failed']),
    };
    progress(`${sum.replayed} letters replayed, ${sum.left} left.`);
    if (answer['dryRun'] === true || sum.left === 0 || count('replayed') === 0) return sum;
  }
};

const failedLines = (failed: readonly Fields[]): readonly string[] =>
  failed.length === 0 ? [] : ['These stay:', ...failed.map(({ letter, why }) => `  ${textOf(letter)}: ${textOf(why)}`)];

const replay: DeskCommand = {
  name: 'dead-letters replay',
  options: [
    ['--dry-run', 'read and count them, and change nothing'],
    ['--prefix <prefix>', `only those whose names begin so (default: ${deadLetterPrefix})`],
  ],
  says: 'Has the detector count the dead letters again, and removes those that it has counted.',
  more: ['Remove the cause first. It may run twice at once, or break off: no record counts twice.'],
  examples: ['dead-letters replay --dry-run', 'dead-letters replay'],
  needs: ['cloudformation:DescribeStacks', 'lambda:InvokeFunction'],
  run: async ({ stack: found, show: print, confirm, progress }, given) => {
    const prefix = checkedPrefix(optionOf(given, 'prefix') ?? deadLetterPrefix);
    const dryRun = given.options['dryRun'] === true;
    const stack = await found();
    const name = await stack.output('ReplayFunctionName');
    if (!dryRun) await confirm(`Replay the dead letters of ${stack.name}.`);
    const requestHandler = { requestTimeout: patienceMs, throwOnRequestTimeout: true };
    // A call that broke off may still run: no second one beside it.
    const client = new LambdaClient({ ...stack.options, requestHandler, maxAttempts: 1 });
    const sum = await replayAll({ client, stack, name }, { prefix, dryRun }, progress);
    print({ dryRun, ...sum }, () => [
      `${sum.replayed} letters with ${sum.records} records ${dryRun ? 'would be tried' : 'are replayed'}, ${sum.left} are left, ${sum.failed.length} failed.`,
      ...failedLines(sum.failed),
    ]);
    return sum.failed.length + sum.left === 0 || dryRun ? exits.ok : exits.failed;
  },
};

export const deadLetters: readonly DeskCommand[] = [list, show, replay];
