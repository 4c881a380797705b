/** Prices beside those of a verification: of paid APIs, of a flood, of an export, and by the month. */

import {
  applicationMetrics,
  eventMetrics,
  exportFacts,
  functions,
  metrics,
  receiptMetrics,
  riskFindingMetrics,
  riskMetrics,
  routeMetrics,
  webhookMetrics,
} from '../../../lambdas/contract.ts';
import { callsOf } from '../calls.ts';
import { flowMs, gigabyte, gigabytes, logBytesOf, type Mix, shipped, symmetricOf } from './bill.ts';
import { batchRunOf, billedMsOf } from './detector.ts';
import { accessLineBytes, firewallRecordBytes } from './logs.ts';
import type { Measured } from './measured.ts';
import { chargeOf, priceList } from './prices.ts';

/**
 * Fees of paid APIs for a successful verification, without the SMS, in USD. Their own pages could not be read: others
 * quoted these prices from them.
 */
export const paidApis = [
  { name: 'Twilio Verify', usd: 0.05, page: 'https://www.twilio.com/en-us/verify/pricing', quoted: 'October 2026' },
  { name: 'Telnyx Verify', usd: 0.03, page: 'https://telnyx.com/pricing/verify-api', quoted: 'July 2026' },
] as const;

export type FloodCost = { readonly refusedBy: string; readonly pays: string; readonly usd: number };

/** The cost of a million requests of a flood, by what refuses them, in USD. API Gateway charges for none that it refuses itself. */
export const floodCosts = (measured: Measured): readonly FloodCost[] => {
  const logsOf = (bytes: number) => chargeOf(priceList.logs, (bytes * 1e6) / gigabyte);
  const atTheGate = chargeOf(priceList.firewall, 1e6) + logsOf(accessLineBytes);
  const flow = 'request that is refused';
  const mix: Mix = { [flow]: 1 };
  const { units, ...refused } = callsOf[flow];
  // A flood fills batches, which share invocations. This is the price if each record comes alone.
  const [records, { memoryMegabytes }] = [refused.streamRecords, functions['request-verification']];
  // No call of SNS: a refusal waits for the reads, and for what it writes.
  const seconds = flowMs('check, right', measured) / 1000;
  const batch = billedMsOf(batchRunOf(1), functions['detect-bursts'].memoryMegabytes) / 1000;
  const refusal =
    chargeOf(priceList.api, 1e6) +
    chargeOf(priceList.invocation, (1 + records) * 1e6) +
    chargeOf(
      priceList.gigabyteSecond,
      (seconds * (memoryMegabytes / 1024) + records * batch * gigabytes('detect-bursts')) * 1e6,
    ) +
    chargeOf(priceList.read, (units.guardsReads + units.trafficReads) * 1e6) +
    chargeOf(
      priceList.write,
      (units.guardsWrites + units.verificationsWrites + units.securityWrites + units.trafficWrites) * 1e6,
    ) +
    chargeOf(priceList.kms, symmetricOf({ units, ...refused }, shipped) * 1e6) +
    logsOf(logBytesOf(mix, measured, 1) - accessLineBytes);
  return [
    { refusedBy: 'the rate rule of the firewall', pays: 'firewall, access log', usd: atTheGate },
    {
      refusedBy: 'another rule of the firewall',
      pays: 'firewall, its log, access log',
      usd: atTheGate + logsOf(firewallRecordBytes),
    },
    { refusedBy: 'API Gateway: throttle, quota, missing key', pays: 'firewall, access log', usd: atTheGate },
    {
      refusedBy: 'a limit of the service',
      pays: 'all of it: API, function, tables, stream, logs',
      usd: atTheGate + refusal,
    },
  ];
};

/** The cost of an export of a table with so many events: its reads, and its parts. */
export const exportCosts = ({ entryBytes }: Measured) =>
  [1, 10, 100].map((millions) => {
    const readUnits = (millions * 1e6 * entryBytes) / 8192;
    return { millions, readUnits, usd: (readUnits / 1e6) * exportFacts.readUsdPerMillion };
  });

/**
 * The cost of the events of a million verifications, each requested and approved at the first code, in USD: what EventBridge takes
 * for the events, and Lambda for the calls of `publish-events`, if each record comes alone.
 */
export const eventCosts = () => {
  const records = callsOf.request.streamRecords + callsOf['check, right'].streamRecords;
  return [
    { name: 'without receipts', events: records, usd: perEvents(records, 0) },
    { name: 'with receipts, if each message arrives', events: records + 1, usd: perEvents(records + 1, 1) },
  ];
};

/** @param lookUps of records, whose application a receipt does not name. */
const perEvents = (events: number, lookUps: number): number =>
  chargeOf(priceList.event, events * 1e6) +
  chargeOf(priceList.invocation, events * 1e6) +
  chargeOf(priceList.read, lookUps * unitsOfLookUp * 1e6);
/** A record has less than 4 KB, and is read as it is now. */
const unitsOfLookUp = 1;

/** Of the metrics of receipts, those that count by route and country as well. The others are of receipts that fit no message. */
const receiptMetricsByWay = Object.values(receiptMetrics).filter((name) => !name.startsWith('Receipt'));
const countOf = (all: Readonly<Record<string, string>>): number => Object.keys(all).length;

/** The further dimensions of a metric. To CloudWatch, each of their values is a metric of its own. */
export type MetricsPer = 'stack' | 'application' | 'provider' | 'route' | 'route and country' | 'application and cause';

/** The metrics of a deployment, by what it asks for. A test counts those that the functions write. */
export const metricCounts = [
  { when: 'any deployment', per: 'stack', count: countOf(metrics) },
  { when: 'several applications', per: 'application', count: applicationMetrics.length },
  { when: 'several routes, a route that is not SNS, or calls', per: 'route', count: countOf(routeMetrics) },
  { when: 'the same', per: 'route and country', count: countOf(routeMetrics) },
  { when: '`receipts`', per: 'stack', count: countOf(receiptMetrics) },
  { when: '`receipts`', per: 'route and country', count: receiptMetricsByWay.length },
  { when: '`numberRisk`', per: 'stack', count: countOf(riskFindingMetrics) },
  { when: '`numberRisk`', per: 'provider', count: countOf(riskMetrics) },
  { when: '`events`', per: 'stack', count: countOf(eventMetrics) },
  { when: 'webhooks', per: 'stack', count: countOf(webhookMetrics) },
  { when: 'webhooks', per: 'application', count: countOf(webhookMetrics) },
  { when: 'webhooks', per: 'application and cause', count: 1 },
] as const satisfies readonly { readonly when: string; readonly per: MetricsPer; readonly count: number }[];

/** The metrics of a deployment that counts routes and notes receipts, beside those of any deployment. */
export const routedMetricCount = ({ routes, countries }: { readonly routes: number; readonly countries: number }) =>
  countOf(routeMetrics) * (routes + routes * countries) +
  countOf(receiptMetrics) +
  receiptMetricsByWay.length * routes * countries;
