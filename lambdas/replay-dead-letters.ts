import type { Context } from 'aws-lambda';
import { lambdaDetector } from './aws/lambda.ts';
import { s3LetterNames } from './aws/s3.ts';
import { lambdaClient, s3Client } from './aws/sdk-clients.ts';
import { type Replayed, replayDeadLetters as replay } from './bursts/replay.ts';
import { functions } from './contract.ts';
import { readEnvironment } from './env.ts';
import { readReplay, replayRefusal } from './stream/replay.ts';
import { replayTelemetryOf } from './telemetry.ts';

const route = 'replay-dead-letters';
const env = readEnvironment(route);
const telemetry = replayTelemetryOf(route);
const { timeoutSeconds } = functions['detect-bursts'];
const letters = s3LetterNames(s3Client(), env.DEAD_LETTER_BUCKET);
const count = lambdaDetector(lambdaClient(timeoutSeconds), env.DETECT_BURSTS_FUNCTION);
/** The time of one more call of the detector, and of the answer. */
const reserveMs = (timeoutSeconds + 30) * 1000;

/** Replays dead letters of the detector, as many as there is time for. Staff call it by hand. */
export const handler = async (
  event: unknown,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
): Promise<Replayed | { readonly refused: string }> => {
  const wanted = readReplay(event);
  if (wanted === undefined) return { refused: replayRefusal };
  const hasTime = () => context.getRemainingTimeInMillis() > reserveMs;
  const answer = await replay({ ...letters, count, hasTime, failed: telemetry.failed })(wanted);
  const { replayed, records, failed, left } = answer;
  if (!wanted.dryRun) telemetry.replayed({ replayed, records, failed: failed.length, left });
  return answer;
};
