/** The answers to operators as JSON Schema. The suites hold every answer of local mode against them. */

import type { JsonSchema } from '@valibot/to-json-schema';
import { levels } from '../../../../lambdas/bursts/counts/keys.ts';
import { operatorProblems, problems } from '../../../../lambdas/contract.ts';
import { actionNames } from '../../../../lambdas/desk/actions.ts';
import { findingVerdicts } from '../../../../lambdas/desk/findings.ts';
import { checkNames } from '../../../../lambdas/desk/status/check.ts';
import { channels, ruleNames, rulesWithoutMode } from '../../../../lambdas/policy.ts';
import { schemas } from '../schemas.ts';
import { What } from './bodies.ts';
import type { OperatorOperation } from './words.ts';

const text = (description: string): JsonSchema => ({ type: 'string', description });
const time = (description: string): JsonSchema => ({ type: 'string', format: 'date-time', description });
const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });
const usd = (description: string): JsonSchema => ({ type: 'number', description: `${description} In USD.` });
const flag = (description: string): JsonSchema => ({ type: 'boolean', description });
const list = (items: JsonSchema, description: string): JsonSchema => ({ type: 'array', description, items });
const oneOf = (values: readonly string[], description: string): JsonSchema => ({
  type: 'string',
  enum: [...values],
  description,
});
const refTo = (name: string): JsonSchema => ({ $ref: `#/components/schemas/${name}` });

/** All properties but the optional ones are always there. */
const object = (properties: Readonly<Record<string, JsonSchema>>, optional: readonly string[] = []): JsonSchema => ({
  type: 'object',
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const reason = text('The reason, as staff wrote it.');
const cursor = text('Send it for the next page. The last page has none.');
const unreadable = count('Stored ones that cannot be read. Without them it is left out.');

const severities = ['low', 'medium', 'high', 'critical'] as const;
const statuses = ['new', ...findingVerdicts, 'lifted', 'over'] as const;
const hidden: JsonSchema = { type: 'string', const: 'hidden' };

const group: JsonSchema = {
  description: 'The group. A number and an IP are hidden.',
  oneOf: [
    object({ country: text('ISO 3166-1 code.') }),
    object({ prefix: text('The calling code and the digits behind it.') }),
    object({ range: text('A number without its last four digits.') }),
    object({ number: hidden }),
    object({ ip: hidden }),
  ],
};

const finding = {
  id: text('The name of the finding.'),
  severity: oneOf(severities, 'How grave it is.'),
  status: oneOf(statuses, 'The judgement of staff, or how it ended.'),
  isOpen: flag('Whether it is still going on.'),
  headline: text('The event in a sentence.'),
  lines: list({ type: 'string' }, 'Cost, people who are refused, its end, and the next steps, in sentences.'),
  level: oneOf(levels, 'The kind of the group.'),
  what: refTo('Group'),
  country: text('ISO 3166-1 code of the country of the group.'),
  applications: list({ type: 'string' }, 'Names of the applications that were called.'),
  rule: oneOf([...ruleNames, ...rulesWithoutMode], 'The rule of the detector.'),
  action: oneOf(['block', 'restrict', 'longer-codes', 'none'], 'The act of the detector.'),
  startedAt: time('The detector found it then.'),
  updatedAt: time('It changed then for the last time.'),
  until: time('The act of the detector ends then, if it finds nothing more.'),
  costUsd: usd('The cost of its SMS so far.'),
  costUsdPerHour: usd('The cost of an hour at its present rate.'),
  refused: count('SMS that were refused because of it.'),
  savedUsd: usd('The cost of the SMS that were refused.'),
  note: text('The note of staff.'),
  parent: text('The finding that this one is part of.'),
  children: count('Findings that are part of this one.'),
  commands: object(
    {
      show: text('Shows it.'),
      acknowledge: text('Acknowledges it.'),
      false_positive: text('Calls it a false positive.'),
      lift: text('Lifts its block.'),
      suppress: text('Keeps the detector from any block there for a week.'),
      launch: text('Announces it as a launch.'),
    },
    ['launch'],
  ),
  evidence: list({ type: 'string' }, 'The numbers behind it, in sentences.'),
};
const sometimes = ['what', 'note', 'parent'];

const counted = {
  from: time('Its start.'),
  requests: count('Requests that got a code.'),
  approved: count('Codes that were entered, at the time of their request.'),
};
const traffic: JsonSchema = {
  ...object({
    byTenMinutes: list(
      object({ ...counted, refused: count('Requests that were refused.') }),
      'The last two hours, the oldest first. Empty ones are there as well.',
    ),
    byTenSeconds: list(
      object({ ...counted, requests: count('People who asked for the first time.') }),
      'The last ten to twenty minutes, the oldest first. Empty ones are left out.',
    ),
  }),
  description: 'The traffic of the group, as the detector counts it. A group without counts of its own has none.',
};

const block = object(
  {
    level: oneOf(levels, 'The kind of the group.'),
    what: refTo('Group'),
    kind: oneOf(['block', 'restriction'], 'A restriction spares trusted IPs.'),
    until: time('Its end.'),
    reason,
    by: text('`burst-detector`, or the ARN of the principal.'),
    finding: text('The finding that led to it.'),
  },
  ['what', 'finding'],
);

const launch = {
  id: text('The name of the launch, such as `country:IN`.'),
  what: refTo('Group'),
  from: time('Its start.'),
  until: time('Its end.'),
  expected: count('Requests in total that staff expect.'),
  reason,
  author: text('ARN of the principal.'),
};

const stopped: JsonSchema = {
  description: '`all`, an application or a country.',
  oneOf: [
    { type: 'string', const: 'all' },
    object({ application: text('Its name in the settings.') }),
    object({ country: text('ISO 3166-1 code.') }),
  ],
};

const action = object(
  {
    id: text('The id of the request, which its log line has as well.'),
    at: time('The time of the act.'),
    principal: text('ARN of the IAM principal.'),
    action: oneOf(actionNames, 'The act.'),
    about: text('Its object in words. Never a number or an IP.'),
    reason,
    until: time('The end of a block, of a time without blocks, or of a launch.'),
    finding: text('The finding that it was about.'),
    order: text('The order number of an erasure.'),
  },
  ['until', 'finding', 'order'],
);

const use = object({
  usedUsd: usd('Used so far.'),
  capUsd: usd('The cap.'),
  share: { type: 'number', description: 'The share that is used.' },
});

const status = object(
  {
    state: oneOf(['ok', 'bad'], '`ok` if each check is.'),
    checkedAt: time('The time of the checks.'),
    checks: list(
      object(
        {
          name: oneOf(checkNames, 'The check.'),
          state: oneOf(['ok', 'bad', 'unknown'], '`unknown` if a part did not answer.'),
          says: text('The finding of the check in a sentence.'),
          todo: text('The next step, with a command.'),
        },
        ['todo'],
      ),
      'All checks, in a fixed order.',
    ),
    caps: list(
      object(
        { of: oneOf(['total', 'country', 'application'], 'Its scope.'), name: text('Its name.'), hour: use, day: use },
        ['name'],
      ),
      'The caps that are used most.',
    ),
    blocks: count('Blocks that hold.'),
    restrictions: count('Restrictions that hold.'),
    stops: list(
      object({ what: stopped, at: time('Its start.'), by: text('The principal.'), reason }),
      'Stops that hold.',
    ),
    findings: object({ open: count('Open findings.'), high: count('Of them.'), critical: count('Of them.') }),
    receivers: list(
      object(
        {
          protocol: text('The protocol of the subscription.'),
          endpoint: text('Its endpoint, unless it may be secret.'),
          state: oneOf(['confirmed', 'pending', 'deleted'], 'Whether its holder has confirmed it.'),
        },
        ['endpoint'],
      ),
      'Subscriptions of the topic of alarms.',
    ),
  },
  ['caps', 'blocks', 'restrictions', 'stops', 'findings', 'receivers'],
);

const driftPercent: JsonSchema = {
  type: 'number',
  description: 'The real one is so much above the estimate, in percent.',
};
const prices = object(
  {
    state: oneOf(['ok', 'drift'], '`drift` if a setting is to be changed.'),
    hasReceipts: flag('Whether the settings ask for receipts. Without them there are no prices.'),
    since: time('The beginning of the first day.'),
    prices: list(
      object(
        {
          country: text('ISO 3166-1 code.'),
          route: text('The name of the route in the settings.'),
          channel: oneOf(channels, 'SMS or calls.'),
          messages: count('Messages whose receipts have a price.'),
          parts: object({ estimated: count('Parts by the caps.'), real: count('Parts by receipts.'), driftPercent }),
          priceUsd: object({ estimated: usd('By the caps.'), real: usd('By receipts.'), driftPercent }),
          state: oneOf(
            ['ok', 'drift', 'known', 'few'],
            '`known`: the settings of now already say what is right. `few`: too few messages to say so.',
          ),
        },
        ['parts'],
      ),
      'By country and route, the dearest first.',
    ),
    changes: list(
      object({
        setting: text('The setting by its path, such as `countries.IN.priceUsd`.'),
        now: { type: 'number', description: 'Its value of now.' },
        value: { type: 'number', description: 'The value to write.' },
      }),
      'Settings to change.',
    ),
    unreadable,
  },
  ['unreadable'],
);

const orNull = (schema: JsonSchema): JsonSchema => ({ anyOf: [schema, { type: 'null' }] });
const portNotice = {
  notedAt: time('Staff noted it then.'),
  portedAt: time('The time of the porting, if the carrier told it.'),
  until: time('Its end.'),
  reason,
  by: text('ARN of the IAM principal.'),
};
const numberBlock = object({
  what: oneOf(['block', 'lift', 'longer-codes', 'port-notice'], 'Its kind.'),
  until: time('Its end.'),
  reason,
  by: text('`burst-detector`, or the ARN of the principal.'),
});
const maskedNumber = text('The number with its last four digits at most.');
const says = text('The same in a sentence.');

const history = object(
  {
    number: maskedNumber,
    events: list(
      object(
        {
          at: time('The time of the event.'),
          what: oneOf(
            ['started', 'unsent', 'unconfirmed', 'resent', 'approved', 'wrong', 'canceled', 'refused', 'at-risk'],
            'The event.',
          ),
          says,
          reason: text('The reason of a refusal.'),
          limit: text('The limit that refused.'),
          country: text('ISO 3166-1 code.'),
          purpose: text('The purpose of the request.'),
          application: text('The application that called.'),
        },
        ['reason', 'limit'],
      ),
      'Events, the newest first.',
    ),
    cursor,
    guard: orNull(
      object({ says, sentAt: list({ type: 'string', format: 'date-time' }, 'SMS.'), forgottenAt: time('Its end.') }),
    ),
    reputation: orNull(
      object(
        {
          says,
          verifiedAt: time('The last right code.'),
          approvedAt: list({ type: 'string', format: 'date-time' }, 'Right codes.'),
          wrongAt: list({ type: 'string', format: 'date-time' }, 'Wrong codes.'),
          networks: count('Networks from which the number has verified.'),
          forgottenAt: time('Its end.'),
        },
        ['verifiedAt'],
      ),
    ),
    simSwap: orNull(
      object(
        {
          says,
          provider: text('The name of the provider in the settings.'),
          askedAt: time('The provider was asked then.'),
          swappedAt: time('The SIM was swapped then.'),
          reason: text('The reason why nothing is known.'),
          forgottenAt: time('Its end.'),
        },
        ['swappedAt', 'reason'],
      ),
    ),
    portNotice: orNull(object(portNotice, ['portedAt'])),
    blocks: list(numberBlock, 'Blocks, lifts and longer codes at the number.'),
    findings: list(
      object({
        id: text('The name of the finding.'),
        rule: text('The rule of the detector.'),
        severity: oneOf(severities, 'How grave it is.'),
        startedAt: time('The detector found it then.'),
        updatedAt: time('It changed then for the last time.'),
      }),
      'Findings about the number.',
    ),
    counts: object({ says, items: count('Items.') }),
    notShown: list({ type: 'string' }, 'Data that this answer does not have, in sentences.'),
  },
  ['cursor', 'guard', 'reputation', 'simSwap', 'portNotice', 'blocks', 'findings', 'counts', 'notShown'],
);

const erasure = object({
  order: text('The order number. The audit trail has it.'),
  number: maskedNumber,
  isComplete: flag('Whether all is erased that is found by the number.'),
  says,
  erased: {
    type: 'object',
    description: 'Items that this call deleted, by kind.',
    additionalProperties: { type: 'integer', minimum: 0 },
  },
  again: object({ after: time('Events of a verification that is under way have come by then.'), says }),
  stays: list(numberBlock, 'Blocks and porting notices of staff, which an erasure leaves.'),
  remaining: list(
    object({ what: text('The data.'), until: time('Its end.'), how: text('The way it ends.') }, ['until']),
    'Data that is still to end.',
  ),
});

const price = {
  readUnits: { type: 'number', description: 'Read units of DynamoDB.' } as JsonSchema,
  usd: usd('Their price.'),
};
const estimate = object({ items: count('Items of the table.'), ...price });

const exportStarted = object({
  id: text('The name of the export.'),
  state: oneOf(['running'], 'It has begun.'),
  estimate,
});

const webhooks = object(
  {
    webhooks: list(
      object({
        application: text('The application of the settings.'),
        host: text('The host of its URL.'),
        types: list({ type: 'string' }, 'The types of events that it gets.'),
        deadLetters: count('Events among those listed that it did not take.'),
      }),
      'Those of the settings.',
    ),
    waiting: count('Events that can be delivered now. SQS counts approximately.'),
    inFlight: count('Events that are being delivered, or that wait for another try.'),
    oldestSeconds: count('Age of the oldest event on its way, as far as CloudWatch knows it.'),
    deadLetters: object({
      count: count('Events that no consumer took. SQS counts approximately.'),
      events: list(
        object(
          {
            id: text('The id of the event. It stays the same on each delivery.'),
            type: text('The type of the event.'),
            application: text('The application of the verification.'),
            verification: text('The key of the verification. A refused request has none.'),
            at: time('The time of the event.'),
            keptUntil: time('SQS deletes it then.'),
          },
          ['verification'],
        ),
        'The oldest first; 50 at most.',
      ),
      unreadable: count('Messages among those read that are no event.'),
      isMore: flag('Whether there are more than the list has.'),
    }),
  },
  ['oldestSeconds'],
);

const webhooksReplayed = object({
  replayed: count('Events that are back in the queue.'),
  withoutWebhook: count('Events that no webhook of the settings asks for. They stay.'),
  unreadable: count('Messages that are no event. They stay.'),
  missing: list({ type: 'string' }, 'Ids that were sent and not found. If there is more, the next call may find them.'),
  isMore: flag('Whether there may be more: send it again.'),
});

const exported = object(
  {
    id: text('The name of the export.'),
    state: oneOf(['running', 'done', 'failed'], 'How far it is.'),
    progress: object({
      share: { type: 'number', minimum: 0, maximum: 1, description: 'The share of the table that is read.' },
      items: count('Items that are read.'),
    }),
    from: time('The first time of the export.'),
    to: time('The time before which it ends.'),
    reason,
    principal: text('ARN of the IAM principal.'),
    startedAt: time('Its start.'),
    finishedAt: time('The last item was read then.'),
    estimate,
    price: object(price),
    counts: object({
      events: count('Lines.'),
      findings: count('Lines.'),
      actions: count('Lines.'),
      histories: count('Lines.'),
      unreadable: count('Items that cannot be read.'),
    }),
    unreadable: list({ type: 'string' }, 'The first items that cannot be read, each with the fault.'),
    parts: count('Files.'),
    bytes: count('Their size.'),
    bucket: text('The bucket.'),
    manifest: text('The key of the manifest in the bucket.'),
    why: text('The reason of a failure.'),
  },
  ['finishedAt', 'manifest', 'why'],
);

const { Problem } = schemas;

export const operatorSchemas: Readonly<Record<string, JsonSchema>> = {
  What,
  Group: group,
  Finding: object(finding, sometimes),
  FindingWithTimeline: object(
    {
      ...finding,
      timeline: list(object({ at: time('The time of the event.'), text: text('The event.') }), 'The oldest first.'),
      traffic,
    },
    [...sometimes, 'traffic'],
  ),
  Findings: object({ findings: list(refTo('Finding'), 'The last changed first.'), unreadable, cursor }, [
    'unreadable',
    'cursor',
  ]),
  Block: block,
  Blocks: object({ blocks: list(refTo('Block'), 'The last to end first.') }),
  Lifted: object({ allowUntil: time('Until then the detector writes no block there.') }),
  Launch: object(launch),
  Launches: object(
    {
      launches: list(
        object({
          ...launch,
          requests: count('Requests so far.'),
          isExceeded: flag('Whether there were three times as many as expected.'),
        }),
        'Launches that are not over.',
      ),
      unreadable,
    },
    ['unreadable'],
  ),
  Stop: object({ what: stopped, since: time('Its start.'), by: text('ARN of the IAM principal.'), reason }),
  Resumed: { type: 'object', description: 'An empty object.' },
  Actions: object({ actions: list(action, 'The newest first.'), cursor }, ['cursor']),
  Prices: prices,
  Status: status,
  Webhooks: webhooks,
  WebhooksReplayed: webhooksReplayed,
  NumberHistory: history,
  Erasure: erasure,
  PortNotice: object({ number: maskedNumber, ...portNotice }, ['portedAt']),
  ExportStarted: exportStarted,
  Export: exported,
  OperatorProblemCode: { type: 'string', enum: [...Object.keys(problems), ...Object.keys(operatorProblems)] },
  OperatorProblem: {
    ...Problem,
    properties: {
      ...Problem.properties,
      code: {
        description: 'The stable name of the problem. A later version may have more: go by `status` then.',
        anyOf: [refTo('OperatorProblemCode'), { type: 'string' }],
      },
      running: text('The id of the export that is running.'),
    },
  },
};

export const successes: Readonly<
  Record<OperatorOperation, { readonly status: number; readonly schema?: keyof typeof operatorSchemas }>
> = {
  listFindings: { status: 200, schema: 'Findings' },
  showFinding: { status: 200, schema: 'FindingWithTimeline' },
  judgeFinding: { status: 200, schema: 'Finding' },
  listBlocks: { status: 200, schema: 'Blocks' },
  block: { status: 201, schema: 'Block' },
  lift: { status: 200, schema: 'Lifted' },
  listLaunches: { status: 200, schema: 'Launches' },
  announceLaunch: { status: 201, schema: 'Launch' },
  cancelLaunch: { status: 204 },
  stopSending: { status: 200, schema: 'Stop' },
  resumeSending: { status: 200, schema: 'Resumed' },
  listActions: { status: 200, schema: 'Actions' },
  listPrices: { status: 200, schema: 'Prices' },
  showStatus: { status: 200, schema: 'Status' },
  showWebhooks: { status: 200, schema: 'Webhooks' },
  replayWebhooks: { status: 200, schema: 'WebhooksReplayed' },
  showNumberHistory: { status: 200, schema: 'NumberHistory' },
  eraseNumber: { status: 200, schema: 'Erasure' },
  notePorting: { status: 200, schema: 'PortNotice' },
  liftPortNotice: { status: 200, schema: 'PortNotice' },
  startExport: { status: 202, schema: 'ExportStarted' },
  showExport: { status: 200, schema: 'Export' },
};
