/** What the page on the architecture says of the items, beside their keys and attributes: words only. */

import { type guardsAttributes, keptDays, maxListed } from '../../lambdas/aws/tables/guards.ts';
import { riskCacheSeconds } from '../../lambdas/aws/tables/number-risk.ts';
import type { securityAttributes } from '../../lambdas/aws/tables/security/attributes.ts';
import { openDays } from '../../lambdas/aws/tables/security/cases.ts';
import { outboxDays } from '../../lambdas/aws/tables/security/outbox.ts';
import {
  campaignDays,
  historyDays,
  keptHours,
  lastDays,
  rungDays,
  type trafficAttributes,
} from '../../lambdas/aws/tables/traffic.ts';
import { refusalLifetimeSeconds, type verificationsAttributes } from '../../lambdas/aws/tables/verifications.ts';
import { exportFacts, priceDays } from '../../lambdas/contract.ts';

export type ItemWords<Attribute extends string = string> = {
  /** What the item is. */
  readonly is: string;
  /** What follows the item kind in its partition key; all of the key if the kind says nothing. */
  readonly pk?: string;
  /** The same of the sort key. */
  readonly sk?: string;
  /** What an attribute is, if its name does not say it. */
  readonly notes?: Readonly<Partial<Record<Attribute, string>>>;
  readonly writtenBy?: string;
  readonly readBy?: string;
  /** From when on DynamoDB may delete it. */
  readonly expires: string;
};

type WordsOf<Attributes extends Readonly<Record<string, readonly string[]>>> = {
  readonly [Kind in keyof Attributes]: ItemWords<Attributes[Kind][number]>;
};

const numerals = ['no', 'one', 'two', 'three', 'four'];
const count = (value: number, unit: string): string => `${numerals[value] ?? value} ${unit}${value === 1 ? '' : 's'}`;
const days = (value: number): string => count(value, 'day');
const hours = (value: number): string => count(value, 'hour');

const hash = 'keyed hash';
const sendPath = 'request, resend';
const inTransaction = `${sendPath}: in the transaction`;
const beside = `${sendPath}: beside the transaction`;

export const verificationsWords: WordsOf<typeof verificationsAttributes> = {
  record: {
    is: 'record of a verification',
    pk: 'SHA-256 of the verification id',
    writtenBy: 'request; then check, resend and cancel',
    readBy: 'get, resend; detect-bursts by the stream',
    notes: { code: 'MAC', sealed: 'ciphertext', guesses: 'MACs', superseded: 'MACs', ip: hash, phoneKey: hash },
    expires: 'the longest life of the verification, and then of a proof',
  },
  refusal: {
    is: 'refused send',
    pk: '160 random bits',
    notes: { ip: hash, phoneKey: hash },
    writtenBy: 'request, resend',
    readBy: 'detect-bursts by the stream',
    expires: `${hours(refusalLifetimeSeconds / 3600)} after the refusal`,
  },
  receipt: {
    is: 'what became of the last message of a verification, if the settings ask for receipts',
    pk: 'key of the record',
    notes: {
      weight: 'of what it says: the heavier of two receipts stays',
      toldAt: 'the time of the event',
      pricedSend: 'the send whose price is counted',
    },
    writtenBy: 'note-receipts',
    readBy: 'get, resend; check, if the settings ask for feedback',
    expires: 'the longest life of a verification, and then of a proof, after the SMS',
  },
  message: {
    is: 'the record of a message, for receipts that name nothing else',
    pk: 'message id of AWS',
    notes: { verification: 'key of the record', estimate: 'USD' },
    writtenBy: 'request and resend, or note-receipts, if the settings ask for it',
    readBy: 'note-receipts',
    expires: 'the longest life of a verification, and then of a proof, after the SMS',
  },
};

const lastTurn = 'the last of the lane that is counted or left out';
const leftOutTurns = 'a set of lanes and turns that failed before they counted here';

export const guardsWords: WordsOf<typeof guardsAttributes> = {
  guard: {
    is: 'guard of a number',
    pk: 'number',
    notes: {
      sends: 'SMS within a day: time, 12 characters of the key of the record, and `p` if a pair asked for it',
    },
    writtenBy: inTransaction,
    readBy: sendPath,
    expires: `${days(keptDays.guard)} after the last SMS`,
  },
  reputation: {
    is: 'reputation of a number',
    pk: 'number',
    notes: {
      approved: `approvals within a day, in the form of \`sends\`, ${maxListed.approved} at most`,
      wrong: `wrong guesses within a day, in the same form, ${maxListed.wrong} at most`,
      pairs: `networks of the last approvals: time, 12 characters of the keyed hash, ${maxListed.pairs} at most`,
      verifiedAt: 'the last',
    },
    writtenBy: 'detect-bursts',
    readBy: `${sendPath}, detect-bursts`,
    expires: `${days(keptDays.trusted)} after the last success, or ${days(keptDays.guessed)} after the last guess, whichever is later`,
  },
  ip: {
    is: 'rate, countries and askers of an IP',
    pk: 'IP',
    notes: {
      tat: 'before it was trusted',
      trustedTat: 'since',
      refusedTat: 'of its refusals that are noted',
      'countries{yyyymmdd}': 'a set of countries per day',
      'askers{yyyymmdd}': `a set of unverified numbers per day, ${maxListed.askers} at most`,
    },
    writtenBy: beside,
    readBy: sendPath,
    expires: `${days(keptDays.ip)} after the window of the last SMS`,
  },
  'ip-reputation': {
    is: 'reputation of an IP',
    pk: 'IP',
    notes: {
      verifiers: `shortened keyed hashes of numbers, ${maxListed.verifiers} at most`,
      'verifiers{yyyymmdd}': `those of a day beyond them, ${maxListed.verifiersPerDay} at most`,
    },
    writtenBy: 'detect-bursts',
    readBy: sendPath,
    expires: `${days(keptDays['ip-reputation'])} after the last success`,
  },
  spent: {
    is: 'money of a day, and SMS of a low-volume country or of Notify',
    pk: '`total`, country, or `application#` and its name, `#`, day; of a shard of `total` `#` and its number more',
    notes: {
      sentCount: 'of a country',
      notifyCount: 'of `total`: messages of a Basic account of Notify',
      'left{hh}': 'of a shard: of its leases, which count as spent in `total`',
    },
    writtenBy: beside,
    readBy: sendPath,
    expires: `${days(keptDays.spent)} after the last SMS`,
  },
  verified: {
    is: 'verifications of a country and day',
    pk: 'country, `#`, day',
    notes: { 'turn {lane}': lastTurn, leftOut: leftOutTurns },
    writtenBy: 'detect-bursts: with the counts of Traffic, up to ten times the limit',
    readBy: sendPath,
    expires: `${days(keptDays.verified)} after the last verification`,
  },
  network: {
    is: 'probe of a network',
    pk: 'network',
    notes: { probedAt: 'the last' },
    writtenBy: 'request: before the transaction',
    readBy: sendPath,
    expires: `${days(keptDays.network)} after the last probe`,
  },
  block: {
    is: 'block',
    pk: 'level, `#`, group',
    notes: {
      finding: 'of the detector: uid of the case',
      restriction: 'if it restricts',
      probeIntervalMs: 'of the detector: one probe passes in this time',
      probedAt: 'the last',
      liftedUntil: 'once staff lifted it',
    },
    writtenBy: 'detect-bursts: with its finding; staff, by hand; request: `probedAt`',
    readBy: `${sendPath}, detect-bursts`,
    expires: 'when the block ends',
  },
  idempotency: {
    is: 'idempotency key',
    pk: 'application and key',
    notes: { body: hash, isSettled: 'after `Publish`' },
    writtenBy: 'request: in the transaction',
    readBy: 'request',
    expires: 'with the longest life of its verification',
  },
  test: {
    is: 'uses of test numbers',
    pk: 'first number, `-`, last number',
    writtenBy: 'request',
    readBy: "the write's condition",
    expires: 'with the entry of the settings',
  },
  stop: {
    is: 'stops of sending, one item',
    notes: {
      all: 'a map of a time `at`, `by` and `reason`, if all sending is stopped',
      'application#{name}': 'the same for an application',
      'country#{CC}': 'the same for a country',
    },
    writtenBy: 'staff',
    readBy: `${sendPath}, detect-bursts`,
    expires: 'never: it holds until staff resume',
  },
  'sim-swap': {
    is: 'answer about the SIM of a number, if the settings ask providers',
    pk: 'number',
    notes: {
      kind: '`clean`, `swapped` or `unknown`',
      provider: 'its name in the settings',
      swappedAt: 'of a swap, if the provider tells it',
      reason: 'of `unknown`',
    },
    writtenBy: sendPath,
    readBy: `${sendPath}, read-number-history`,
    expires: `${riskCacheSeconds / 60} minutes after the answer`,
  },
  'port-notice': {
    is: 'notice of a carrier that a number was ported',
    pk: 'number',
    notes: { portedAt: 'if the carrier told it' },
    writtenBy: 'write-desk',
    readBy: `${sendPath}, read-number-history`,
    expires: 'when the notice ends',
  },
  'export-key': {
    is: 'key of the pseudonyms of one export, which is deleted at its end',
    pk: 'id of the export',
    writtenBy: 'export-events',
    readBy: 'export-events',
    expires: `${days(exportFacts.keptDays + 1)} after the start`,
  },
};

const group = 'level, `#`, group';
const kept = hours(keptHours);

export const trafficWords: WordsOf<typeof trafficAttributes> = {
  bucket: {
    is: 'time bucket: counts of ten minutes',
    pk: group,
    sk: 'ten digits',
    notes: {
      's{0…59}': 'people, by ten seconds',
      'v{0…59}': 'of those verified',
      insisting: 'people with a second SMS who have not verified',
      'u{0…15}': 'not verified, by slot of range or prefix',
      'w{0…31}': 'wrong codes, by slot of network',
      ips: 'a set of numbers from 0 to 63',
      applications: 'a set of names of the settings',
      turn: lastTurn,
      leftOut: leftOutTurns,
    },
    expires: `${kept} after its end`,
  },
  history: {
    is: 'history',
    pk: group,
    notes: {
      timeBucket: 'the last one rolled up',
      history: 'JSON, because DynamoDB cannot hold numbers that small',
    },
    expires: `${days(historyDays)} after that time bucket`,
  },
  last: {
    is: 'last block and last notification',
    pk: group,
    expires: `${days(lastDays)} after the end of the block`,
  },
  parts: {
    is: 'blocked parts of a country or a prefix',
    pk: group,
    notes: { 'of {slot}': 'when a prefix, or a range, of that slot was restricted' },
    expires: `${days(lastDays)} after the last block`,
  },
  running: { is: 'start of the detector', notes: { since: 'time of the first event' }, expires: 'never' },
  heartbeat: {
    is: 'heartbeat of the detector',
    notes: {
      sweptAt: 'the last sweep',
      mapping: 'state of the event source mapping, by the word of Lambda; `Missing`; `Unknown`',
      batchAt: 'when the lateness was measured',
      latenessMs: 'from the change of a record to the end of its batch: the worst of about a minute',
    },
    writtenBy: 'detect-bursts: once a minute, and after batches',
    expires: 'never',
  },
  campaign: {
    is: 'memory of a campaign',
    notes: { cases: 'time, country and uid of high and critical cases' },
    expires: `${days(campaignDays)} after the last case`,
  },
  rung: {
    is: 'last reminder of stops',
    notes: { rungOf: 'the stops, by name and time', isPending: 'whether nobody noted that it was sent' },
    expires: `${days(rungDays)} after it`,
  },
  price: {
    is: 'prices of a day, a country and a route',
    sk: 'day, country and route',
    notes: {
      messages: 'those whose receipts have a price',
      estimated: 'micro-USD that the caps counted',
      real: 'micro-USD by receipts',
      partsOf: 'messages whose parts are known',
    },
    writtenBy: 'note-receipts, if the settings ask for it',
    readBy: 'read-desk',
    expires: `${days(priceDays.kept)} after the day`,
  },
};

export const securityWords: WordsOf<typeof securityAttributes> = {
  finding: {
    is: 'case, with its finding',
    sk: 'uid of the case',
    notes: { finding: 'OCSF JSON of the last notification' },
    expires: "`bursts.findingDays` after the block's end or the last notification",
  },
  open: { is: 'open case', sk: 'uid of the case', expires: `${days(openDays)} after the end of its block` },
  outbox: {
    is: 'pending notification',
    sk: 'time, uid and version',
    notes: { alarmSeverity: 'of the metric to raise', isLogged: 'log and metric have it' },
    expires: `${days(outboxDays)} after the finding`,
  },
  action: {
    is: 'action of an operator',
    sk: 'time (ISO 8601), `#`, id of the request',
    notes: {
      principal: 'ARN',
      about: 'in words',
      finding: 'uid, if it was about one',
      order: 'number of an erasure',
      level: 'of a block, a lift or a launch',
      of: 'group, no number and no IP',
      until: 'its end',
      expected: 'of a launch',
    },
    expires: '`bursts.auditDays` after the action',
  },
  'staff-block': {
    is: 'block of staff, for their list',
    sk: 'level, `#`, group or keyed hash',
    expires: 'with the block',
  },
  export: {
    is: 'state of an export',
    sk: 'its id',
    notes: {
      places: 'how far each reader has come',
      tally: 'what was read',
      run: 'grows with each invocation',
      settings: 'of the detector, for a replay',
    },
    expires: `${days(exportFacts.keptDays + 1)} after the start`,
  },
  'export-part': {
    is: 'file of an export',
    sk: 'id of the export, `#`, name of the file, `#`, run',
    expires: `${days(exportFacts.keptDays + 1)} after the start of the export`,
  },
  'export-lock': {
    is: 'the export that runs',
    sk: '`lock`',
    expires: `${days(exportFacts.keptDays + 1)} after the start of the export`,
  },
  phone: {
    is: 'audit event of a number',
    pk: 'number',
    sk: 'time (ISO 8601), `#`, id of the stream record',
    notes: {
      ip: hash,
      reason: 'of refusals',
      limit: 'of refusals',
      verification: 'of others',
      batch: 'id of its first event',
      place: 'in the batch',
      records: 'of the batch',
      streamAt: 'how far the stream was read',
      counted: 'if it was',
      lane: 'in which it is counted, if plainly',
      turn: 'of that lane',
    },
    expires: '`bursts.auditDays` after the event',
  },
  launch: {
    is: 'launch that staff announced',
    sk: 'level, `#`, country or prefix',
    notes: {
      country: 'of a prefix',
      expected: 'requests in total',
      requests: 'since its beginning, as of the last sweep',
      rolledUp: 'those of older time buckets',
      exceededAt: 'when they were found to be too many',
    },
    expires: 'at its end',
  },
};
