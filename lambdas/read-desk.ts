import { dynamoClient } from './aws/clients.ts';
import { dynamoActionTrail } from './aws/stores/desk/actions.ts';
import { dynamoBlocks } from './aws/stores/desk/blocks.ts';
import { dynamoFindings } from './aws/stores/desk/findings.ts';
import { dynamoLaunchDesk } from './aws/stores/desk/launches.ts';
import { countsFrom } from './aws/stores/traffic/counters.ts';
import { dynamoPriceBook } from './aws/stores/traffic/prices.ts';
import { listFindings, showFinding } from './desk/findings.ts';
import { reportPrices } from './desk/prices/report.ts';
import { readEnvironment, readPolicy } from './env.ts';
import { answerActions, answerBlocks, answerFinding, answerFindings, answerLaunches } from './http/desk/answers.ts';
import { operatorHandler } from './http/desk/operator.ts';
import { answerPrices } from './http/desk/prices.ts';
import { readCursor, readFindingFilter, readSince } from './http/desk/requests.ts';
import { telemetryOf } from './telemetry.ts';

const route = 'read-desk';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const { auditDays } = policy;
const client = dynamoClient();
const findings = dynamoFindings(client, env.SECURITY_TABLE, auditDays);
const blocks = dynamoBlocks(client, { guards: env.GUARDS_TABLE, security: env.SECURITY_TABLE }, auditDays);
const launches = dynamoLaunchDesk(client, env.SECURITY_TABLE, auditDays);
const trail = dynamoActionTrail(client, env.SECURITY_TABLE);
const prices = reportPrices(dynamoPriceBook(client, env.TRAFFIC_TABLE), policy);
const [list, show] = [
  listFindings(findings),
  showFinding({
    ...findings,
    countsFrom: (key, timeBucket) => countsFrom(client, env.TRAFFIC_TABLE, key, timeBucket),
  }),
];

/** Shows operators what is found, what holds, and what they did. It changes nothing. */
export const handler = operatorHandler(
  { route, telemetry: telemetryOf(route), endpoint: env.OPERATOR_ENDPOINT, now: Date.now },
  {
    'GET /v1/findings': async (call) =>
      answerFindings(await list(readFindingFilter(call), readCursor(call.query['cursor'], /^\d{15}\.[\w-]{1,64}$/))),
    'GET /v1/findings/{id}': async ({ id, operator }) => {
      const found = await show(id, operator.atMs);
      return answerFinding(found?.shown, found);
    },
    'GET /v1/blocks': async ({ operator }) => answerBlocks(await blocks.held(operator.atMs)),
    'GET /v1/launches': async ({ operator }) => answerLaunches(await launches.all(), operator.atMs),
    'GET /v1/actions': async ({ query }) =>
      answerActions(
        await trail.page(readSince(query['since']), readCursor(query['cursor'], /^[\w:.-]{24}#[\w-]{1,64}$/)),
      ),
    'GET /v1/prices': async ({ query, operator }) =>
      answerPrices(await prices(readSince(query['since']), operator.atMs)),
  },
);
