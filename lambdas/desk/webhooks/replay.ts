import { type WebhookPolicy, webhookFor } from '../../policy.ts';
import { type Action, actionOf, type Operator } from '../actions.ts';
import { type DeadEvent, type DeadLetter, readDeadEvent } from './dead-events.ts';
import type { WebhookReplay } from './ports.ts';

/** Of one call. Longer work would outlast the function. */
const maxReplayed = 500;
const maxRead = 1000;
const maxMs = 10_000;
/** Longer than a call takes, so that a call after it finds what lies behind. */
const hiddenSeconds = 60;

export type ReplayRequest = {
  /** Of events; all of them by default. */
  readonly ids?: readonly string[] | undefined;
  readonly application?: string | undefined;
  readonly reason: string;
};

export type Replayed = {
  /** Events that are back in the queue. */
  readonly replayed: number;
  /** Events that were asked for, and that no webhook of the settings asks for. They stay. */
  readonly withoutWebhook: number;
  /** Dead letters that are no event, and stay. */
  readonly unreadable: number;
  /** Ids that were asked for and not found. If there is more, a further call may find them. */
  readonly missing: readonly string[];
  /** Whether there may be more to replay: call again. */
  readonly isMore: boolean;
};

export type ReplayPorts = {
  readonly queues: WebhookReplay;
  /** Writes the action. Of a repeat of the same request it is there already. */
  readonly note: (action: Action) => Promise<void>;
  readonly now: () => number;
};

/**
 * Moves dead letters back to the queue, from which they are delivered anew, under the same event id.
 *
 * A letter is deleted after the queue has taken its event. A call that ends in between leaves both, and the consumer drops the
 * second one by its id. The action is noted first: nothing moves without it. An event that no webhook asks for stays. The function
 * would give it up again at once, and a replay would meet it again and again.
 */
export const replayWebhooks =
  ({ queues, note, now }: ReplayPorts, webhooks: readonly WebhookPolicy[]) =>
  async (request: ReplayRequest, operator: Operator): Promise<Replayed> => {
    const { reason } = request;
    await note(actionOf(operator, 'replay-webhooks', { about: aboutOf(request), reason }));
    const endMs = now() + maxMs;
    const sum = { moved: 0, read: 0, refused: 0, withoutWebhook: 0, unreadable: 0, kept: [] as DeadLetter[] };
    const found = new Set<string>();
    const hasRoom = () => sum.moved < maxReplayed && sum.read < maxRead && now() < endMs;
    let isEmpty = false;
    while (!isEmpty && hasRoom() && !isFound(request, found)) {
      const letters = await queues.receive(hiddenSeconds);
      isEmpty = letters.length === 0;
      const { wanted, unasked, others, unreadable } = sorted(letters, request, webhooks);
      const moved = await move(queues, wanted);
      for (const { event } of [...moved, ...unasked]) found.add(event.id);
      sum.moved += moved.length;
      sum.read += letters.length;
      sum.withoutWebhook += unasked.length;
      sum.unreadable += unreadable;
      sum.kept.push(...others);
      sum.refused += wanted.length - moved.length;
    }
    const isMore = sum.refused > 0 || (!isEmpty && !isFound(request, found));
    // If there is more, a further call has to find what lies behind these: they come back by themselves.
    if (!isMore) await queues.show(sum.kept);
    const missing = (request.ids ?? []).filter((id) => !found.has(id));
    const { moved: replayed, withoutWebhook, unreadable } = sum;
    return { replayed, withoutWebhook, unreadable, missing, isMore };
  };

/** Of ids, there is an end before the queue's: an event has one letter, as a rule. */
const isFound = ({ ids }: ReplayRequest, found: ReadonlySet<string>): boolean =>
  ids?.every((id) => found.has(id)) === true;

type Read = { readonly letter: DeadLetter; readonly event: DeadEvent; readonly json: string };

const sorted = (
  letters: readonly DeadLetter[],
  { ids, application }: ReplayRequest,
  webhooks: readonly WebhookPolicy[],
) => {
  const hasWebhook = ({ event }: Read) => webhookFor(webhooks, event) !== undefined;
  const isWanted = ({ event }: Read) =>
    (ids === undefined || ids.includes(event.id)) && (application === undefined || application === event.application);
  const read = letters.flatMap((letter): readonly Read[] => {
    const found = readDeadEvent(letter.body);
    return found === undefined ? [] : [{ letter, ...found }];
  });
  const wanted = read.filter((each) => isWanted(each) && hasWebhook(each));
  return {
    wanted,
    unasked: read.filter((each) => isWanted(each) && !hasWebhook(each)),
    others: letters.filter((letter) => !wanted.some((each) => each.letter === letter)),
    unreadable: letters.length - read.length,
  };
};

/** @returns those that are back in the queue. The others stay hidden for their time. */
const move = async (queues: WebhookReplay, wanted: readonly Read[]): Promise<readonly Read[]> => {
  if (wanted.length === 0) return [];
  const taken = await queues.send(wanted.map(({ json, event: { application } }) => ({ json, application })));
  const moved = wanted.filter((_, at) => taken.includes(at));
  await queues.remove(moved.map(({ letter }) => letter));
  return moved;
};

const aboutOf = ({ ids, application }: ReplayRequest): string => {
  const whose = application === undefined ? 'webhooks' : `the webhook of ${application}`;
  if (ids === undefined) return `all dead letters of ${whose}`;
  return ids.length === 1 ? `event ${ids[0]} of ${whose}` : `${ids.length} events of ${whose}`;
};
