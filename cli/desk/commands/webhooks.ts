import { type DeskCommand, type Given, optionOf } from '../command.ts';
import { exits } from '../exits.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../print/json.ts';
import { table } from '../print/table.ts';
import { both } from '../print/times.ts';
import type { Session } from '../session.ts';
import { reasonOf, reasonOption } from './blocks/acts.ts';

const typesOf = (types: unknown): string => (Array.isArray(types) ? types.map(textOf).join(', ') : '');

const webhookRow = (each: Fields): readonly string[] => [
  textOf(each['application']),
  textOf(each['host']),
  typesOf(each['types']),
  textOf(each['deadLetters']),
];

const eventRow = (each: Fields, nowMs: number): readonly string[] => [
  textOf(each['id']),
  textOf(each['application']),
  textOf(each['type']),
  both(each['at'], nowMs),
  both(each['keptUntil'], nowMs),
  textOf(each['verification']),
];

const minutes = (seconds: number): string => `${Math.ceil(seconds / 60)} minutes`;

const deadLines = (dead: Fields, nowMs: number, columns: number): readonly string[] => {
  const [events, count] = [listOf(dead['events']), numberOf(dead['count']) ?? 0];
  const unreadable = numberOf(dead['unreadable']) ?? 0;
  if (events.length === 0 && count === 0) return ['No event is given up.'];
  const head = ['id', 'application', 'type', 'at', 'kept until', 'verification'];
  const rows = events.map((each) => eventRow(each, nowMs));
  return [
    `Given up: about ${Math.max(count, events.length)}.`,
    ...(rows.length === 0 ? [] : table(head, rows, columns)),
    ...(unreadable === 0 ? [] : [`${unreadable} more are no event of this service. They stay: look who sent them.`]),
    ...(dead['isMore'] === true ? ['There are more than these. otp-desk webhooks replay replays all of them.'] : []),
  ];
};

const list: DeskCommand = {
  name: 'webhooks list',
  isDefault: true,
  says: 'Lists the webhooks, and the events that no consumer took.',
  more: ['Events wait for another try for about a day. SQS keeps those that are given up for 14 days.'],
  examples: ['webhooks list'],
  needs: ['GET /v1/webhooks'],
  run: async ({ api, show, columns, now }) => {
    const answer = await api.send('GET', '/v1/webhooks');
    show(answer, () => {
      const { webhooks, waiting, inFlight, oldestSeconds, deadLetters } = fieldsOf(answer);
      const rows = listOf(webhooks).map(webhookRow);
      if (rows.length === 0) return ['The settings have no webhook.'];
      const oldest = numberOf(oldestSeconds);
      return [
        ...table(['application', 'host', 'types', 'given up'], rows, columns),
        '',
        `On their way: ${textOf(waiting)} due, ${textOf(inFlight)} in delivery or waiting for another try.`,
        ...(oldest === undefined ? [] : [`The oldest is ${minutes(oldest)} old.`]),
        '',
        ...deadLines(fieldsOf(deadLetters), now(), columns),
      ];
    });
    return undefined;
  },
};

type Sum = {
  readonly replayed: number;
  readonly withoutWebhook: number;
  readonly unreadable: number;
  readonly missing: readonly string[];
};

/** Calls one after the other that move nothing. Each reads on behind what the calls of the last minute have read. */
const maxIdleCalls = 5;

/** Sends it again while there is more, and it gets on. Ids that are found are not asked for again. */
const replayAll = async (
  { api, progress }: Session,
  { ids, ...body }: { readonly ids: readonly string[]; readonly application?: string; readonly reason: string },
): Promise<Sum & { readonly isMore: boolean }> => {
  let sum: Sum = { replayed: 0, withoutWebhook: 0, unreadable: 0, missing: ids };
  for (let idleCalls = 0; ; ) {
    const wanted = ids.length === 0 ? body : { ids: sum.missing, ...body };
    const answer = fieldsOf(await api.send('POST', '/v1/webhooks/replay', { body: wanted }));
    const replayed = numberOf(answer['replayed']) ?? 0;
    const missing = Array.isArray(answer['missing']) ? answer['missing'].map(textOf) : [];
    sum = {
      replayed: sum.replayed + replayed,
      withoutWebhook: sum.withoutWebhook + (numberOf(answer['withoutWebhook']) ?? 0),
      unreadable: sum.unreadable + (numberOf(answer['unreadable']) ?? 0),
      missing,
    };
    const isFound = ids.length > 0 && missing.length === 0;
    const isMore = answer['isMore'] === true && !isFound;
    idleCalls = replayed === 0 ? idleCalls + 1 : 0;
    if (!isMore || idleCalls === maxIdleCalls) return { ...sum, isMore };
    progress(`${sum.replayed} events are back in the queue.`);
  }
};

const wantedOf = ({ words }: Given, application: string | undefined): string => {
  const whose = application === undefined ? '' : ` of ${application}`;
  if (words.length === 0) return `all events${whose} that no consumer took`;
  return `${words.length === 1 ? `the event ${words[0]}` : `${words.length} events`}${whose}`;
};

const replay: DeskCommand = {
  name: 'webhooks replay',
  takes: [['[id...]', 'of events, as webhooks list shows them; all by default']],
  options: [['--application <name>', 'only events of this application'], reasonOption],
  says: 'Delivers events anew that no consumer took. Each keeps its id, by which consumers drop duplicates.',
  more: ['Mend the consumer first. It may run twice at once, or break off: no event is lost.'],
  examples: [
    'webhooks replay --application web --reason "the consumer is mended"',
    'webhooks replay evt_3Zk1rX0b7uQ2 --reason "asked for by the customer"',
  ],
  needs: ['POST /v1/webhooks/replay'],
  run: async (session, given) => {
    const application = optionOf(given, 'application');
    const reason = await reasonOf(session, given);
    await session.confirm(`Deliver ${wantedOf(given, application)} anew.`);
    const body = { ids: given.words, ...(application === undefined ? {} : { application }), reason };
    const sum = await replayAll(session, body);
    session.show(sum, () => [
      `${sum.replayed} events are back in the queue.`,
      ...(sum.withoutWebhook === 0 ? [] : [`${sum.withoutWebhook} stay: no webhook of the settings asks for them.`]),
      ...(sum.unreadable === 0 ? [] : [`${sum.unreadable} messages are no event, and stay.`]),
      ...(sum.missing.length === 0 ? [] : [`Not found: ${sum.missing.join(', ')}.`]),
      ...(sum.isMore ? ['There may be more. Run it again in a minute.'] : []),
    ]);
    return sum.missing.length === 0 && !sum.isMore ? exits.ok : exits.failed;
  },
};

export const webhooks: readonly DeskCommand[] = [list, replay];
