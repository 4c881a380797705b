/** The detector as it would decide had it known of every request at once: what the stream's delay is measured against. */

import type { TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { detectBursts } from '../../../lambdas/bursts/detect.ts';
import { parsePhone } from '../../../lambdas/otp/number/phone.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { sampleDeployment } from './deployment.ts';

export type Sent = {
  /** In E.164. */
  readonly phoneNumber: string;
  /** When it was answered, epoch milliseconds of the service's clock. */
  readonly answeredAtMs: number;
};

const eventOf = ({ phoneNumber, answeredAtMs }: Sent, index: number): TrafficEvent => {
  const parsed = parsePhone(phoneNumber);
  if (parsed.kind !== 'phone') throw new Error(`The burst has a number that does not exist: ${parsed.detail}`);
  const { range, prefix, country } = parsed.phone;
  return {
    version: 1,
    id: `request ${index}`,
    kind: 'started',
    atMs: answeredAtMs,
    startedAtMs: answeredAtMs,
    subject: {
      phoneKey: phoneNumber,
      range,
      prefix,
      country,
      ip: `address ${index}`,
      network: `network ${index}`,
      application: 'app',
    },
    purpose: 'login',
    unverified: true,
  };
};

/**
 * Which of the requests into a range crosses the threshold: the one after which the detector, had it known of
 * each at once, would have stopped the range.
 */
export const decidingOf = async (sent: readonly Sent[]): Promise<number> => {
  let nowMs = 0;
  const detect = detectBursts(
    { now: () => nowMs, store: memoryBursts(), notify: async () => {} },
    {
      bursts: defaultBursts,
      priceUsd: () => 0,
      hourCapUsd: () => Number.POSITIVE_INFINITY,
      deployment: sampleDeployment,
    },
  );
  for (const [index, each] of sent.entries()) {
    nowMs = each.answeredAtMs;
    const rulings = await detect([eventOf(each, index)]);
    if (rulings.some(({ key, action }) => key.level === 'range' && action !== 'none')) return index;
  }
  throw new Error(`The detector would have stopped none of ${sent.length} requests.`);
};
