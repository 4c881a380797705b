import type { Context } from 'aws-lambda';
import * as v from 'valibot';
import { lambdaClient, s3Client } from './aws/clients.ts';
import { lambdaDetector } from './aws/lambda.ts';
import { s3DeadLetters } from './aws/s3.ts';
import { type Replayed, replayDeadLetters as replay } from './bursts/replay.ts';
import { deadLetterPrefix, functions } from './contract.ts';
import { readEnvironment } from './env.ts';
import { replayTelemetryOf } from './telemetry.ts';

const route = 'replay-dead-letters';
const env = readEnvironment(route);
const telemetry = replayTelemetryOf(route);
const { timeoutSeconds } = functions['detect-bursts'];
const letters = s3DeadLetters(s3Client(), env.DEAD_LETTER_BUCKET);
const count = lambdaDetector(lambdaClient(timeoutSeconds), env.DETECT_BURSTS_FUNCTION);
/** What the last call of the detector may take, and what there is to do after it. */
const reserveMs = (timeoutSeconds + 30) * 1000;

/** Nothing unknown: who mistypes `dryRun` must not set off a replay. */
const wanted = v.strictObject({
  prefix: v.optional(v.pipe(v.string(), v.startsWith(deadLetterPrefix)), deadLetterPrefix),
  dryRun: v.optional(v.boolean(), false),
});
const refusal = `Write {}, or {"prefix":"${deadLetterPrefix}…"} for some of the letters, or {"dryRun":true} to look only.`;

/** Replays the dead letters of the detector, by hand: as many as there is time for. */
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
