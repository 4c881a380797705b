/** The words of the API of operators. The facts come from the contract. A route or problem without words does not compile. */

import {
  maxDriftPercent,
  numberLimits,
  type OperatorProblemCode,
  type OperatorRoute,
  operatorRoutes,
  priceDays,
  staffLimits,
} from '../../../../lambdas/contract.ts';

/** The routes by name, as generated clients call them. */
const names = {
  'GET /v1/findings': 'listFindings',
  'GET /v1/findings/{id}': 'showFinding',
  'PATCH /v1/findings/{id}': 'judgeFinding',
  'GET /v1/blocks': 'listBlocks',
  'POST /v1/blocks': 'block',
  'POST /v1/blocks/lift': 'lift',
  'GET /v1/launches': 'listLaunches',
  'POST /v1/launches': 'announceLaunch',
  'DELETE /v1/launches/{id}': 'cancelLaunch',
  'POST /v1/sending/stop': 'stopSending',
  'POST /v1/sending/resume': 'resumeSending',
  'GET /v1/actions': 'listActions',
  'GET /v1/prices': 'listPrices',
  'GET /v1/status': 'showStatus',
  'GET /v1/webhooks': 'showWebhooks',
  'POST /v1/webhooks/replay': 'replayWebhooks',
  'POST /v1/numbers/history': 'showNumberHistory',
  'POST /v1/numbers/erase': 'eraseNumber',
  'POST /v1/numbers/port-notice': 'notePorting',
  'POST /v1/numbers/port-notice/lift': 'liftPortNotice',
  'POST /v1/exports': 'startExport',
  'GET /v1/exports/{id}': 'showExport',
} as const;
export type OperatorOperation = (typeof names)[keyof typeof names];

export type NamedRoute = OperatorRoute & { readonly name: OperatorOperation };

/** The routes of the contract with their names. */
export const namedRoutes: readonly NamedRoute[] = operatorRoutes.map((route) => {
  const [, name] = Object.entries(names).find(([each]) => each === `${route.method} ${route.path}`) ?? [];
  if (name === undefined) throw new Error(`docs/generate/openapi/operators has no words for ${route.path}.`);
  return { ...route, name };
});

/** The tag of the routes of operators. Clients of the service are generated without them. */
export const operatorTag = 'Operators';

type Words = {
  readonly title: string;
  readonly says: string;
  /** Of each field of the body. */
  readonly takes: Readonly<Record<string, string>>;
  readonly answers: string;
};

const reason = 'Why, in 3 to 200 characters. The audit trail keeps it. It names no number and no person.';
const what =
  'One of `country`, `prefix`, `range`, `number` and `ip`. An `x` may stand for each of the last four digits of a range.';
const until = (most: string) =>
  `The end as a time with its zone (RFC 3339), ${most} from now at most. Send it or \`forMinutes\`.`;
const forMinutes = (seconds: number) => `Whole minutes from now, up to ${seconds / 60}. Send them or \`until\`.`;
const days = (seconds: number) => `${seconds / 86_400} days`;
const hours = (seconds: number) => `${seconds / 3600} hours`;
const sending = '`"all"`, or one of `{"application": "web"}` and `{"country": "IN"}`, by the names of the settings.';

const { maxBlockSeconds, maxLiftSeconds, defaultLiftSeconds, maxLaunchSeconds } = staffLimits;
const { defaultPortNoticeSeconds, maxPortNoticeSeconds, maxPortedAgoSeconds } = staffLimits;

export const operatorWords: Readonly<Record<OperatorOperation, Words>> = {
  listFindings: {
    title: 'List findings',
    says: 'Lists findings, the last changed first. A finding that cannot be read holds up no other: `unreadable` counts them.',
    takes: {},
    answers: '`200`. With a `cursor` there is another page.',
  },
  showFinding: {
    title: 'Show a finding',
    says: 'Explains a finding in sentences, with its timeline: the detector, and each act of staff on it.',
    takes: {},
    answers: '`200`.',
  },
  judgeFinding: {
    title: 'Judge a finding',
    says: 'Acknowledges or resolves a finding, or calls it a false positive. No block changes: lift it beside that.',
    takes: {
      status: 'The judgement. The last one counts.',
      note: 'A note for other staff, in 3 to 200 characters. It names no number and no person.',
    },
    answers: '`200`; the body is the finding.',
  },
  listBlocks: {
    title: 'List blocks',
    says: 'Lists the blocks and restrictions that hold now: those of the detector and those of staff. A number and an IP are hidden.',
    takes: {},
    answers: '`200`.',
  },
  block: {
    title: 'Block',
    says: 'Refuses requests for codes from the next one on. It takes the place of any block there, so that a repeat extends or shortens it.',
    takes: {
      what,
      reason,
      until: until(days(maxBlockSeconds)),
      forMinutes: forMinutes(maxBlockSeconds),
    },
    answers: '`201`; the body is the block.',
  },
  lift: {
    title: 'Lift a block',
    says: 'Lifts any block there, and keeps the detector from writing another for a while. Nothing to lift is no error.',
    takes: {
      what: 'One of `country`, `prefix`, `range`, `number`, `ip` and `finding`. The last is an id: the group of that finding is lifted.',
      reason,
      allowMinutes: `How long the detector writes no block there: up to ${maxLiftSeconds / 60} minutes, which is ${days(maxLiftSeconds)}. Default: ${defaultLiftSeconds / 60}.`,
    },
    answers: '`200`.',
  },
  listLaunches: {
    title: 'List launches',
    says: 'Lists the launches that are announced, with the requests that were counted so far.',
    takes: {},
    answers: '`200`.',
  },
  announceLaunch: {
    title: 'Announce a launch',
    says: 'Announces a burst of your own. Numbers of requests alone are then no evidence. Wrong codes and missing conversion count as always, and caps hold.',
    takes: {
      what: '`country` or `prefix`.',
      reason,
      until: until(hours(maxLaunchSeconds)),
      forMinutes: forMinutes(maxLaunchSeconds),
      expected: 'Requests in total that you expect. An alarm goes off when there are three times as many.',
    },
    answers: '`201`; the body is the launch. It takes the place of an earlier one of the same `id`.',
  },
  cancelLaunch: {
    title: 'Cancel a launch',
    says: 'Ends a launch before its time.',
    takes: {},
    answers: '`204` without a body.',
  },
  stopSending: {
    title: 'Stop sending',
    says: 'Stops sending from the next request on, trusted numbers included. It holds until somebody resumes. Codes that are out can be checked.',
    takes: { what: sending, reason },
    answers: '`200`; the body is the stop.',
  },
  resumeSending: {
    title: 'Resume sending',
    says: 'Ends a stop. A stop of all is resumed as all: each stop ends by its own name.',
    takes: { what: sending, reason },
    answers: '`200` with an empty object.',
  },
  listActions: {
    title: 'List actions of operators',
    says: 'Lists the acts of operators, the newest first: the principal, the time, the act and its reason. None names a number or an IP.',
    takes: {},
    answers: '`200`. With a `cursor` there is another page.',
  },
  listPrices: {
    title: 'List prices',
    says: 'Compares the price and the parts of messages, as receipts say, with those that the caps counted: by country and route, over whole days (UTC).',
    takes: {},
    answers: `\`200\`. \`changes\` are the settings to change, if prices are over ${maxDriftPercent}% apart. Sums are kept for ${priceDays.kept} days; without \`since\`, the last ${priceDays.shown} are shown.`,
  },
  showStatus: {
    title: 'Show the status',
    says: 'Answers whether all is well: the detector, the stream, alarms, caps, keys, stops, blocks and findings. A part that did not answer is `unknown`.',
    takes: {},
    answers: '`200`, also when `state` is `bad`. Facts that are not known are left out.',
  },
  showWebhooks: {
    title: 'Show webhooks',
    says: 'Shows the webhooks, the events on their way, and up to 50 events that no consumer took. Of a URL it shows the host alone.',
    takes: {},
    answers: '`200`. Without webhooks in the settings, all of it is empty.',
  },
  replayWebhooks: {
    title: 'Replay events of webhooks',
    says: 'Puts events that no consumer took back into the queue. Each is delivered anew under its old id, by which consumers drop duplicates.',
    takes: {
      ids: 'Ids of events, 50 at most. Without them, all.',
      application: 'Events of this application alone.',
      reason,
    },
    answers:
      '`200`. If `isMore` is true, send it again: one call moves some hundred events. If you sent `ids`, send those that are `missing`.',
  },
  showNumberHistory: {
    title: 'Show the history of a number',
    says: `Shows the data that the service keeps of a number. Each reading is an act in the audit trail. All operators together may read ${numberLimits.historiesPerHour} histories an hour.`,
    takes: {
      number: 'The number, international with a leading `+`, in any usual spelling.',
      reason,
      cursor: 'The `cursor` of the page before.',
    },
    answers: '`200`. The number is masked. The first page has the state of the number as well.',
  },
  eraseNumber: {
    title: 'Erase a number',
    says: `Erases the data of a number, and says which data is still to end, and when. All operators together may erase ${numberLimits.erasesPerHour} numbers an hour.`,
    takes: {
      number: 'The number, international with a leading `+`, in any usual spelling.',
      reason,
      order: 'Your order number of the erasure, such as `ERASE-2026-0001`. Without it, the service draws one.',
    },
    answers: '`200`. If `isComplete` is false, send it again with the same `order`, and it goes on.',
  },
  notePorting: {
    title: 'Note a porting',
    says: 'Notes that a carrier says that a number was ported. Until the notice ends, purposes that mind treat the number as they treat a swapped SIM. A notice that holds longer stays: nothing but a lift makes one shorter.',
    takes: {
      number: 'The number, international with a leading `+`, in any usual spelling.',
      reason,
      portedAt: `The day or time of the porting, at most ${days(maxPortedAgoSeconds)} ago. Left out, the proof has the time of the notice.`,
      until: `The end as a time with its zone (RFC 3339), ${days(maxPortNoticeSeconds)} from now at most. Default: ${days(defaultPortNoticeSeconds)} from now.`,
      forMinutes: `In place of \`until\`: whole minutes from now, up to ${maxPortNoticeSeconds / 60}.`,
    },
    answers: '`200`; the body is the notice that holds.',
  },
  liftPortNotice: {
    title: 'Lift a porting notice',
    says: 'Ends the porting notice of a number from the next request on. It lowers a defense, so that an alarm tells others of it.',
    takes: { number: 'The number, international with a leading `+`, in any usual spelling.', reason },
    answers: '`200`; the body is the notice that was lifted.',
  },
  startExport: {
    title: 'Start an export',
    says: 'Starts an export of the events, findings and actions of a time. It states its price beforehand. One export runs at a time.',
    takes: {
      from: 'The first time of the export: a day, or a time with its zone (RFC 3339).',
      to: 'The time before which it ends, written alike. It is not in the future.',
      reason,
    },
    answers: '`202`, with `Location`: ask there for its state.',
  },
  showExport: {
    title: 'Show an export',
    says: 'Shows how far an export is. When it is done, `manifest` is the key of its manifest in the bucket.',
    takes: {},
    answers: '`200`.',
  },
};

export const queryWords: Readonly<Record<string, string>> = {
  status: 'The status of the findings: `open` (the default), `closed`, or a status itself.',
  severity: 'The severity of the findings.',
  since: 'A day, or a time with its zone (RFC 3339): nothing older is listed.',
  cursor: 'The `cursor` of the page before.',
};

type ProblemWords = {
  readonly from: readonly OperatorOperation[];
  readonly when: string;
  readonly remedy: string;
};

export const operatorProblemWords: Readonly<Record<OperatorProblemCode, ProblemWords>> = {
  'finding-not-found': {
    from: ['showFinding', 'judgeFinding', 'lift'],
    when: 'No finding has this id, or it was deleted after the days that the settings keep findings.',
    remedy: 'List the findings again.',
  },
  'launch-not-found': {
    from: ['cancelLaunch'],
    when: 'No launch has this id, or it is over.',
    remedy: 'List the launches. An id is like `country:IN` or `prefix:919876`.',
  },
  'stop-not-found': {
    from: ['resumeSending'],
    when: 'No stop of this name holds. A stop of a country does not end with one of all.',
    remedy: 'Ask for the status, which lists the stops that hold.',
  },
  'port-notice-not-found': {
    from: ['liftPortNotice'],
    when: 'No porting notice of the number holds. It may have ended, or have been lifted.',
    remedy: 'None is needed. The list of actions shows who lifted one.',
  },
  'port-notices-not-used': {
    from: ['notePorting', 'liftPortNotice'],
    when: 'No purpose of the settings minds a swapped or ported number, so that a notice would change nothing.',
    remedy: 'Name purposes in `numberRisk.purposes`, and deploy. Until then, block the number if it has to be refused.',
  },
  'export-not-found': {
    from: ['showExport'],
    when: 'No export has this id, or its files were deleted after seven days.',
    remedy: 'Start a new one.',
  },
  'no-webhooks': {
    from: ['replayWebhooks'],
    when: 'The settings have no webhook.',
    remedy: 'Name a webhook in the settings, and deploy.',
  },
  'export-running': {
    from: ['startExport'],
    when: 'Another export is running. `running` has its id.',
    remedy: 'Ask for its state until it is done, and start yours then.',
  },
};
