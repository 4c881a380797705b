import { type DeskCommand, optionOf } from '../../command.ts';
import { DeskError, exits, usage } from '../../exits.ts';
import { whatText } from '../../print/finding.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../../print/json.ts';
import { absolute } from '../../print/times.ts';
import type { Session } from '../../session.ts';

/** Each finding and block that is known, by its key: a text that changes when a person should hear of it. */
type Seen = ReadonlyMap<string, { readonly state: string; readonly entry: Fields }>;

const findingState = ({ status, severity, action, until }: Fields): string =>
  [status, severity, action, until].map(textOf).join(' ');

const blockKey = ({ what, level, by, kind, finding }: Fields): string =>
  `block ${textOf(level)} ${whatText(what)} ${textOf(kind)} ${textOf(by)} ${textOf(finding)}`;

const look = async ({ api }: Session, since: string): Promise<Seen> => {
  const [open, closed, blocks] = await Promise.all([
    api.send('GET', '/v1/findings', { query: { status: 'open' } }),
    api.send('GET', '/v1/findings', { query: { status: 'closed', since } }),
    api.send('GET', '/v1/blocks'),
  ]);
  const found = [open, closed].flatMap((answer) => listOf(fieldsOf(answer)['findings']));
  return new Map([
    ...found.map((entry) => [`finding ${textOf(entry['id'])}`, { state: findingState(entry), entry }] as const),
    ...listOf(fieldsOf(blocks)['blocks']).map(
      (entry) => [blockKey(entry), { state: textOf(entry['until']), entry }] as const,
    ),
  ]);
};

/** Of many findings only the first page is looked at. One that has left it stays known, and is not new when it comes back. */
const remembering = (before: Seen, after: Seen): Seen =>
  new Map([...[...before].filter(([key]) => kindOf(key) === 'finding'), ...after]);

type Change = {
  readonly change: 'new' | 'changed' | 'ended';
  readonly kind: 'finding' | 'block';
  readonly entry: Fields;
};

const kindOf = (key: string): Change['kind'] => (key.startsWith('finding ') ? 'finding' : 'block');

/** A finding that is no longer listed was closed before the watch began: nobody has to hear of it. */
const changesBetween = (before: Seen, after: Seen): readonly Change[] => [
  ...[...after].flatMap(([key, { state, entry }]): readonly Change[] => {
    const known = before.get(key);
    if (known?.state === state) return [];
    return [{ change: known === undefined ? 'new' : 'changed', kind: kindOf(key), entry }];
  }),
  ...[...before]
    .filter(([key]) => !after.has(key) && kindOf(key) === 'block')
    .map(([, { entry }]): Change => ({ change: 'ended', kind: 'block', entry })),
];

const lineOf = ({ change, kind, entry }: Change, at: string): string => {
  const facts =
    kind === 'finding'
      ? `${textOf(entry['severity'])} ${textOf(entry['status'])} ${textOf(entry['id'])}: ${textOf(entry['headline'])}`
      : `${textOf(entry['kind'])} of ${whatText(entry['what'])} until ${absolute(entry['until'])}: ${textOf(entry['reason'])}`;
  return `${absolute(at)}  ${change} ${kind}  ${facts}`;
};

const everyMsOf = (text: string): number => {
  const [, seconds] = /^(\d{1,4})s?$/.exec(text) ?? [];
  const count = Number(seconds);
  if (count >= 1 && count <= 3600) return count * 1000;
  throw usage('Write --every in whole seconds, from 1 to 3600, such as --every 10s.');
};

/** A call that fails for a while does not end the watch, and is told once. */
const looking = (session: Session, since: string) => {
  let isDown = false;
  return async (): Promise<Seen | undefined> => {
    try {
      const seen = await look(session, since);
      if (isDown) session.progress('The API answers again.');
      isDown = false;
      return seen;
    } catch (error) {
      if (!(error instanceof DeskError)) throw error;
      if (!isDown) session.progress(`${error.message} Still trying.`);
      isDown = true;
      return undefined;
    }
  };
};

export const watch: DeskCommand = {
  name: 'watch',
  options: [['--every <seconds>', 'how often it looks (default: 5s)']],
  says: 'Prints each change of findings and blocks as it happens, until you press Ctrl-C.',
  more: ['It begins with what is open and blocked now. With --json each change is one line of JSON.'],
  examples: ['watch', 'watch --every 30s --json'],
  needs: ['GET /v1/findings', 'GET /v1/blocks'],
  run: async (session, given) => {
    const everyMs = everyMsOf(optionOf(given, 'every') ?? '5s');
    const since = new Date(await session.askNow()).toISOString();
    // The first look fails as any command does: nothing to wait for.
    let seen: Seen = new Map();
    let next: Seen | undefined = await look(session, since);
    const interrupted = session.untilInterrupted();
    session.progress(`Looking every ${everyMs / 1000} s. Ctrl-C ends it.`);
    const lookAgain = looking(session, since);
    while (!interrupted.aborted) {
      const at = new Date(session.now()).toISOString();
      for (const change of changesBetween(seen, next ?? seen)) session.event({ at, ...change }, [lineOf(change, at)]);
      seen = next === undefined ? seen : remembering(seen, next);
      await session.sleep(everyMs, interrupted);
      if (!interrupted.aborted) next = await lookAgain();
    }
    return exits.ok;
  },
};
