import { dynamoClient, kmsClient } from './aws/clients.ts';
import { kmsPseudonyms } from './aws/kms/codes.ts';
import { dynamoBlocks } from './aws/stores/desk/blocks.ts';
import { dynamoFindings } from './aws/stores/desk/findings.ts';
import { dynamoLaunchDesk } from './aws/stores/desk/launches.ts';
import { dynamoNumberActs } from './aws/stores/desk/number-acts.ts';
import { dynamoPortNotices } from './aws/stores/desk/port-notices.ts';
import { dynamoStopDesk } from './aws/stores/desk/stops.ts';
import { webhookReplayInUse } from './aws/webhooks/in-use.ts';
import { blockWhat, liftWhat } from './desk/blocks.ts';
import { judgeFinding } from './desk/findings.ts';
import { announceLaunch, cancelLaunch, readLaunchId } from './desk/launches.ts';
import { arePortNoticesUsed, liftPortNotice, notePorting } from './desk/numbers/port-notice.ts';
import { resumeSending, stopSending } from './desk/stops.ts';
import { replayWebhooks } from './desk/webhooks/replay.ts';
import { readEnvironment, readPolicy, readWebhookQueues } from './env.ts';
import {
  answerBlock,
  answerCanceled,
  answerFinding,
  answerLaunch,
  answerLift,
  answerResumed,
  answerStop,
} from './http/desk/answers.ts';
import { operatorHandler } from './http/desk/operator.ts';
import {
  answerLiftedNotice,
  answerPortNotice,
  noticesNotUsed,
  readPortNoticeBody,
  readPortNoticeLift,
} from './http/desk/port-notices.ts';
import {
  readBlockBody,
  readFindingBody,
  readLaunchBody,
  readLiftBody,
  readResumeBody,
  readSendingBody,
} from './http/desk/requests.ts';
import { answerReplayed, readReplayWebhooksBody } from './http/desk/webhooks.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'write-desk';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const { auditDays, countries, applications, events } = policy;
const served = Object.keys(countries);
const known = { countries: served, applications: Object.keys(applications) };
const client = dynamoClient();
const tables = { guards: env.GUARDS_TABLE, security: env.SECURITY_TABLE };
const findings = dynamoFindings(client, env.SECURITY_TABLE, auditDays);
const launches = dynamoLaunchDesk(client, env.SECURITY_TABLE, auditDays);
const stops = dynamoStopDesk(client, tables, auditDays);
const ports = {
  blocks: dynamoBlocks(client, tables, auditDays),
  keyOf: async (uid: string) => (await findings.one(uid))?.known.key,
  pseudonyms: kmsPseudonyms(kmsClient(), env.PSEUDONYM_KEY),
};
const [block, lift, judge] = [blockWhat(ports), liftWhat(ports), judgeFinding(findings)];
const [announce, cancel] = [announceLaunch(launches), cancelLaunch(launches)];
const [stop, resume] = [stopSending(stops), resumeSending(stops)];
const notices = { notices: dynamoPortNotices(client, tables, auditDays), pseudonyms: ports.pseudonyms };
const [notePort, liftPort] = [notePorting(notices), liftPortNotice(notices)];
const usesNotices = arePortNoticesUsed(policy);
const queues = webhookReplayInUse(readWebhookQueues());
const { note } = dynamoNumberActs(client, env.SECURITY_TABLE, auditDays);
const replay = queues && replayWebhooks({ queues, note, now: Date.now }, events?.webhooks ?? []);

/** Does what operators decide. Each act and its entry in the audit trail are one write. */
export const handler = operatorHandler(
  { route, telemetry: telemetryOf(route), endpoint: env.OPERATOR_ENDPOINT, now: Date.now },
  {
    'PATCH /v1/findings/{id}': async (call) => answerFinding(await judge(readFindingBody(call), call.operator)),
    'POST /v1/blocks': async (call) => answerBlock(await block(readBlockBody(call, served), call.operator)),
    'POST /v1/blocks/lift': async (call) => answerLift(await lift(readLiftBody(call, served), call.operator)),
    'POST /v1/launches': async (call) => answerLaunch(await announce(readLaunchBody(call, served), call.operator)),
    'DELETE /v1/launches/{id}': async ({ id, operator }) => {
      const name = readLaunchId(id);
      return answerCanceled(name !== undefined && (await cancel(name, operator)));
    },
    'POST /v1/sending/stop': async (call) => answerStop(await stop(readSendingBody(call, known), call.operator)),
    'POST /v1/sending/resume': async (call) => answerResumed(await resume(readResumeBody(call), call.operator)),
    'POST /v1/numbers/port-notice': async (call) => {
      const request = readPortNoticeBody(call, served);
      return usesNotices ? answerPortNotice(await notePort(request, call.operator)) : noticesNotUsed;
    },
    'POST /v1/numbers/port-notice/lift': async (call) => {
      const request = readPortNoticeLift(call);
      return usesNotices ? answerLiftedNotice(await liftPort(request, call.operator)) : noticesNotUsed;
    },
    'POST /v1/webhooks/replay': async (call) =>
      answerReplayed(await replay?.(readReplayWebhooksBody(call, known.applications), call.operator)),
  },
);
