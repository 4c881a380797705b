import * as v from 'valibot';
import { operatorProblems } from '../../contract.ts';
import { timeText as time } from '../../desk/times.ts';
import type { WebhookState } from '../../desk/webhooks/look.ts';
import type { Replayed, ReplayRequest } from '../../desk/webhooks/replay.ts';
import { optional, readBody } from '../body.ts';
import { invalidRequest } from '../invalid.ts';
import type { Reply } from '../problem.ts';
import type { OperatorCall } from './operator.ts';
import { reason } from './requests.ts';

/** As many as a list shows. */
const maxIds = 50;
const idsSentence = `Write 1 to ${maxIds} ids of events as a list of strings, such as ["evt_x1"], or leave it out for all.`;

export const replayWebhooksBody = v.strictObject({
  ids: optional(
    v.pipe(
      v.array(v.pipe(v.string(idsSentence), v.regex(/^[\w-]{1,100}$/, idsSentence)), idsSentence),
      v.minLength(1, idsSentence),
      v.maxLength(maxIds, idsSentence),
    ),
  ),
  application: optional(v.string('Write the application as a string, such as "web".')),
  reason,
});

/**
 * @param applications that the settings name. One without a webhook of today may have dead letters of before.
 * @throws Refused that says which field is wrong, and what to write.
 */
export const readReplayWebhooksBody = (call: OperatorCall, applications: readonly string[]): ReplayRequest => {
  const request = readBody(call, replayWebhooksBody);
  const { application } = request;
  if (application === undefined || applications.includes(application)) return request;
  const detail = `The settings have no such application. Write one of ${applications.join(', ')}.`;
  throw invalidRequest([{ pointer: '/application', detail }]);
};

export const answerWebhooks = ({
  webhooks,
  counts,
  oldestSeconds,
  events,
  unreadable,
  isMore,
}: WebhookState): Reply => ({
  status: 200,
  body: {
    webhooks,
    waiting: counts.waiting,
    inFlight: counts.inFlight,
    ...(oldestSeconds === undefined ? {} : { oldestSeconds }),
    deadLetters: {
      count: counts.deadLetters,
      events: events.map(({ verification, keptUntilMs, ...event }) => ({
        ...event,
        ...(verification === undefined ? {} : { verification }),
        keptUntil: time(keptUntilMs),
      })),
      unreadable,
      isMore,
    },
  },
});

/** @param replayed undefined if the settings have no webhook. */
export const answerReplayed = (replayed: Replayed | undefined): Reply =>
  replayed === undefined ? noWebhooks : { status: 200, body: replayed };

const code = 'no-webhooks';
const { status, title } = operatorProblems[code];
const detail = 'The settings of this stack have no webhook, so that there is nothing to replay.';
const noWebhooks: Reply = {
  status,
  code,
  contentType: 'application/problem+json',
  body: { title, status, detail, code },
};
