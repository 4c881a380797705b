import { randomBytes } from 'node:crypto';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { dynamoClient, kmsClient } from './aws/clients.ts';
import { kmsManifestSigner } from './aws/kms/manifest.ts';
import { lambdaContinuation } from './aws/lambda.ts';
import { lambdaClient, s3Client } from './aws/sdk-clients.ts';
import { s3ExportFiles } from './aws/stores/exports/files.ts';
import { dynamoScan } from './aws/stores/exports/scan.ts';
import { dynamoExports } from './aws/stores/exports/store.ts';
import type { ContinueEvent } from './contract.ts';
import { showExport, startExport } from './desk/exports/order.ts';
import { replaySettingsOf } from './desk/exports/settings.ts';
import { workOn } from './desk/exports/work.ts';
import { readEnvironment, readFunctionName, readPolicy, readStackName } from './env.ts';
import { answerExport, answerStarted, readExportBody, readExportId } from './http/desk/exports.ts';
import { operatorHandler } from './http/desk/operator.ts';
import { exportTelemetryOf, telemetryOf } from './telemetry.ts';

const route = 'export-events';
const env = readEnvironment(route);
const policy = readPolicy(import.meta.url);
const client = dynamoClient();
const tables = { security: env.SECURITY_TABLE, traffic: env.TRAFFIC_TABLE, guards: env.GUARDS_TABLE };
const store = dynamoExports(client, tables, policy.auditDays);
const telemetry = exportTelemetryOf(route);
/** Seconds in which Lambda takes an event. */
const continuation = lambdaContinuation(lambdaClient(1), readFunctionName());
const goOn = (id: string) => continuation({ continueExport: id });
const ports = {
  store,
  goOn,
  settings: replaySettingsOf(policy),
  randomSecret: () => randomBytes(32),
  notCalled: telemetry.failed,
};
const [start, show] = [startExport(ports), showExport(ports)];

const answer = operatorHandler(
  { route, telemetry: telemetryOf(route), endpoint: env.OPERATOR_ENDPOINT, now: Date.now },
  {
    'POST /v1/exports': async (call) => answerStarted(await start(readExportBody(call), call.operator)),
    'GET /v1/exports/{id}': async (call) => {
      const id = readExportId(call);
      const found = id === undefined ? undefined : await show(id, call.operator.atMs);
      return answerExport(found, env.EXPORT_BUCKET);
    },
  },
);

const work = workOn({
  store,
  scan: dynamoScan(client, tables),
  files: s3ExportFiles(s3Client(), env.EXPORT_BUCKET),
  signer: kmsManifestSigner(kmsClient(), env.EXPORT_SIGNING_KEY),
  stack: readStackName(),
  now: Date.now,
});

/** Works until the export is done or the time is up. An error makes Lambda repeat the invocation. */
const goOnWith = async (id: string, { awsRequestId, getRemainingTimeInMillis }: Context): Promise<void> => {
  try {
    const outcome = await work(id, { holder: awsRequestId, remainingMs: () => getRemainingTimeInMillis() });
    if (outcome === 'more') await goOn(id);
    telemetry.worked(outcome, id);
  } catch (cause) {
    telemetry.failed(cause);
    throw cause;
  }
};

/** Answers the routes of exports, and makes them in invocations of its own. */
export const handler = async (event: APIGatewayProxyEvent | ContinueEvent, context: Context) =>
  'continueExport' in event ? await goOnWith(event.continueExport, context) : await answer(event, context);
