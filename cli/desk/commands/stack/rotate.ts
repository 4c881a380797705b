import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { environment } from '../../../../lambdas/contract.ts';
import { type DeployedStack, partLike } from '../../api/stack.ts';
import type { DeskCommand } from '../../command.ts';
import { DeskError, exits } from '../../exits.ts';
import { fieldsOf, textOf } from '../../print/json.ts';
import { both } from '../../print/times.ts';
import type { Session } from '../../session.ts';

/** The longest that the settings let a code live: `code.maxLifetimeSeconds`. */
export const longestCodeMs = 600_000;

type Generation = { readonly letter: string; readonly key: string; readonly state: string };

type Rotation = {
  /** In the order of the settings: the last one makes new codes. */
  readonly generations: readonly Generation[];
  /** When the functions got these generations, or anything else. */
  readonly deployedMs: number;
};

/** The functions that make codes, and the one that checks them, by how their logical ids begin. */
const codeFunctions = ['requestverification', 'resendverification', 'checkverification'];

const configurationOf = async (stack: DeployedStack, client: LambdaClient, beginning: string) => {
  const FunctionName = await partLike(stack, 'Lambda::Function', beginning);
  const { Environment, LastModified } = await stack.ask('lambda:GetFunctionConfiguration', () =>
    client.send(new GetFunctionConfigurationCommand({ FunctionName })),
  );
  return { keys: Environment?.Variables?.[environment.codeKeys] ?? '', deployedMs: Date.parse(LastModified ?? '') };
};

const lettersOf = (keys: string): readonly (readonly [string, string])[] => {
  try {
    return Object.entries(fieldsOf(JSON.parse(keys))).map(([letter, key]) => [textOf(letter), textOf(key)] as const);
  } catch {
    return [];
  }
};

const readRotation = async (stack: DeployedStack): Promise<Rotation> => {
  const client = new LambdaClient(stack.options);
  const found = [];
  for (const name of codeFunctions) found.push(await configurationOf(stack, client, name));
  const [keys, ...others] = new Set(found.map((each) => each.keys));
  const letters = lettersOf(keys ?? '');
  if (others.length > 0 || letters.length === 0)
    throw new DeskError(
      'The functions do not have the same generations of the code key: a deployment runs, or broke off. Wait for its end, or deploy again.',
      exits.failed,
    );
  const kms = new KMSClient(stack.options);
  const generations = [];
  for (const [letter, key] of letters) {
    const { KeyMetadata } = await stack.ask('kms:DescribeKey', () => kms.send(new DescribeKeyCommand({ KeyId: key })));
    generations.push({ letter, key, state: KeyMetadata?.KeyState ?? 'unknown' });
  }
  return { generations, deployedMs: Math.max(...found.map(({ deployedMs }) => deployedMs)) };
};

const listed = (letters: readonly string[]): string => `[${letters.map((each) => `'${each}'`).join(', ')}]`;

/** A letter is not taken twice: ids of the old generation would name the new one. */
const nextLetter = (letter: string): string => (letter === 'z' ? 'a' : String.fromCharCode(letter.charCodeAt(0) + 1));

type Step = {
  readonly step: 'begin' | 'wait' | 'finish' | 'broken';
  readonly says: readonly string[];
  readonly setting?: string;
};

/** Which change comes next, and whether it may be made now. */
export const stepOf = ({ generations, deployedMs }: Rotation, nowMs: number): Step => {
  const broken = generations.filter(({ state }) => state !== 'Enabled');
  const newest = generations.at(-1)?.letter ?? '';
  if (broken.length > 0)
    return {
      step: 'broken',
      says: broken.map(
        ({ letter, state }) =>
          `The key of generation ${letter} is ${state}. Codes of it cannot be made or checked: enable it first (docs/runbook.md, KeyRefused).`,
      ),
    };
  const readyMs = deployedMs + longestCodeMs;
  if (generations.length === 1) {
    const setting = `codeKeyGenerations: ${listed([newest, nextLetter(newest)])}`;
    return {
      step: 'begin',
      setting,
      says: [
        `Generation ${newest} alone makes and checks codes. No rotation is under way; one that you began is complete.`,
        `Change 1 of 2: write ${setting} in bin/settings.ts, and deploy. If that letter was ever used, take another one.`,
        'Then run otp-desk rotate code-key again.',
      ],
    };
  }
  const setting = `codeKeyGenerations: ${listed([newest])}`;
  const old = generations.slice(0, -1).map(({ letter }) => letter);
  const state = `Generation ${newest} makes new codes. Generation ${old.join(', ')} checks those that are out.`;
  if (nowMs < readyMs)
    return {
      step: 'wait',
      setting,
      says: [
        state,
        `Change nothing yet: older codes may live until ${both(new Date(readyMs).toISOString(), nowMs)}.`,
        'Run otp-desk rotate code-key again then, or with --wait now.',
      ],
    };
  return {
    step: 'finish',
    setting,
    says: [
      state,
      'No code of an older generation lives any more, and all keys are enabled.',
      `Change 2 of 2: write ${setting} in bin/settings.ts, and deploy. KMS deletes the old key after 30 days.`,
      `To go back instead, write ${listed([newest, ...old])}.`,
    ],
  };
};

const waited = async (session: Session, rotation: Rotation): Promise<Step> => {
  const interrupted = session.untilInterrupted();
  let step = stepOf(rotation, session.now());
  while (step.step === 'wait' && !interrupted.aborted) {
    session.progress(step.says[1] ?? '');
    await session.sleep(Math.min(30_000, rotation.deployedMs + longestCodeMs - session.now()), interrupted);
    step = stepOf(rotation, session.now());
  }
  return step;
};

export const rotateCodeKey: DeskCommand = {
  name: 'rotate code-key',
  options: [['--wait', 'wait until the second change may be made']],
  says: 'Names the next of the two changes of the settings that rotate the code key, and checks what has to hold before it.',
  more: ['It changes nothing itself. It ends with 1 as long as the next change has to wait.'],
  examples: ['rotate code-key', 'rotate code-key --wait'],
  needs: ['cloudformation:ListStackResources', 'lambda:GetFunctionConfiguration', 'kms:DescribeKey'],
  run: async (session, given) => {
    const rotation = await readRotation(await session.stack());
    const step = given.options['wait'] === true ? await waited(session, rotation) : stepOf(rotation, session.now());
    const { generations, deployedMs } = rotation;
    session.show({ ...step, generations, deployedAt: new Date(deployedMs).toISOString() }, () => step.says);
    return step.step === 'begin' || step.step === 'finish' ? exits.ok : exits.failed;
  },
};
