import { snsReceivers } from './aws/alarm-topic.ts';
import { cloudWatchAlarms, cloudWatchIteratorAge, cloudWatchQueueAge } from './aws/cloudwatch.ts';
import { kmsKeyStates } from './aws/kms/states.ts';
import { lambdaMappingStates } from './aws/lambda.ts';
import { s3LetterCount } from './aws/s3.ts';
import { statusClients } from './aws/status-clients.ts';
import { dynamoBlocks } from './aws/stores/desk/blocks.ts';
import { dynamoFindings } from './aws/stores/desk/findings.ts';
import { deskCounts, dynamoSending } from './aws/stores/desk/status.ts';
import { dynamoHeartbeat } from './aws/stores/traffic/heartbeat.ts';
import { webhookLookInUse } from './aws/webhooks/in-use.ts';
import { knownCapsOf } from './desk/status/known-caps.ts';
import { readStatus } from './desk/status/status.ts';
import { lookAtWebhooks } from './desk/webhooks/look.ts';
import { readEnvironment, readKeys, readPolicy, readStackName, readWebhookQueues } from './env.ts';
import { askWithin } from './http/desk/ask.ts';
import { operatorHandler } from './http/desk/operator.ts';
import { answerStatus } from './http/desk/status.ts';
import { answerWebhooks } from './http/desk/webhooks.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'read-status';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const stackName = readStackName();
const telemetry = telemetryOf(route);
const { cloudWatch, dynamo, kms, lambda, s3, sns } = statusClients();
const tables = { guards: env.GUARDS_TABLE, security: env.SECURITY_TABLE };
const stateOf = lambdaMappingStates(lambda);
const mapping = env.DETECTOR_MAPPING;
/** The function behind the alias: `…:function:name:alias`. */
const detector = env.DETECT_BURSTS_FUNCTION.split(':').at(-2) ?? '';

/** Longer than all tries of a call. A person waits. */
const maxWaitMs = 3000;
const ask = askWithin(maxWaitMs, (cause) => telemetry.watch.dependencyFailed('status', cause));

/** The age is of use, and no more: a CloudWatch that does not answer keeps nobody from the dead letters. */
const ageOf = (queueUrl: string) => {
  const age = cloudWatchQueueAge(cloudWatch, queueUrl.split('/').at(-1) ?? '');
  return async (nowMs: number) => {
    const asked = await ask(() => age(nowMs));
    return asked.kind === 'known' ? asked.fact : undefined;
  };
};

const status = readStatus({
  stackName,
  topic: env.ALARM_TOPIC,
  ask,
  ports: {
    mapping: async () => ({ id: mapping, state: await stateOf(mapping) }),
    heartbeat: dynamoHeartbeat(dynamo, env.TRAFFIC_TABLE).read,
    iteratorAgeMs: cloudWatchIteratorAge(cloudWatch, detector),
    receivers: snsReceivers(sns, env.ALARM_TOPIC),
    alarms: cloudWatchAlarms(cloudWatch, stackName),
    keys: kmsKeyStates(kms, readKeys(env.KEYS), ask),
    letters: s3LetterCount(s3, env.DEAD_LETTER_BUCKET),
    ...dynamoSending(dynamo, tables.guards, knownCapsOf(policy)),
    ...deskCounts(
      dynamoBlocks(dynamo, tables, policy.auditDays),
      dynamoFindings(dynamo, tables.security, policy.auditDays),
    ),
  },
});

const queueUrls = readWebhookQueues();
const look = lookAtWebhooks(
  { queues: webhookLookInUse(queueUrls), oldestSeconds: ageOf(queueUrls?.waiting ?? '') },
  policy.events?.webhooks ?? [],
);

/** Answers whether all is well, in one call, and how webhooks are doing. It changes nothing. */
export const handler = operatorHandler(
  { route, telemetry, endpoint: env.OPERATOR_ENDPOINT, now: Date.now },
  {
    'GET /v1/status': async ({ operator }) => answerStatus(await status(operator.atMs)),
    'GET /v1/webhooks': async ({ operator }) => answerWebhooks(await look(operator.atMs)),
  },
);
