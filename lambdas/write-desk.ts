import { dynamoClient, kmsClient } from './aws/clients.ts';
import { kmsPseudonyms } from './aws/kms/codes.ts';
import { dynamoBlocks } from './aws/stores/desk/blocks.ts';
import { dynamoFindings } from './aws/stores/desk/findings.ts';
import { blockWhat, liftWhat } from './desk/blocks.ts';
import { judgeFinding } from './desk/findings.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { answerBlock, answerFinding, answerLift } from './http/desk/answers.ts';
import { operatorHandler } from './http/desk/operator.ts';
import { readBlockBody, readFindingBody, readLiftBody } from './http/desk/requests.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'write-desk';
const env = readEnvironment(route);
const { auditDays, countries } = readPolicy(import.meta.url);
const served = Object.keys(countries);
const client = dynamoClient();
const ports = {
  blocks: dynamoBlocks(client, { guards: env.GUARDS_TABLE, security: env.SECURITY_TABLE }, auditDays),
  pseudonyms: kmsPseudonyms(kmsClient(), env.PSEUDONYM_KEY),
};
const findings = dynamoFindings(client, env.SECURITY_TABLE, auditDays);
const [block, lift, judge] = [blockWhat(ports), liftWhat(ports), judgeFinding(findings)];

/** Does what operators decide. Each act and its entry in the audit trail are one write. */
export const handler = operatorHandler(
  { route, telemetry: telemetryOf(route), endpoint: env.OPERATOR_ENDPOINT, now: Date.now },
  {
    'PATCH /v1/findings/{id}': async (call) => answerFinding(await judge(readFindingBody(call), call.operator)),
    'POST /v1/blocks': async (call) => answerBlock(await block(readBlockBody(call, served), call.operator)),
    'POST /v1/blocks/lift': async (call) => answerLift(await lift(readLiftBody(call, served), call.operator)),
  },
);
