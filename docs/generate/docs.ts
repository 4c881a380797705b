/**
 * Writes the API reference and the OpenAPI document from the contract, the table of limits from the schema of the settings, and the page on compliance
 * from the stack. Quotas and cost come from the calls of each flow, the tables of the architecture from their codecs.
 *
 *     node docs/generate/docs.ts            writes docs/api.md, openapi.json, llms.txt, limits.md, compliance.md, capacity.md,
 *                                           otp-desk.md, privacy.md and architecture.md
 *     node docs/generate/docs.ts --check    ends with 1 if one of them is not what would be written
 *
 * The words come from the `*-words.ts` and `*.intro.md` beside this file.
 */

import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  fields,
  gatewayProblems,
  maxBodyBytes,
  type ProblemCode,
  problems,
  type Route,
  routes,
  securityHeaders,
} from '../../lambdas/contract.ts';
import { type Limit, limits } from '../../lib/settings/ranges.ts';
import { maxApplications } from '../../lib/settings/schema/applications.ts';
import { problemWords, routeWords, securityHeaderWords, shapeWords } from './api-words.ts';
import { type Calls, callsOf, type Flow, sweepCalls } from './calls.ts';
import {
  applicationMetricCount,
  assumed,
  costs,
  eventBytes,
  exportCosts,
  floodCosts,
  logOf,
  monthly,
  ownMetricCount,
  paidApis,
  quotas,
} from './capacity.ts';
import { complianceOf, packSections, standardStack } from './compliance.ts';
import { renderDesk } from './desk/otp-desk.ts';
import { policiesWith } from './desk/policies.ts';
import { limitGroups, limitWords } from './limits-words.ts';
import { code, table } from './markdown.ts';
import { renderLlms } from './openapi/llms.ts';
import { renderOpenapi } from './openapi/openapi.ts';
import { operatorSections } from './openapi/operators/reference.ts';
import { renderPrivacy } from './privacy/privacy.ts';
import { withTables } from './tables.ts';

const folder = path.join(import.meta.dirname, '..');

/** The heading's anchor, as GitHub makes it of the words of a title. */
const anchorOf = (title: string): string => title.toLowerCase().replaceAll(' ', '-');

const routesTable = (): string =>
  table(
    ['route', 'access', ''],
    routes.map((route) => {
      const { title } = routeWords[route.function];
      return [code(`${route.method} ${route.path}`), route.access, `[${title}](#${anchorOf(title)})`];
    }),
  );

const shapeOf = (shape: keyof typeof fields | undefined): string => {
  if (shape === undefined) return '';
  const value = fields[shape];
  return typeof value === 'number' ? `up to ${value} characters` : code(value);
};

const takesOf = (route: Route): string => {
  const { takes } = routeWords[route.function];
  const headers = route.headers.length === 0 ? [] : [`Headers: ${route.headers.map(code).join(', ')} (optional).`];
  if (!route.takesBody) return [...headers, 'No body.'].join('\n\n');
  const rows = takes.map(({ name, required, shape, says }) => [code(name), required, shapeOf(shape), says]);
  return [...headers, table(['field', 'required', 'shape', ''], rows)].join('\n\n');
};

const codes = Object.keys(problems) as readonly ProblemCode[];

const problemsOf = (route: Route): string => {
  const answered = codes.filter((each) => problemWords[each].from.some((name) => name === route.function));
  return `Problems: ${answered.map((each) => `[${each}](#${each})`).join(', ')}. API Gateway answers others by itself.`;
};

const routeSection = (route: Route): string => {
  const { title, says, answers } = routeWords[route.function];
  const called = routes
    .filter((each) => each.function === route.function)
    .map((each) => `    ${each.method} ${each.path}`)
    .join('\n');
  return [`### ${title}`, called, says, takesOf(route), answers, problemsOf(route)].join('\n\n');
};

const gatewayKindsOf = (problem: ProblemCode): readonly string[] =>
  Object.entries(gatewayProblems).flatMap(([kind, { code: answered }]) => (answered === problem ? [kind] : []));

const problemSection = (problem: ProblemCode): string => {
  const { status, title } = problems[problem];
  const { from, when, remedy } = problemWords[problem];
  const kinds = gatewayKindsOf(problem);
  const sources = [
    ...routes
      .filter((route) => from.some((name) => name === route.function))
      .map((route) => code(`${route.method} ${route.path}`)),
    ...(kinds.length === 0 ? [] : [`API Gateway by itself (${kinds.map(code).join(', ')})`]),
  ];
  return [
    `### ${problem}\n`,
    `${status}: ${title}.\n`,
    `- When: ${when}`,
    `- Do: ${remedy}`,
    `- Answered by: ${sources.length === 0 ? 'nothing today' : sources.join(', ')}.`,
  ].join('\n');
};

const shapesTable = (): string =>
  table(
    ['value', 'shape'],
    (Object.keys(fields) as readonly (keyof typeof fields)[]).map((shape) => [shapeWords[shape], shapeOf(shape)]),
  );

const headersTable = (): string =>
  table(
    ['header', 'value', 'why'],
    (Object.keys(securityHeaders) as readonly (keyof typeof securityHeaders)[]).map((name) => [
      code(name),
      code(securityHeaders[name]),
      securityHeaderWords[name],
    ]),
  );

/** The reference as it has to be. */
export const renderReference = async (): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'api.intro.md'), 'utf8');
  return `${[
    '<!-- Written by `npm run docs` from lambdas/contract.ts, docs/generate/api-words.ts and docs/generate/api.intro.md. Change those. -->',
    intro.trim(),
    '## Routes',
    routesTable(),
    // HEAD is in the section of its GET.
    ...routes.filter(({ method }) => method !== 'HEAD').map(routeSection),
    '## Shapes',
    `Patterns are anchored regular expressions, for the canonical form: [Input](#input) has the other spellings. A field that is not listed for a route is refused. A body has at most ${maxBodyBytes} bytes.`,
    shapesTable(),
    '## Headers of every answer',
    `Beside these, every answer but the firewall’s own has ${code('x-request-id')}; quote it when you report something.`,
    headersTable(),
    'The public key alone may be cached: `cache-control: public, max-age=600`.',
    '## Problems',
    ...codes.map(problemSection),
    ...operatorSections(),
  ].join('\n\n')}\n`;
};

const number = (value: number): string => value.toLocaleString('en');

const limitRow = ({ path: where, range: { min, max }, defaults }: Limit): readonly string[] => {
  const { name, answers, byDefault, protects } = limitWords[where];
  const answer =
    answers === undefined
      ? 'nothing'
      : `${problems[answers.code].status} [${answers.code}](api.md#${answers.code})${answers.says === undefined ? '' : `, ${answers.says}`}`;
  return [
    name,
    byDefault ?? (defaults.length === 0 ? 'none' : defaults.map(number).join(' / ')),
    `${number(min)} to ${number(max)}`,
    answer,
    protects,
    code(where),
  ];
};

/**
 * The table of limits as it has to be.
 *
 * @throws Error when a number of the settings stands in no group or in two, or a group names none.
 */
export const renderLimits = async (
  found: readonly Limit[] = limits(),
  groups: Readonly<Record<string, readonly string[]>> = limitGroups,
): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'limits.intro.md'), 'utf8');
  const listed = Object.values(groups).flat();
  const [known, twice] = [
    found.map((each) => String(each.path)),
    listed.filter((each, at) => listed.indexOf(each) < at),
  ];
  const wrong = [
    ...known.filter((each) => !listed.includes(each)),
    ...listed.filter((each) => !known.includes(each)),
    ...twice,
  ];
  if (wrong.length > 0)
    throw new Error(
      `Each number of the settings stands in one group of docs/generate/limits-words.ts. See to ${wrong.join(', ')}.`,
    );
  const limitAt = new Map<string, Limit>(found.map((each) => [each.path, each]));
  const rowsOf = (paths: readonly string[]) => paths.flatMap((each) => limitAt.get(each) ?? []).map(limitRow);
  const head = ['limit', 'default', 'range', 'answers', 'protects', 'setting'];
  return `${[
    '<!-- Written by `npm run docs` from lib/settings/schema.ts, docs/generate/limits-words.ts and docs/generate/limits.intro.md. Change those. -->',
    intro.trim(),
    ...Object.entries(groups).flatMap(([title, paths]) => [`## ${title}`, table(head, rowsOf(paths))]),
  ].join('\n\n')}\n`;
};

/**
 * The page on compliance as it has to be.
 *
 * @throws Error when a gap has no reason, or a reason no gap.
 */
export const renderCompliance = async (): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'compliance.intro.md'), 'utf8');
  return `${[
    '<!-- Written by `npm run docs` from lib/, docs/generate/compliance-words.ts and docs/generate/compliance.intro.md. Change those. -->',
    intro.trim(),
    ...complianceOf(standardStack()).flatMap(packSections),
  ].join('\n\n')}\n`;
};

const listed = (calls: Readonly<Record<string, number>>): string =>
  Object.entries(calls)
    .map(([name, times]) => (times === 1 ? name : `${times} ${name}`))
    .join(', ') || 'none';

const flowRow = (flow: Flow): readonly string[] => {
  const { kms, sign, dynamodb, sms, units, streamRecords }: Calls = callsOf[flow];
  const reads = units.guardsReads + units.verificationsReads;
  const writes = units.guardsWrites + units.verificationsWrites;
  return [
    flow,
    listed({ ...kms, ...(sign === 0 ? {} : { Sign: sign }) }),
    listed(dynamodb),
    `${reads} / ${writes}`,
    String(streamRecords),
    String(sms),
  ];
};

const money = (usd: number): string => `$${usd.toFixed(2)}`;

const paidApiRows = paidApis.map(({ name, usd, page, quoted }) => [
  `[${name}](${page})`,
  money(usd),
  `$${number(usd * 1e6)}`,
  quoted,
]);

const sendRates = [10, 100, 1000] as const;

/** Rounded up, except for the error of binary fractions. */
const rounded = (value: number): string => number(Math.ceil(Number(value.toFixed(6))));

/** The cost of an export by the size of its table. */
const exportSection = (): readonly string[] => [
  '## Exports',
  `An [export](exports.md) reads the tables Security and Traffic once, as a whole. The table has the reads of Security, which is the larger one. An event is assumed to have ${eventBytes} bytes. Its parts cost a few cents more.`,
  table(
    ['events in the table', 'read units', 'cost'],
    exportCosts().map(({ millions, readUnits, usd }) => [
      `${millions} million`,
      number(Math.round(readUnits)),
      money(usd),
    ]),
  ),
];

/** Quotas and cost as they have to be. */
export const renderCapacity = async (): Promise<string> => {
  const intro = await readFile(path.join(import.meta.dirname, 'capacity.intro.md'), 'utf8');
  const used = costs();
  const total = used.reduce((all, { usd }) => all + usd, 0);
  return `${[
    '<!-- Written by `npm run docs` from docs/generate/calls.ts, docs/generate/capacity.ts and docs/generate/capacity.intro.md. Change those. -->',
    intro.trim(),
    '## Calls per flow',
    'The calls of the stream are included. Units are those that DynamoDB bills: reads / writes. A limit refuses the refused request after the read.',
    table(
      ['flow', 'KMS', 'DynamoDB', 'units', 'stream records', 'SMS'],
      (Object.keys(callsOf) as readonly Flow[]).map(flowRow),
    ),
    '## Cost of a million verifications',
    'Each has one request and one right check, in us-east-1. The SMS are not included: a million of them cost $2,000 to several $100,000, by country.',
    table(
      ['service', 'per verification', 'per million'],
      [...used.map(({ name, amount, usd }) => [name, amount, money(usd)]), ['**all**', '', `**${money(total)}**`]],
    ),
    '## Beside paid APIs',
    'A paid API charges a fee for each successful verification, and the SMS on top. Others quoted these fees from the linked pages.',
    table(
      ['service', 'fee per verification', 'per million', 'quoted in'],
      [...paidApiRows, ['this service', '', money(total), '']],
    ),
    '## Cost of a flood',
    `API Gateway does not charge for a request that it refuses itself, or that the firewall blocks. It writes a line of the access log for each. A line is assumed to have ${logOf.access} KB, a record of the firewall ${logOf.firewall} KB, the lines of a function ${logOf.function} KB. A request that a limit of the service refuses costs most. The throttle bounds those, and one IP makes at most a tenth of them. The alarms on [the access log](runbook.md#logs-incomingbytes-api-access), [the rate rule](runbook.md#wafv2-blockedrequests-requestsperip) and [the log of the firewall](runbook.md#logs-incomingbytes-firewall) watch the rest.`,
    table(
      ['refused by', 'costs', 'a million requests'],
      floodCosts().map(({ refusedBy, pays, usd }) => [refusedBy, pays, money(usd)]),
    ),
    ...exportSection(),
    '## Metrics and alarms by the month',
    `A stack has ${ownMetricCount} metrics of its own. CloudWatch charges $${monthly.metric.toFixed(2)} a month for each that has data in it, so $${(ownMetricCount * monthly.metric).toFixed(2)} at most. An alarm costs $${monthly.alarm.toFixed(2)}, and the composite one $${monthly.compositeAlarm.toFixed(2)}. Two stacks share none of them, and pay twice.`,
    `Of several applications, each has ${applicationMetricCount} further metrics, so $${(applicationMetricCount * monthly.metric).toFixed(2)} a month each at most, and $${(maxApplications * applicationMetricCount * monthly.metric).toFixed(2)} for ${maxApplications}, which is the most. A deployment with one application has none of these.`,
    '## By the clock',
    `Once a minute the sweep over findings makes ${sweepCalls.always.Query} Query of Security and writes an item of Traffic. It makes ${sweepCalls.always.BatchGetItem} BatchGetItem of the stops and of the last reminder of them. It asks Lambda for the state of the stream, which costs nothing. For each hundred open findings it makes ${sweepCalls.whileOpen.BatchGetItem - sweepCalls.always.BatchGetItem} BatchGetItem more, and ${sweepCalls.perCase.Query} Query of Traffic for each under a block. With none open that is ${number(Math.round(sweepCalls.perMonth))} invocations, as many writes, and ${number(Math.round(sweepCalls.perMonth * (sweepCalls.always.Query * sweepCalls.unitsPerQuery + sweepCalls.unitsOfStops)))} reads a month: a few cents. Each busy container of the detector writes how late its batches are, once a minute at most. Once an hour it reviews the countries: two Query and two items of each.`,
    '## Quotas',
    `The table has the use per second at each rate of SMS. Each SMS has one right check, and every second one a wrong check before. Bold is above the minimum that AWS, or our own default, gives. A function is assumed to run ${assumed.requestSeconds} s per request, ${assumed.checkSeconds} s per check and ${assumed.streamSeconds} s per stream record. Look at \`Duration\` in your dashboard, and multiply.`,
    table(
      ['quota', ...sendRates.map((rate) => `${number(rate)} SMS/s`), 'default', 'to raise it'],
      quotas().map(({ name, perSend, byDefault, min, raise }) => [
        name,
        ...sendRates.map((rate) => {
          const share = min === 1 ? `${Math.ceil(perSend * rate * 100)} %` : rounded(perSend * rate);
          return perSend * rate > min ? `**${share}**` : share;
        }),
        byDefault,
        raise,
      ]),
    ),
    '`detect-bursts` takes the stream in order, one batch per shard at a time. Nobody has measured how many records a second it can count. If it falls behind, the alarm [Lambda-IteratorAge-detect-bursts](runbook.md#lambda-iteratorage-detect-bursts) goes off.',
  ].join('\n\n')}\n`;
};

/** The page on the architecture, whose tables are written from facts. */
export const renderArchitecture = async (): Promise<string> =>
  withTables(await readFile(path.join(folder, 'architecture.md'), 'utf8'));

/** The pages that are written from facts, each with what it has to be. */
const pages = {
  'api.md': renderReference,
  'openapi.json': renderOpenapi,
  'llms.txt': renderLlms,
  'limits.md': renderLimits,
  'compliance.md': renderCompliance,
  'capacity.md': renderCapacity,
  'otp-desk.md': () => renderDesk(policiesWith()),
  'privacy.md': renderPrivacy,
  'architecture.md': renderArchitecture,
};

// Not `import.meta.main`, which Node 24.0 lacks.
if (path.basename(process.argv[1] ?? '') === path.basename(import.meta.filename)) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' } } });
  for (const [name, render] of Object.entries(pages)) {
    const page = path.join(folder, name);
    const wanted = await render();
    if (values.check !== true) await writeFile(page, wanted);
    else if ((await readFile(page, 'utf8').catch(() => '')) !== wanted) {
      console.error(`docs/${name} is not what the facts say. Run npm run docs and commit the result.`);
      process.exitCode = 1;
    }
  }
}
