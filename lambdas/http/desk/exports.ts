import * as v from 'valibot';
import { operatorProblems } from '../../contract.ts';
import type { Export, ExportRequest, Started } from '../../desk/exports/export.ts';
import { isRunning, itemsOf, manifestKeyOf, shareOf, usdOf } from '../../desk/exports/order.ts';
import { readDayOrTime, timeText as time } from '../../desk/times.ts';
import { readBody } from '../body.ts';
import { invalidRequest } from '../invalid.ts';
import type { Reply } from '../problem.ts';
import { notFound } from './answers.ts';
import type { OperatorCall } from './operator.ts';
import { reason } from './requests.ts';

const timeSentence = 'Write a day or a time (RFC 3339), such as "2026-12-01" or "2026-12-01T06:00:00Z".';

const instant = v.pipe(v.string(timeSentence), v.transform(readDayOrTime), v.number(timeSentence));

export const exportBody = v.strictObject({ from: instant, to: instant, reason });

/** @throws Refused that says which field is wrong, and what to write. */
export const readExportBody = (call: OperatorCall): ExportRequest => {
  const { from: fromMs, to: toMs, ...rest } = readBody(call, exportBody);
  if (toMs > call.operator.atMs) throw invalidRequest([{ pointer: '/to', detail: inTheFuture }]);
  if (fromMs >= toMs) throw invalidRequest([{ pointer: '/from', detail: notBefore }]);
  return { ...rest, fromMs, toMs };
};

/** `undefined` for an id that no export has. A longer one than DynamoDB takes would be an error. */
export const readExportId = ({ id }: Pick<OperatorCall, 'id'>): string | undefined =>
  /^[\w-]{1,64}$/.test(id) ? id : undefined;

const inTheFuture = 'An export holds what has happened. Write a time that is not in the future.';
const notBefore = 'Nothing lies between these times. Write a time before that of to.';

const priceOf = (readUnits: number) => ({ readUnits, usd: usdOf(readUnits) });

const estimateOf = ({ estimate: { items, readUnits } }: Export) => ({ items, ...priceOf(readUnits) });

export const answerStarted = (started: Started): Reply => {
  if (started.kind === 'started') {
    const { id } = started.export;
    return {
      status: 202,
      location: `/v1/exports/${id}`,
      body: { id, state: 'running', estimate: estimateOf(started.export) },
    };
  }
  const { status, title } = operatorProblems['export-running'];
  const { id: running } = started;
  const detail = `One export runs at a time, and this is ${running}. Wait until it is done, and ask again.`;
  return {
    status,
    code: 'export-running',
    contentType: 'application/problem+json',
    body: { title, status, detail, code: 'export-running', running },
  };
};

export const answerExport = (found: Export | undefined, bucket: string): Reply =>
  found === undefined ? exportNotFound : { status: 200, body: exportBodyOf(found, bucket) };

const exportBodyOf = (found: Export, bucket: string) => {
  const { id, phase, tally, fromMs, toMs, reason: because, principal, startedMs, finishedMs, parts, bytes } = found;
  return {
    id,
    state: isRunning(found) ? 'running' : phase,
    progress: { share: shareOf(found), items: itemsOf(tally) },
    from: time(fromMs),
    to: time(toMs),
    reason: because,
    principal,
    startedAt: time(startedMs),
    ...(finishedMs === undefined ? {} : { finishedAt: time(finishedMs) }),
    estimate: estimateOf(found),
    price: priceOf(tally.readUnits),
    counts: {
      ...{ events: tally.event, findings: tally.finding, actions: tally.action },
      ...{ histories: tally.history, unreadable: tally.unreadable },
    },
    unreadable: tally.named,
    parts,
    bytes,
    bucket,
    ...(phase === 'done' ? { manifest: manifestKeyOf(id) } : {}),
    ...(found.why === undefined ? {} : { why: found.why }),
  };
};

const exportNotFound = notFound(
  'export-not-found',
  'No export has this id, or its files were deleted after seven days. Start a new one.',
);
