import { localStackName } from '../../contract.ts';
import { judgeAlarms, judgeReceivers } from './alarms.ts';
import { judgeCaps } from './caps.ts';
import { type Check, type CheckName, type Commands, checkNames, type Judged, judged } from './check.ts';
import { judgeDelay, judgeMapping } from './detector.ts';
import type { Asked, AskedFacts, StatusFacts, StatusPorts } from './facts.ts';
import { judgeBlocks, judgeFindings, judgeKeys, judgeLetters, judgeStops } from './parts.ts';

/** One answer to "are we all right?". */
export type Status = {
  readonly state: 'ok' | 'bad';
  readonly checkedMs: number;
  readonly checks: readonly Check[];
  /** What the checks are made of; what is not known is missing. */
  readonly facts: AskedFacts;
};

export type StatusSetup = {
  readonly ports: StatusPorts;
  /** Waits for an answer for a while, and no longer. */
  readonly ask: <Fact>(call: () => Promise<Fact>) => Promise<Asked<Fact>>;
  readonly stackName: string;
  /** ARN of the topic of alarms. */
  readonly topic: string;
};

/** `otp-desk`, for this stack. */
const commandsOf = (stackName: string): Commands => ({
  stackName,
  desk: stackName === localStackName ? 'otp-desk --local' : `otp-desk --stack ${stackName}`,
});

/** Asks everything side by side, and judges what it knows. One call that fails breaks no other. */
export const readStatus =
  ({ ports, ask, stackName, topic }: StatusSetup) =>
  async (nowMs: number): Promise<Status> => {
    const facts = await askAll(ports, ask, nowMs);
    const commands = commandsOf(stackName);
    const found = judgeAll(facts, commands, topic, nowMs);
    const checks = checkNames.map((name) => ({ name, ...found[name] }));
    const state = checks.every((check) => check.state === 'ok') ? 'ok' : 'bad';
    return { state, checkedMs: nowMs, checks, facts };
  };

const askAll = async (ports: StatusPorts, ask: StatusSetup['ask'], nowMs: number): Promise<AskedFacts> => {
  const one = <Name extends keyof StatusFacts>(name: Name) => ask(() => ports[name](nowMs));
  const [mapping, heartbeat, iteratorAgeMs, receivers, alarms, keys, letters, caps, stops, blocks, findings] =
    await Promise.all([
      one('mapping'),
      one('heartbeat'),
      one('iteratorAgeMs'),
      one('receivers'),
      one('alarms'),
      one('keys'),
      one('letters'),
      one('caps'),
      one('stops'),
      one('blocks'),
      one('findings'),
    ]);
  return { mapping, heartbeat, iteratorAgeMs, receivers, alarms, keys, letters, caps, stops, blocks, findings };
};

const judgeAll = (
  facts: AskedFacts,
  commands: Commands,
  topic: string,
  nowMs: number,
): Readonly<Record<CheckName, Judged>> => ({
  'detector-listening': judged(facts.mapping, commands, judgeMapping),
  'detector-on-time': judgeDelay(facts, commands, nowMs),
  sending: judged(facts.stops, commands, judgeStops),
  caps: judged(facts.caps, commands, judgeCaps),
  'keys-enabled': judged(facts.keys, commands, judgeKeys),
  'dead-letters': judged(facts.letters, commands, judgeLetters),
  'alarms-have-a-receiver': judged(facts.receivers, commands, (receivers) => judgeReceivers(receivers, topic)),
  'alarms-on-now': judged(facts.alarms, commands, judgeAlarms),
  blocks: judged(facts.blocks, commands, judgeBlocks),
  findings: judged(facts.findings, commands, judgeFindings),
});
