/** Renders `docs/capacity.md`. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { limits } from '../../../lib/settings/ranges.ts';
import { maxApplications } from '../../../lib/settings/schema/applications.ts';
import { type Calls, callsOf, type Flow, sweepCalls } from '../calls.ts';
import { table } from '../markdown.ts';
import { billOf, type Line, shipped, totalOf, type Variant, variants } from './bill.ts';
import { batchRunOf } from './detector.ts';
import { fixedCosts } from './fixed.ts';
import { accessLineBytes, eventBytes, firewallRecordBytes, invocationLineBytes } from './logs.ts';
import { type Measured, type Rate, rates, readMeasured } from './measured.ts';
import { eventCosts, exportCosts, floodCosts, metricCounts, paidApis, routedMetricCount } from './other-costs.ts';
import { type Price, priceList } from './prices.ts';
import { quotaSections } from './quota-sections.ts';
import type { Source } from './sources.ts';

const number = (value: number): string => value.toLocaleString('en');
const money = (usd: number): string => `$${usd.toFixed(2)}`;

const defaultOf = (setting: string): number => {
  const [days] = limits().find((limit) => limit.path === setting)?.defaults ?? [];
  if (days === undefined) throw new Error(`The settings have no default for ${setting}.`);
  return days;
};

/** Days for which the settings keep the audit trail and the logs. */
export const keptByDefault = {
  auditDays: defaultOf('bursts.auditDays'),
  logDays: defaultOf('logRetentionDays'),
};

/** The rate of the price that other pages name: the lowest of the page. */
export const headlineRate: Rate = 1;

const linesOf = (rate: Rate, variant: Variant, measured: Measured): readonly Line[] =>
  billOf({ measured, rate, variant, kept: keptByDefault });

/** USD per million verifications, without their SMS, as other pages round it. */
export const costPerMillion = (): number => totalOf(linesOf(headlineRate, shipped, readMeasured()));

const listed = (calls: Readonly<Record<string, number>>): string =>
  Object.entries(calls)
    .map(([name, times]) => (times === 1 ? name : `${times} ${name}`))
    .join(', ') || 'none';

const flowRow = (flow: Flow): readonly string[] => {
  const { kms, sign, dynamodb, sms, units, streamRecords }: Calls = callsOf[flow];
  const reads = units.guardsReads + units.verificationsReads + units.trafficReads;
  const writes = units.guardsWrites + units.verificationsWrites + units.trafficWrites + units.securityWrites;
  return [
    flow,
    listed({ ...kms, ...(sign === 0 ? {} : { Sign: sign }) }),
    listed(dynamodb),
    `${reads} / ${writes}`,
    String(streamRecords),
    String(sms),
  ];
};

const callsSection = (): readonly string[] => [
  '## Calls per flow',
  'The calls of the stream are included, as if each record came alone in its batch. Units are those that DynamoDB bills: reads / writes. A limit refuses the refused request after the read.',
  table(
    ['flow', 'KMS', 'DynamoDB', 'units', 'stream records', 'SMS'],
    (Object.keys(callsOf) as readonly Flow[]).map(flowRow),
  ),
];

const rateHeads = rates.map((rate) => `${number(rate)} a second`);

const billSection = (measured: Measured): readonly string[] => {
  const bills = rates.map((rate) => linesOf(rate, shipped, measured));
  const [first = []] = bills;
  return [
    '## Cost of a million verifications',
    `Each has one request and one right check, in us-east-1. The SMS are not included: a million of them cost $2,000 to several $100,000, by country. The amounts are of one verification at ${headlineRate} send a second.`,
    table(
      ['service', 'per verification', ...rateHeads],
      [
        ...first.map(({ name, amount }, row) => [name, amount, ...bills.map((bill) => money(bill[row]?.usd ?? 0))]),
        ['**all**', '', ...bills.map((bill) => `**${money(totalOf(bill))}**`)],
      ],
    ),
    'Two settings change the part of KMS. [Operations](operations.md) has more about keys.',
    table(
      ['settings', ...rateHeads],
      variants.map((variant) => [
        variant.name,
        ...rates.map((rate) => money(totalOf(linesOf(rate, variant, measured)))),
      ]),
    ),
  ];
};

const batchSection = ({ ledgers }: Measured): readonly string[] => {
  const { waitMs } = batchRunOf(1);
  return [
    '### Batches of the detector',
    `Lambda reads each shard of the stream four times a second, and hands over the records that have come. Records of one batch share the invocation, its wait of ${Math.round(waitMs)} ms, and writes of counts. The stream has a shard for each partition of the table Verifications. The detector’s own code was replayed at each rate, with ordinary traffic.`,
    table(
      ['of a verification', ...rateHeads],
      [
        ['shards', ...rates.map((rate) => String(ledgers[rate].shards))],
        ['records of a batch', ...rates.map((rate) => ledgers[rate].perBatch.toFixed(1))],
        ['invocations', ...rates.map((rate) => ledgers[rate].batches.toFixed(3))],
        [
          'units written',
          ...rates.map((rate) => {
            const { reads, ...written } = ledgers[rate].units;
            return Object.values(written)
              .reduce((sum, units) => sum + units, 0)
              .toFixed(1);
          }),
        ],
        ['units read', ...rates.map((rate) => ledgers[rate].units.reads.toFixed(1))],
      ],
    ),
  ];
};

const measuredSection = ({ runs, bytes, entryBytes, machine, commit, date, isNoisy }: Measured): readonly string[] => [
  '### Run times and bytes',
  `CPU is that of ${machine}, commit ${commit}, ${date}. Answers of AWS are played: 5 ms for DynamoDB, 10 ms for a transaction and for KMS, 30 ms for SNS. Lambda gives a function of 512 MB 29% of a core, so that its CPU takes 3.5 times as long. A processor of Lambda is another one: look at \`Duration\` in your dashboard.${isNoisy ? ' Other programs ran meanwhile, so that these times are too long.' : ''}`,
  table(
    ['flow', 'CPU, ms', 'wait for AWS, ms', 'log lines', 'log bytes', 'answer, bytes'],
    (Object.keys(runs) as readonly (keyof typeof runs)[]).map((flow) => [
      flow,
      runs[flow].cpuMs.toFixed(1),
      String(runs[flow].waitMs),
      String(bytes[flow].logLines),
      number(bytes[flow].logBytes),
      number(bytes[flow].answerBytes),
    ]),
  ),
  `Lambda adds ${invocationLineBytes} bytes of its own lines to each invocation, and API Gateway ${accessLineBytes} to each request. ${eventBytes} bytes are counted for each line beside its text. An entry of the audit trail takes ${entryBytes} bytes.`,
];

const supportWords = { page: 'AWS’s page', copy: 'quoted', memory: 'from memory' } as const;

export const sourceCell = ({ support, page, copy }: Source): string => {
  const words = `[${supportWords[support]}](${page})`;
  return copy === undefined ? words : `[AWS’s page](${page}), [${supportWords[support]}](${copy})`;
};

const plain = (usd: number): string => `$${usd < 0.001 ? usd.toFixed(10) : String(usd)}`;

const priceSection = (): readonly string[] => {
  const listedPrices: readonly Price[] = Object.values(priceList);
  const [
    {
      source: { date },
    } = { source: { date: '' } },
  ] = listedPrices;
  return [
    '## Prices',
    `List prices of us-east-1, looked up on ${date}. “Quoted” means that another page gives AWS’s price, because AWS’s own page could not be read. Those from memory have no such page: look them up before you rely on them.`,
    table(
      ['price', 'USD', 'per', 'source'],
      listedPrices.map(({ name, usd, per, source }) => [name, plain(usd), per, sourceCell(source)]),
    ),
    'AWS prices a signature by an RSA key of 2,048 bits as it does a symmetric call. One by any other asymmetric key, ECC among them, costs five times as much.',
  ];
};

const paidSection = (total: number): readonly string[] => [
  '## Beside paid APIs',
  'A paid API charges a fee for each successful verification, and the SMS on top. Others quoted these fees from the linked pages.',
  table(
    ['service', 'fee per verification', 'per million', 'quoted in'],
    [
      ...paidApis.map(({ name, usd, page, quoted }) => [
        `[${name}](${page})`,
        money(usd),
        `$${number(usd * 1e6)}`,
        quoted,
      ]),
      ['this service', '', money(total), ''],
    ],
  ),
];

const floodSection = (measured: Measured): readonly string[] => [
  '## Cost of a flood',
  `API Gateway does not charge for a request that it refuses itself, or that the firewall blocks. It writes a line of the access log for each. A record of the firewall is assumed to have ${number(firewallRecordBytes)} bytes. A request that a limit of the service refuses costs most. The throttle bounds those, and one IP makes at most a tenth of them. The alarms on [the access log](runbook.md#logs-incomingbytes-api-access), [the rate rule](runbook.md#wafv2-blockedrequests-requestsperip) and [the log of the firewall](runbook.md#logs-incomingbytes-firewall) watch the rest.`,
  table(
    ['refused by', 'costs', 'a million requests'],
    floodCosts(measured).map(({ refusedBy, pays, usd }) => [refusedBy, pays, money(usd)]),
  ),
];

const exportSection = (measured: Measured): readonly string[] => [
  '## Exports',
  `An [export](exports.md) reads the tables Security and Traffic once, as a whole. The table has the reads of Security, which is the larger one. An event has ${measured.entryBytes} bytes. Its parts cost a few cents more.`,
  table(
    ['events in the table', 'read units', 'cost'],
    exportCosts(measured).map(({ millions, readUnits, usd }) => [
      `${millions} million`,
      number(Math.round(readUnits)),
      money(usd),
    ]),
  ),
];

const eventSection = (): readonly string[] => [
  '## Events',
  'The setting `events` adds this to a million verifications, each approved by its first code. Each record of the stream is assumed to come alone. At high rates they share invocations. Refusals and failures are events too. The run time of `publish-events` was not measured, and is not in it. A rule of yours and its target in the same account cost nothing here, but the target has its own price.',
  table(
    ['events', 'of a verification', 'a million verifications'],
    eventCosts().map(({ name, events, usd }) => [name, String(events), money(usd)]),
  ),
];

const idleSection = (): readonly string[] => {
  const { lines, rotating } = fixedCosts();
  const { kmsRotation } = priceList;
  return [
    '## A month without traffic',
    'The standard stack has these resources, which cost the same with and without traffic. Prices are without free tiers, as everywhere on this page. AWS gives an account three small dashboards.',
    table(
      ['resource', 'number', 'a month'],
      [
        ...lines.map(({ name, count, usd }) => [name, String(count), money(usd)]),
        ['**all**', '', `**${money(totalOf(lines))}**`],
      ],
    ),
    `KMS rotates ${rotating} of the keys each year. Each of the first two rotations adds ${money(kmsRotation.usd)} a month for a key, so ${money(rotating * kmsRotation.usd)} after a year and ${money(2 * rotating * kmsRotation.usd)} after two. Settings add resources: \`sealing: 'hourly'\` a key, and each generation of the code key one.`,
  ];
};

const routed = { routes: 2, countries: 50 } as const;

const monthSection = (): readonly string[] => {
  const { metric, alarm, compositeAlarm } = priceList;
  const routedCount = routedMetricCount(routed);
  return [
    '## Metrics and alarms by the month',
    `CloudWatch charges ${money(metric.usd)} a month for each metric that has data in it. To CloudWatch, each value of a dimension makes another metric. An alarm costs ${money(alarm.usd)}, and the composite one ${money(compositeAlarm.usd)}. Two stacks share none of them, and pay twice.`,
    table(
      ['deployment with', 'metrics', 'for each', 'a month for each, at most'],
      metricCounts.map(({ when, per, count }) => [when, String(count), per, money(count * metric.usd)]),
    ),
    `\`EndUserIpMissing\` of any deployment is one metric for each back end that leaves the IP out. There are ${maxApplications} applications at most. Routes and countries multiply: with receipts, ${routed.routes} routes to ${routed.countries} countries have ${number(routedCount)} metrics more. They cost ${money(routedCount * metric.usd)} a month, if each route sends to each country.`,
  ];
};

const clockSection = (): readonly string[] => [
  '## By the clock',
  `Once a minute the sweep over findings makes ${sweepCalls.always.Query} Query of Security and writes an item of Traffic. It makes ${sweepCalls.always.BatchGetItem} BatchGetItem of the stops and of the last reminder of them. It asks Lambda for the state of the stream, which costs nothing. For each hundred open findings it makes ${sweepCalls.whileOpen.BatchGetItem - sweepCalls.always.BatchGetItem} BatchGetItem more, and ${sweepCalls.perCase.Query} Query of Traffic for each under a block. With none open that is ${number(Math.round(sweepCalls.perMonth))} invocations, as many writes, and ${number(Math.round(sweepCalls.perMonth * (sweepCalls.always.Query * sweepCalls.unitsPerQuery + sweepCalls.unitsOfStops)))} reads a month: a few cents. Each busy container of the detector writes how late its batches are, once a minute at most. Once an hour it reviews the countries: two Query and two items of each.`,
];

/** Quotas and cost as they have to be. */
export const renderCapacity = async (): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'capacity.intro.md'), 'utf8');
  const measured = readMeasured();
  return `${[
    '<!-- Written by `npm run docs` from docs/generate/calls.ts and docs/generate/capacity/. Change those. -->',
    intro.trim(),
    ...callsSection(),
    ...billSection(measured),
    ...batchSection(measured),
    ...measuredSection(measured),
    ...priceSection(),
    ...paidSection(totalOf(linesOf(headlineRate, shipped, measured))),
    ...floodSection(measured),
    ...exportSection(measured),
    ...eventSection(),
    ...idleSection(),
    ...monthSection(),
    ...clockSection(),
    ...quotaSections(measured),
  ].join('\n\n')}\n`;
};
