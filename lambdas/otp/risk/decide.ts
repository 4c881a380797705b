import type { Policy, RiskProvider, RiskRule } from '../../policy.ts';
import { microUsd } from '../limits/caps.ts';
import type { RiskAnswer, RiskFacts, UnknownReason } from './ports.ts';

/** The part of a record that says what is known of the number's SIM. A record whose purpose does not mind has none. */
export type RiskNote = {
  /** `checked`: no swap within the hours of the policy, and no notice. */
  readonly risk: 'checked' | 'swapped' | 'ported' | 'unknown';
  /** When the SIM was swapped, or the number ported. Epoch milliseconds. */
  readonly swappedAtMs?: number | undefined;
  /** Of a swap without a time: it was within so many hours before the request. */
  readonly swappedWithinHours?: number | undefined;
  /** The purpose wants another proof beside the code. */
  readonly stepUp?: true | undefined;
};

/** The names by which a refusal says why, in the stream and in logs. */
export type RiskLimit = 'sim-swap' | 'port-notice' | 'risk-unknown';

/** A fact about a number: an answer of its provider, or a porting notice. */
export type KnownRisk = RiskAnswer | { readonly kind: 'ported'; readonly swappedAtMs: number };

export type RiskDecision =
  | { readonly kind: 'send'; readonly note: RiskNote }
  /** `isPassing`: another try may find the provider answering. */
  | { readonly kind: 'refuse'; readonly note: RiskNote; readonly limit: RiskLimit; readonly isPassing: boolean };

/** What the purpose does about a swapped SIM. `undefined`: it does not mind. */
export const riskRuleOf = ({ numberRisk }: Pick<Policy, 'numberRisk'>, purpose: string): RiskRule | undefined =>
  numberRisk !== undefined && Object.hasOwn(numberRisk.purposes, purpose) ? numberRisk.purposes[purpose] : undefined;

const providerOf = ({ numberRisk }: Pick<Policy, 'numberRisk'>, country: string): RiskProvider | undefined =>
  numberRisk?.providers.find(({ countries }) => countries.includes(country));

/** The price of a look-up for a number of the country, in micro-USD. */
export const lookUpPriceOf = (policy: Pick<Policy, 'numberRisk'>, country: string): number =>
  microUsd(providerOf(policy, country)?.priceUsd ?? 0);

const noProvider: RiskAnswer = { kind: 'unknown', provider: '', reason: 'not-known' };

/** What the tables or the settings say without a look-up. `undefined`: the provider of the country is to be asked. */
export const knownRiskOf = (
  policy: Pick<Policy, 'numberRisk'>,
  country: string,
  { notice, answer }: RiskFacts,
): KnownRisk | undefined => {
  if (notice !== undefined) return { kind: 'ported', swappedAtMs: notice.portedAtMs ?? notice.notedAtMs };
  return answer ?? (providerOf(policy, country) === undefined ? noProvider : undefined);
};

/** Causes that another try does not meet for sure. */
const passing: readonly UnknownReason[] = ['no-answer', 'throttled', 'unavailable', 'no-token'];

const limits = { swapped: 'sim-swap', ported: 'port-notice', unknown: 'risk-unknown' } as const satisfies Record<
  Exclude<KnownRisk['kind'], 'clean'>,
  RiskLimit
>;

const noteOf = (known: KnownRisk, maxAgeHours: number): RiskNote => {
  if (known.kind === 'clean') return { risk: 'checked' };
  if (known.kind === 'unknown') return { risk: 'unknown' };
  const { kind: risk, swappedAtMs } = known;
  return swappedAtMs === undefined ? { risk, swappedWithinHours: maxAgeHours } : { risk, swappedAtMs };
};

/** Decides about a send of a purpose that minds. Nothing known is never taken for clean: the fail mode decides. */
export const decideRisk = (
  { numberRisk }: Pick<Policy, 'numberRisk'>,
  { ifSwapped, failMode }: RiskRule,
  known: KnownRisk,
): RiskDecision => {
  const note = noteOf(known, numberRisk?.maxAgeHours ?? 0);
  if (known.kind === 'clean' || (known.kind === 'unknown' && failMode === 'open')) return { kind: 'send', note };
  if (ifSwapped === 'allow') return { kind: 'send', note };
  if (ifSwapped === 'step-up') return { kind: 'send', note: { ...note, stepUp: true } };
  const isPassing = known.kind === 'unknown' && passing.includes(known.reason);
  return { kind: 'refuse', note, limit: limits[known.kind], isPassing };
};

/** Whether an answer is kept for the next requests. A cause that passes is asked about again. */
export const isKeptAnswer = (answer: RiskAnswer): boolean => answer.kind !== 'unknown' || answer.reason === 'not-known';
