/** An example of each body and answer of operators. A route without one does not compile. */

import { type OperatorProblemCode, operatorProblems, type ProblemCode } from '../../../../lambdas/contract.ts';
import { problemExample } from '../examples.ts';
import type { OperatorOperation } from './words.ts';

type Named = Readonly<Record<string, unknown>>;
type Examples = { readonly requests: Named; readonly answers: Named };

export const findingId = '5f0c9c6a-2b61-4f0e-9a57-1d9f8a0c7e21';
export const launchId = 'country:IN';
export const exportId = '0b8f3a52-77c4-4d6e-8a10-93f1f2c0d7aa';

const principal = 'arn:aws:sts::111122223333:assumed-role/OtpAnalyst/asha';
const [before, now, later] = ['2026-11-29T03:00:05.000Z', '2026-11-29T03:04:05.000Z', '2026-11-29T04:04:05.000Z'];
const range = { range: '+919876540' };

const finding = {
  id: findingId,
  severity: 'high',
  status: 'new',
  isOpen: true,
  headline:
    'Somebody requests codes for range +91 98765 40xxx and nobody enters them: 33 messages in 4 minutes, usually 0.2 an hour',
  lines: ['So far it cost $1.65, and it costs $24.75 an hour.'],
  level: 'range',
  what: range,
  country: 'IN',
  applications: ['default'],
  rule: 'unverified-burst',
  action: 'block',
  startedAt: before,
  updatedAt: now,
  until: later,
  costUsd: 1.65,
  costUsdPerHour: 24.75,
  refused: 112,
  savedUsd: 5.6,
  children: 0,
  commands: {
    show: `otp-desk --stack OtpService show ${findingId}`,
    acknowledge: `otp-desk --stack OtpService ack ${findingId}`,
    false_positive: `otp-desk --stack OtpService false-positive ${findingId}`,
    lift: 'otp-desk --stack OtpService lift range +919876540 --reason "…"',
    suppress: 'otp-desk --stack OtpService lift range +919876540 --allow 7d --reason "…"',
  },
  evidence: ['33 people requested codes in ten minutes, and none entered one.'],
};

const traffic = {
  byTenMinutes: [{ from: '2026-11-29T03:00:00.000Z', requests: 33, approved: 0, refused: 112 }],
  byTenSeconds: [{ from: '2026-11-29T03:00:00.000Z', requests: 33, approved: 0 }],
};

const block = { level: 'range', what: range, kind: 'block', until: later, reason: 'an attack', by: principal };
const launch = {
  id: launchId,
  what: { country: 'IN' },
  from: before,
  until: later,
  expected: 5000,
  reason: 'a campaign on television',
  author: principal,
};
const stop = { what: { country: 'IN' }, by: principal, reason: 'the carrier is down' };
const estimate = { items: 1200, readUnits: 300, usd: 0.000_037_5 };
const number = '+91••••••3210';
const because = { reason: 'the holder asked for it' };

const portNotice = {
  notedAt: now,
  portedAt: before,
  until: '2026-12-09T03:04:05.000Z',
  reason: 'a list of the carrier',
  by: principal,
};

const action = {
  id: '3469d971-5ec5-4d68-ac8b-8c3ab9bfdd36',
  at: now,
  principal,
  action: 'block',
  about: 'range +919876540',
  reason: 'an attack',
};

const status = {
  state: 'bad',
  checkedAt: now,
  checks: [
    { name: 'detector-listening', state: 'ok', says: 'The stream feeds the detector.' },
    {
      name: 'sending',
      state: 'bad',
      says: `Staff have stopped sending since ${before}: country IN.`,
      todo: 'Send again when the reason is gone: otp-desk --stack OtpService resume country IN --reason "…".',
    },
  ],
  caps: [
    {
      of: 'country',
      name: 'IN',
      hour: { usedUsd: 1.65, capUsd: 50, share: 0.033 },
      day: { usedUsd: 1.65, capUsd: 500, share: 0.003 },
    },
  ],
  blocks: 1,
  restrictions: 0,
  stops: [{ ...stop, at: before }],
  findings: { open: 1, high: 1, critical: 0 },
  receivers: [{ protocol: 'email', endpoint: 'desk@example.com', state: 'confirmed' }],
};

const prices = {
  state: 'drift',
  hasReceipts: true,
  since: '2026-10-30T00:00:00.000Z',
  prices: [
    {
      country: 'IN',
      route: 'end-user-messaging',
      channel: 'sms',
      messages: 1200,
      parts: { estimated: 1200, real: 1200, driftPercent: 0 },
      priceUsd: { estimated: 60, real: 84, driftPercent: 40 },
      state: 'drift',
    },
  ],
  changes: [{ setting: 'countries.IN.priceUsd', now: 0.05, value: 0.07 }],
};

const history = {
  number,
  events: [
    {
      at: before,
      what: 'approved',
      says: 'The right code was entered.',
      country: 'IN',
      purpose: 'login',
      application: 'default',
    },
  ],
  guard: { says: 'SMS of the last day.', sentAt: [before], forgottenAt: '2026-11-30T03:00:05.000Z' },
  reputation: null,
  simSwap: {
    says: 'The provider said that the SIM was swapped.',
    provider: 'aggregator',
    askedAt: now,
    swappedAt: before,
    forgottenAt: '2026-11-29T03:14:05.000Z',
  },
  portNotice,
  blocks: [],
  findings: [],
  counts: { says: 'Items with counts of SMS and codes, by ten minutes and by day.', items: 4 },
  notShown: ['Logs: they hold no number.'],
};

const erasure = {
  order: 'ERASE-2026-0001',
  number,
  isComplete: true,
  says: 'All that is found by the number is erased.',
  erased: {
    guard: 1,
    reputation: 1,
    longerCodes: 0,
    simSwap: 1,
    counts: 4,
    findings: 0,
    notices: 0,
    events: 7,
    namesAtIps: 1,
  },
  again: { after: later, says: 'A request since this call is new data. If there may be any, erase again then.' },
  stays: [],
  remaining: [{ what: 'Notes of refused sends', until: later, how: 'DynamoDB deletes them by TTL.' }],
};

const running = {
  id: exportId,
  state: 'done',
  progress: { share: 1, items: 1200 },
  from: '2026-11-01T00:00:00.000Z',
  to: before,
  reason: 'yearly audit',
  principal: 'arn:aws:sts::111122223333:assumed-role/OtpAuditor/lee',
  startedAt: before,
  finishedAt: now,
  estimate,
  price: { readUnits: 300, usd: 0.000_037_5 },
  counts: { events: 900, findings: 3, actions: 12, histories: 240, unreadable: 0 },
  unreadable: [],
  parts: 2,
  bytes: 240_000,
  bucket: 'otp-exports-111122223333',
  manifest: `${exportId}/manifest.json`,
};

const deadEvent = {
  id: 'evt_3Zk1rX0b7uQ2',
  type: 'verification.approved',
  application: 'web',
  at: '2026-11-29T11:00:00.000Z',
  verification: 'mVQm0xh1pM3yY8mCFgkgqO2QkFgq9m3bHnJb2m2uY7c',
  keptUntil: '2026-12-13T11:00:00.000Z',
};

const webhooks = {
  webhooks: [{ application: 'web', host: 'hooks.example.com', types: ['verification.approved'], deadLetters: 1 }],
  waiting: 0,
  inFlight: 3,
  oldestSeconds: 5400,
  deadLetters: { count: 1, events: [deadEvent], unreadable: 0, isMore: false },
};

export const operatorExamples: Readonly<Record<OperatorOperation, Examples>> = {
  listFindings: { requests: {}, answers: { findings: { findings: [finding] } } },
  showFinding: {
    requests: {},
    answers: { finding: { ...finding, timeline: [{ at: before, text: 'The detector found it.' }], traffic } },
  },
  judgeFinding: {
    requests: { acknowledge: { status: 'acknowledged', note: 'I look at it' } },
    answers: { finding: { ...finding, status: 'acknowledged', note: 'I look at it' } },
  },
  listBlocks: { requests: {}, answers: { blocks: { blocks: [block] } } },
  block: {
    requests: {
      range: { what: { range: '+91 98765 4xxxx' }, reason: 'an attack', forMinutes: 60 },
      country: { what: { country: 'IN' }, reason: 'an attack', until: later },
    },
    answers: { block },
  },
  lift: {
    requests: {
      range: { what: range, reason: 'these are our users', allowMinutes: 60 },
      finding: { what: { finding: findingId }, reason: 'these are our users' },
    },
    answers: { lifted: { allowUntil: later } },
  },
  listLaunches: {
    requests: {},
    answers: { launches: { launches: [{ ...launch, requests: 1200, isExceeded: false }] } },
  },
  announceLaunch: {
    requests: { country: { what: launch.what, reason: launch.reason, forMinutes: 1440, expected: launch.expected } },
    answers: { launch },
  },
  cancelLaunch: { requests: {}, answers: {} },
  stopSending: {
    requests: { country: { what: stop.what, reason: stop.reason }, all: { what: 'all', reason: 'a leak of keys' } },
    answers: { stop: { ...stop, since: now } },
  },
  resumeSending: {
    requests: { country: { what: stop.what, reason: 'the carrier is back' } },
    answers: { resumed: {} },
  },
  listActions: { requests: {}, answers: { actions: { actions: [action] } } },
  listPrices: { requests: {}, answers: { drift: prices } },
  showStatus: { requests: {}, answers: { bad: status } },
  showWebhooks: { requests: {}, answers: { webhooks } },
  replayWebhooks: {
    requests: {
      some: { ids: [deadEvent.id], reason: 'the consumer is mended' },
      application: { application: 'web', reason: 'the consumer is mended' },
    },
    answers: { replayed: { replayed: 1, withoutWebhook: 0, unreadable: 0, missing: [], isMore: false } },
  },
  showNumberHistory: {
    requests: { history: { number: '+919876543210', ...because } },
    answers: { history },
  },
  eraseNumber: {
    requests: { erase: { number: '+919876543210', ...because, order: 'ERASE-2026-0001' } },
    answers: { erased: erasure },
  },
  notePorting: {
    requests: {
      notice: { number: '+919876543210', reason: 'a list of the carrier', portedAt: before },
      short: { number: '+919876543210', reason: 'a list of the carrier', forMinutes: 1440 },
    },
    answers: { notice: { number, ...portNotice } },
  },
  liftPortNotice: {
    requests: { lift: { number: '+919876543210', reason: 'the holder ported it' } },
    answers: { lifted: { number, ...portNotice } },
  },
  startExport: {
    requests: { month: { from: '2026-11-01', to: '2026-11-29', reason: 'yearly audit' } },
    answers: { started: { id: exportId, state: 'running', estimate } },
  },
  showExport: { requests: {}, answers: { done: running } },
};

const details: Readonly<Record<OperatorProblemCode, string>> = {
  'finding-not-found':
    'No finding has this id, or it was deleted after the days that the settings keep findings. List them again.',
  'launch-not-found': 'No launch has this id, or it is over. List them by GET /v1/launches: the id is like country:IN.',
  'stop-not-found': 'No such stop holds. GET /v1/status lists those that do: a stop of all is resumed as all.',
  'port-notice-not-found': 'No porting notice of this number holds. It may have ended, or have been lifted.',
  'port-notices-not-used':
    'No purpose of the settings minds a swapped or ported number, so that a notice would change nothing. Name purposes in numberRisk.purposes.',
  'export-not-found': 'No export has this id, or its files were deleted after seven days. Start a new one.',
  'no-webhooks': 'The settings of this stack have no webhook, so that there is nothing to replay.',
  'export-running': `One export runs at a time, and this is ${exportId}. Wait until it is done, and ask again.`,
};

const isOperators = (code: string): code is OperatorProblemCode => Object.hasOwn(operatorProblems, code);

/** Problems that the client API has as well, in the words of operators. */
const ownDetails: Readonly<Partial<Record<ProblemCode, string>>> = {
  'invalid-request': 'This time is over. Write one to come.',
  'too-many-requests': 'Too many requests at once. Wait a second and try again.',
  unauthorized: 'Sign the request (AWS Signature Version 4), and see that method and path are a route of operators.',
};

export const operatorProblemExample = (code: ProblemCode | OperatorProblemCode) => {
  const base = `http://127.0.0.1:4000/_operator/problems/${code}`;
  const requestId = '3469d971-5ec5-4d68-ac8b-8c3ab9bfdd36';
  if (isOperators(code)) {
    const more = code === 'export-running' ? { running: exportId } : {};
    return { type: base, ...operatorProblems[code], code, requestId, detail: details[code], ...more };
  }
  const { errors: _, limit: __, ...example } = problemExample(code) as Readonly<Record<string, unknown>>;
  return { ...example, type: base, detail: ownDetails[code] ?? example['detail'] };
};
