import { commandOf } from './commands.ts';
import type { CallAws, OperationName, Operations, Reply } from './operations.ts';
import { phoneVariable, todoFor } from './refusals.ts';

export type WalkPorts = {
  /** The id of the account. It throws if nobody can be asked. */
  readonly account: () => Promise<string>;
  readonly call: CallAws;
  readonly say: (line: string) => void;
  /** @returns `undefined` if the person ended the input. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly sleep: (ms: number) => Promise<void>;
  readonly nowMs: () => number;
  /** Random digits. */
  readonly newCode: (digits: number) => string;
  /** The problem that the settings would have with these routes, if any. */
  readonly problemWith: (routes: readonly object[]) => string | undefined;
};

/** `ask`: a person at a terminal. `yes`: a script that has said so. `no`: nobody can be asked. */
export type Consent = 'ask' | 'yes' | 'no';

/** A stop says what to do; the walk can be begun again at any time. */
export type Stop = { readonly kind: 'stopped'; readonly todo: string };
export type Step<Value> = { readonly kind: 'done'; readonly value: Value } | Stop;

export const stopped = (todo: string): Stop => ({ kind: 'stopped', todo });
export const done = <Value>(value: Value): Step<Value> => ({ kind: 'done', value });

export type Talk = {
  /** Begins a numbered step. */
  readonly step: (title: string) => void;
  readonly note: (text: string) => void;
  /** Prints a call, then makes it. */
  readonly call: CallAws;
  /** The same for an operation that answers in pages: printed once. */
  readonly callAll: CallAll;
  /** Prints a call that makes or sends something, and makes it if the person says yes. */
  readonly callIfAgreed: <Name extends OperationName>(
    name: Name,
    input: Operations[Name]['input'],
    question: string,
  ) => Promise<Reply<Operations[Name]['output']> | undefined>;
};

type Paged = { readonly NextToken?: string | undefined };
export type CallAll = <Name extends OperationName, Item>(
  name: Name,
  input: Operations[Name]['input'],
  itemsOf: (page: Operations[Name]['output']) => readonly Item[] | undefined,
) => Promise<Step<readonly Item[]>>;

/** The number and the code never stand in what is printed: the CLI gets them from variables of the shell. */
const forShell = (input: object): Readonly<Record<string, unknown>> => ({
  ...input,
  ...('DestinationPhoneNumber' in input ? { DestinationPhoneNumber: phoneVariable } : {}),
  ...('TemplateVariables' in input ? { TemplateVariables: { code: '"$CODE"' } } : {}),
});

/** The last four digits, by which its owner knows the number. */
export const masked = (number: string): string => `•••${number.slice(-4)}`;

const forEyes = (input: object): object => ({
  ...input,
  ...('DestinationPhoneNumber' in input
    ? { DestinationPhoneNumber: masked(String(input.DestinationPhoneNumber)) }
    : {}),
  ...('TemplateVariables' in input ? { TemplateVariables: { code: '••••••' } } : {}),
});

/** Management calls of Notify are one a second. */
const betweenPagesMs = 1100;
/** More pages than this are a loop. */
const maxPages = 50;

export const talkOf = ({ call, say, ask, sleep }: WalkPorts, region: string, consent: Consent): Talk => {
  let steps = 0;
  const note = (text: string) => say(`   ${text}`);
  const announce = (name: OperationName, input: object) => {
    note(`${name} ${JSON.stringify(forEyes(input))}`);
    note(`$ ${commandOf(name, forShell(input), region)}`);
  };
  const agrees = async (question: string): Promise<boolean> => {
    if (consent === 'ask') return /^y(?:es)?$/i.test((await ask(`   ${question} [y/N] `))?.trim() ?? '');
    note(`${question} ${consent === 'yes' ? 'Yes, as --yes says.' : 'Nobody can be asked.'}`);
    return consent === 'yes';
  };
  return {
    note,
    step: (title) => {
      steps += 1;
      say('');
      say(`${steps}. ${title}`);
    },
    call: (name, input) => {
      announce(name, input);
      return call(name, input);
    },
    callAll: async (name, input, itemsOf) => {
      announce(name, input);
      return await pagesOf({ name, input, itemsOf, call, sleep });
    },
    callIfAgreed: async (name, input, question) => {
      announce(name, input);
      return (await agrees(question)) ? await call(name, input) : undefined;
    },
  };
};

type Pages<Name extends OperationName, Item> = Pick<WalkPorts, 'call' | 'sleep'> & {
  readonly name: Name;
  readonly input: Operations[Name]['input'];
  readonly itemsOf: (page: Operations[Name]['output']) => readonly Item[] | undefined;
};

const pagesOf = async <Name extends OperationName, Item>({
  name,
  input,
  itemsOf,
  call,
  sleep,
}: Pages<Name, Item>): Promise<Step<readonly Item[]>> => {
  const items: Item[] = [];
  let token: string | undefined;
  for (let page = 0; page < maxPages; page += 1) {
    if (page > 0) await sleep(betweenPagesMs);
    const reply: Reply<Operations[Name]['output'] & Paged> = await call(name, {
      ...input,
      ...(token === undefined ? {} : { NextToken: token }),
    });
    if (reply.kind === 'refused') return stopped(todoFor(name, reply.refusal));
    items.push(...(itemsOf(reply.value) ?? []));
    const { NextToken: next } = reply.value;
    if (next === undefined || next === '' || next === token) break;
    token = next;
  }
  return done(items);
};
