import { type Key, nameOf } from '../../../lambdas/bursts/counts/keys.ts';
import { afterRuling, type Case } from '../../../lambdas/bursts/findings/case.ts';
import { descriptionOf } from '../../../lambdas/bursts/findings/finding.ts';
import { type CaseStep, type Notification, stepOf } from '../../../lambdas/bursts/findings/render.ts';
import type { Explanation, Ruling } from '../../../lambdas/bursts/judge/ruling.ts';
import { sampleDeployment } from './deployment.ts';

const explanation: Explanation = {
  rule: 'unverified-burst',
  evidence: 20,
  threshold: 16,
  chance: 1e-9,
  startedTenMinutes: 30,
  startedHour: 30,
  startedSixHours: 30,
  seenStarted: 30,
  seenVerified: 0,
  wrong: 0,
  pending: 30,
  oldestPendingSeconds: 12,
  distinctIps: 30,
  limited: 0,
  expectedPerHour: 0.1,
  conversion: 0.8,
  spentUsd: 1.5,
  usdPerHour: 9,
  criticalUsdPerHour: 50,
  collateral: 0,
  applications: ['app'],
  countries: [],
  seenSms: 30,
  seenSeconds: 240,
  requests: 30,
  arriving: 1,
  probesPerHour: 1,
};

/** A first block of a quarter of an hour on a key. */
export const aRuling = (key: Key, atMs: number, more: Partial<Ruling> = {}): Ruling => ({
  key,
  uid: `case-of-${nameOf(key)}`,
  firstMs: atMs,
  isUpdate: false,
  country: 'GB',
  within: undefined,
  rule: 'unverified-burst',
  mode: 'enforce',
  action: 'block',
  severity: 'medium',
  atMs,
  untilMs: atMs + 900_000,
  step: 0,
  explanation,
  ...more,
});

/** What a ruling does to its case. */
export const stepAfter = (ruling: Ruling, before?: Case): CaseStep & { readonly notification: Notification } => {
  const step = stepOf(
    afterRuling(before, before?.version ?? 0, ruling),
    descriptionOf(ruling, sampleDeployment),
    sampleDeployment,
  );
  if (step.notification === undefined) throw new Error('A ruling notifies nobody.');
  return { ...step, notification: step.notification };
};
