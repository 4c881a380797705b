import { type Heartbeat, isListening } from '../../bursts/heartbeat.ts';
import { minuteMs } from '../../otp/durations.ts';
import { bad, type Commands, type Judged, judged, lasting, logsOf, ok } from './check.ts';
import type { AskedFacts, MappingFact } from './facts.ts';

/** Whether the stream feeds the detector. */
export const judgeMapping = ({ id, state }: MappingFact): Judged => {
  if (state === undefined)
    return bad(
      'The stream does not feed the detector: its event source mapping is gone.',
      'Deploy the stack again, which makes it anew: npx cdk deploy.',
    );
  if (isListening(state)) return ok('The stream feeds the detector.');
  return bad(
    `The stream does not feed the detector: its event source mapping is ${state}. No attack is found meanwhile.`,
    `Enable it: aws lambda update-event-source-mapping --uuid ${id} --enabled.`,
  );
};

/** A sweep runs every minute. After three the detector is late, and not only its schedule. */
const maxSilenceMs = 3 * minuteMs;
const maxLatenessMs = minuteMs;
/** A batch of long ago says nothing of now. */
const recentMs = 5 * minuteMs;

const judgeSweep = ({ sweptMs }: Heartbeat, commands: Commands, nowMs: number): Judged | undefined => {
  const todo = `Read what the detector says: ${logsOf(commands, 'detect-bursts')}.`;
  // Nobody can tell a deployment of this minute from a schedule that never calls. The alarm DetectorListening can.
  if (sweptMs === undefined)
    return {
      state: 'unknown',
      says: 'The detector is starting: its first sweep comes within a minute of a deployment.',
      todo: `Ask again in a minute. If it still says so, nothing calls the detector. ${todo}`,
    };
  if (nowMs - sweptMs <= maxSilenceMs) return undefined;
  return bad(`The detector has not run its sweep for ${lasting(nowMs - sweptMs)}. It runs every minute.`, todo);
};

const judgeLateness = (latenessMs: number, commands: Commands): Judged =>
  latenessMs > maxLatenessMs
    ? bad(
        `The detector is ${lasting(latenessMs)} behind the stream, so that it finds attacks that much later.`,
        `Read whether it fails: ${logsOf(commands, 'detect-bursts')}.`,
      )
    : ok(`The detector is ${lasting(latenessMs)} behind the stream.`);

const lateOf = ({ lastBatch }: Heartbeat, nowMs: number): number | undefined =>
  lastBatch !== undefined && nowMs - lastBatch.atMs <= recentMs ? lastBatch.latenessMs : undefined;

/**
 * Whether the detector keeps up. It says so itself, and CloudWatch says it of a detector that dies before it can. Of the two
 * the worse counts, and what only one of them says is not known.
 */
export const judgeDelay = (
  { heartbeat, iteratorAgeMs }: Pick<AskedFacts, 'heartbeat' | 'iteratorAgeMs'>,
  commands: Commands,
  nowMs: number,
): Judged => {
  const own = judged(heartbeat, commands, (fact) => judgeSweep(fact, commands, nowMs) ?? ok(''));
  const ages = [
    heartbeat.kind === 'known' ? lateOf(heartbeat.fact, nowMs) : undefined,
    iteratorAgeMs.kind === 'known' ? iteratorAgeMs.fact : undefined,
  ].filter((age) => age !== undefined);
  const late = ages.length === 0 ? ok('The stream had nothing for the detector in the last minutes.') : undefined;
  const delay = late ?? judgeLateness(Math.max(...ages), commands);
  const measured = judged(iteratorAgeMs, commands, () => delay);
  return (
    [own, delay, measured].find(({ state }) => state === 'bad') ??
    [own, measured].find(({ state }) => state === 'unknown') ??
    delay
  );
};
