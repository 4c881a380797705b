import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { lambdaClient, s3Client } from './aws/clients.ts';
import { lambdaDetector } from './aws/lambda.ts';
import { s3LetterNames } from './aws/s3.ts';
import { type Replayed, replayDeadLetters as replay } from './bursts/replay.ts';
import { deadLetterPrefix, functions } from './contract.ts';
import { readEnvironment } from './env.ts';
import { replayTelemetryOf } from './telemetry.ts';

const route = 'replay-dead-letters';
const env = readEnvironment(route);
const telemetry = replayTelemetryOf(route);
const { timeoutSeconds } = functions['detect-bursts'];
const letters = s3LetterNames(s3Client(), env.DEAD_LETTER_BUCKET);
const count = lambdaDetector(lambdaClient(timeoutSeconds), env.DETECT_BURSTS_FUNCTION);
/** The time of one more call of the detector, and of the answer. */
const reserveMs = (timeoutSeconds + 30) * 1000;

/** No unknown fields, so that a mistyped `dryRun` does not start a replay. */
const wanted = v.strictObject({
  prefix: v.optional(v.pipe(v.string(), v.startsWith(deadLetterPrefix)), deadLetterPrefix),
  dryRun: v.optional(v.boolean(), false),
});
const refusal = `Write {} to replay all dead letters, {"prefix":"${deadLetterPrefix}…"} to replay some, or {"dryRun":true} to count them.`;

/** Replays dead letters of the detector, as many as there is time for. Staff call it by hand. */
export const handler = async (
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<Replayed | { readonly refused: string }> => {
  const { success, output } = v.safeParse(wanted, event);
  if (!success) return { refused: refusal };
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  const answer = await replay({ ...letters, count, hasTime, failed: telemetry.failed })(output);
  const { replayed, records, failed, left } = answer;
  if (!output.dryRun) telemetry.replayed({ replayed, records, failed: failed.length, left });
  return answer;
};
