/** The laws of the documents: what is linked exists, and what is named exists. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { CfnKey } from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import { totalOf } from '../../docs/generate/capacity/bill.ts';
import { fixedCosts } from '../../docs/generate/capacity/fixed.ts';
import { paidApis } from '../../docs/generate/capacity/other-costs.ts';
import { costPerMillion, renderCapacity } from '../../docs/generate/capacity/page.ts';
import { priceList } from '../../docs/generate/capacity/prices.ts';
import { maxSendsPerSecond } from '../../docs/generate/capacity/quotas.ts';
import { standardStack } from '../../docs/generate/compliance.ts';
import { renderLimits, renderReference } from '../../docs/generate/docs.ts';
import { limitGroups } from '../../docs/generate/limits-words.ts';
import {
  eventMetrics,
  fields,
  metrics,
  productVersion,
  receiptMetrics,
  riskFindingMetrics,
  riskMetrics,
  routeMetrics,
  webhookMetrics,
} from '../../lambdas/contract.ts';
import type { Exceeded } from '../../lambdas/otp/limits/reservation.ts';
import type { StopHit } from '../../lambdas/otp/limits/stops.ts';
import type { DestinationReason } from '../../lambdas/otp/request/destination.ts';
import type { RiskLimit } from '../../lambdas/otp/risk/decide.ts';
import { callLimit, cooldownLimit, hardLimit, heldLevels, notifyDayLimit } from '../../lambdas/policy.ts';
import { limits } from '../../lib/settings/ranges.ts';
import { anchorsOf, linksOf, pathsOf, rowsOf, scriptsOf, wordsOf } from './markdown.ts';

const root = path.join(import.meta.dirname, '../..');
const read = (file: string) => readFile(path.join(root, file), 'utf8');

/** The pages of the packages in `clients/`, and not those of packages that somebody has installed there. */
const pagesOfClients = async (): Promise<readonly string[]> =>
  (await readdir(path.join(root, 'clients'), { recursive: true }))
    .filter((name) => name.endsWith('.md') && !/node_modules|build|\.venv/.test(name))
    .map((name) => `clients/${name.replaceAll(path.sep, '/')}`);

const documents = [
  ...(await readdir(root)).filter((name) => name.endsWith('.md')),
  ...(await readdir(path.join(root, 'docs'), { recursive: true }))
    // An introduction is a part of the page that it introduces.
    .filter((name) => name.endsWith('.md') && !name.endsWith('.intro.md'))
    .map((name) => `docs/${name.replaceAll(path.sep, '/')}`),
  ...(await pagesOfClients()),
];
const texts = new Map(await Promise.all(documents.map(async (file) => [file, await read(file)] as const)));

/** All code of a room. */
const sourcesIn = async (room: string): Promise<string> => {
  const names = (await readdir(path.join(root, room), { recursive: true })).filter((name) => name.endsWith('.ts'));
  return (await Promise.all(names.map((name) => read(path.join(room, name))))).join('\n');
};

/** What is wrong with a link, if anything. */
const brokenLink = (file: string, target: string): string | undefined => {
  if (/^(?:https:|mailto:)/.test(target)) return undefined;
  const [place = '', anchor] = target.split('#');
  const linked = place === '' ? file : path.posix.join(path.posix.dirname(file), place);
  if (!existsSync(path.join(root, linked))) return `${file}: there is no ${linked}`;
  if (anchor === undefined) return undefined;
  const isThere = anchorsOf(texts.get(linked) ?? '').includes(anchor);
  return isThere ? undefined : `${file}: ${linked} has no heading #${anchor}`;
};

const tooLong = (readme: string): boolean => wordsOf(readme) > 1500;

describe('the documents', () => {
  test('the documents are all there', () => {
    expect(documents).toEqual(
      expect.arrayContaining([
        'README.md',
        'SECURITY.md',
        'CONTRIBUTING.md',
        'CHANGELOG.md',
        'docs/api.md',
        'docs/architecture.md',
        'docs/benchmarks.md',
        'docs/capacity.md',
        'docs/compliance.md',
        'docs/deploy.md',
        'docs/limits.md',
        'docs/operations.md',
        'docs/threat-model.md',
        'clients/README.md',
        'clients/typescript/README.md',
      ]),
    );
  });

  test.each(documents)('%s links to what exists', (file) => {
    const broken = linksOf(texts.get(file) ?? '').flatMap((target) => brokenLink(file, target) ?? []);
    expect(broken).toEqual([]);
  });

  test.each(documents)('%s names files that exist', (file) => {
    expect(pathsOf(texts.get(file) ?? '').filter((named) => !existsSync(path.join(root, named)))).toEqual([]);
  });

  test.each(documents)('%s names scripts that exist', async (file) => {
    const { scripts }: { scripts: Record<string, string> } = JSON.parse(await read('package.json'));
    expect(scriptsOf(texts.get(file) ?? '').filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  test('the page of stand-ins names every stand-in, and a page of AWS for each', async () => {
    const page = texts.get('docs/stand-ins.md') ?? '';
    const helpers = ['faults.ts', 'json.ts', 'refusal.ts'];
    const all = await readdir(path.join(root, 'local/aws'), { recursive: true });
    const files = all.filter((name) => name.endsWith('.ts') && !helpers.includes(name));
    expect(files.filter((name) => !pathsOf(page).includes(`local/aws/${name}`))).toEqual([]);
    const sections = page.split(/^## /m).filter((section) => section.includes('| AWS | the stand-in |'));
    expect(sections.length).toBeGreaterThan(5);
    for (const section of sections) expect(section, section.slice(0, 40)).toContain('https://docs.aws.amazon.com/');
  });

  test('README has at most 1,500 words', () => {
    expect(tooLong(texts.get('README.md') ?? '')).toBe(false);
  });

  test('README has five curls, and ten promises at least', () => {
    const readme = texts.get('README.md') ?? '';
    expect(readme.match(/^ {4}curl /gm)).toHaveLength(5);
    expect(rowsOf(readme, 'promise').length).toBeGreaterThanOrEqual(10);
  });

  test('every promise of README and SECURITY has a test, which exists', () => {
    const promises = ['README.md', 'SECURITY.md'].flatMap((file) => rowsOf(texts.get(file) ?? '', 'promise'));
    expect(promises.length).toBeGreaterThanOrEqual(22);
    expect(new Set(promises.map(([promise]) => promise)).size).toBe(promises.length);
    for (const [promise, tried = ''] of promises) {
      const tests = pathsOf(tried).filter((named) => named.endsWith('.test.ts'));
      expect(tests.length, promise).toBeGreaterThan(0);
      expect(tests.filter((named) => !existsSync(path.join(root, named)))).toEqual([]);
    }
  });

  test('the numbers in README are those of the settings, the costs and the last run', async () => {
    const readme = texts.get('README.md') ?? '';
    const results = rowsOf(await read('bench/bursts/results.md'), 'measure');
    const ours = (measure: string) => /^[\d,]+/.exec(results.find(([name]) => name === measure)?.[3] ?? '')?.[0];
    const [attempts] = limits().find((limit) => limit.path === 'code.maxAttempts')?.defaults ?? [];
    const perMillion = costPerMillion();
    const [twilio] = paidApis.filter(({ name }) => name === 'Twilio Verify');
    const idCharacters = Number(/\{(\d+)\}\$$/.exec(fields.verificationId)?.[1]);
    const said = [
      `at most ${attempts} guesses`,
      `[about ${5 * Math.round(perMillion / 5)}]`,
      `[${((twilio?.usd ?? 0) * 1e6).toLocaleString('en')}]`,
      `${8 * Math.floor((6 * idCharacters) / 8)} random bits`,
      `after ${ours('A1 sequential range, messages before the first refusal')} messages (median)`,
      `refused ${ours('legitimate blocked, clean days with outages, ppm')} of a million`,
      `${ours('legitimate blocked, whole run, ppm')} over the whole run`,
    ];
    const flat = readme.replace(/\s+/g, ' ');
    expect(said.filter((words) => !flat.includes(words))).toEqual([]);
  });

  test('the page on operations names every metric, and no other', () => {
    const named = rowsOf(texts.get('docs/operations.md') ?? '', 'metric').flatMap(([names = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );
    const ofSettings = [receiptMetrics, riskMetrics, riskFindingMetrics, eventMetrics, webhookMetrics];
    const all = [metrics, routeMetrics, ...ofSettings].flatMap((each): readonly string[] => Object.values(each));
    expect(named.toSorted()).toEqual(all.toSorted());
  });

  test('the page on operations explains every limit that a log may name', () => {
    // A probe is refused as its block is, and uses of a test number as its destination is.
    const counters = {
      ...{ ip: 1, 'ip-countries': 1, 'low-volume': 1, [notifyDayLimit]: 1 },
      ...{ 'cap-total': 1, 'cap-country': 1, 'cap-application': 1 },
    } satisfies Record<Exclude<Exceeded['counter'], 'probe' | 'test-number-uses'>, 1>;
    const risks = { 'sim-swap': 1, 'port-notice': 1, 'risk-unknown': 1 } satisfies Record<RiskLimit, 1>;
    const stops = {
      ...{ 'stop-all': 1, 'stop-application': 1, 'stop-country': 1, 'stop-unreadable': 1 },
    } satisfies Record<StopHit['limit'], 1>;
    const reasons = { country: 1, type: 1, voice: 1, 'test-number': 1 } satisfies Record<DestinationReason, 1>;
    const all = [
      ...[cooldownLimit, hardLimit, callLimit],
      ...[counters, risks, stops].flatMap((each) => Object.keys(each)),
      ...Object.keys(reasons).map((reason) => `destination-${reason}`),
      ...heldLevels.map((level) => `block-${level}`),
    ];
    const named = rowsOf(texts.get('docs/operations.md') ?? '', '`limit`').flatMap(([names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    );
    // A window has the name that the settings give it.
    expect(named.filter((name) => name !== 'phone-10m').toSorted()).toEqual(all.toSorted());
  });

  test('the page of the deployment names every key that rotates by itself', () => {
    const rotating = standardStack()
      .node.findAll()
      .filter((each) => each instanceof CfnKey && each.enableKeyRotation === true)
      .map(({ node }) => node.scope?.node.id);
    const [, listed = ''] = /\*\*Symmetric keys\*\* \(([^)]+)\)/.exec(texts.get('docs/deploy.md') ?? '') ?? [];
    const named = [...listed.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    // No standard stack has receipts.
    expect(named.toSorted()).toEqual([...rotating, 'ReceiptKey'].toSorted());
  });

  test('the new names that CHANGELOG lists are in the code', async () => {
    // Alarms have their names from their metrics: test/lib/constructs/alarms.test.ts holds these.
    const rows = rowsOf(texts.get('CHANGELOG.md') ?? '', 'kind').filter(([kind]) => kind !== 'alarm');
    const names = rows.flatMap(([, , renamed = '']) =>
      [...renamed.matchAll(/`(?:block[-#]|cap-)?([^`]+)`/g)].map(
        ([, name = '']) => /[\w-]+(?=#?$)/.exec(name)?.[0] ?? name,
      ),
    );
    expect(names.length).toBeGreaterThan(30);
    const code = (await Promise.all(['lambdas', 'lib'].map(sourcesIn))).join('\n');
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  test('every decision is in the list of decisions', async () => {
    const pages = (await readdir(path.join(root, 'docs/decisions'))).filter((name) => /^\d{4}-/.test(name));
    const links = linksOf(texts.get('docs/decisions/README.md') ?? '').filter((link) => /^\d{4}-/.test(link));
    expect(links.toSorted()).toEqual(pages.toSorted());
  });

  test('the API reference is what the contract says', async () => {
    expect(texts.get('docs/api.md')).toBe(await renderReference());
  });

  test('the table of limits is what the schema of the settings says', async () => {
    expect(texts.get('docs/limits.md')).toBe(await renderLimits());
  });

  test('the version that findings name is the one of the package', async () => {
    expect(productVersion).toBe(JSON.parse(await read('package.json')).version);
  });

  test('quotas and cost are what the calls of each flow say', async () => {
    expect(texts.get('docs/capacity.md')).toBe(await renderCapacity());
  });

  test('the page of the deployment rounds what was worked out', () => {
    const perMillion = costPerMillion();
    const page = texts.get('docs/deploy.md');
    expect(page).toContain(`about $${5 * Math.round(perMillion / 5)} per million verifications`);
    const { lines, rotating } = fixedCosts();
    const usdOf = (group: string) => totalOf(lines.filter((line) => line.group === group));
    const monthly = Math.round(totalOf(lines));
    expect(page).toContain(`about $${monthly} a month without traffic`);
    expect(page).toContain(
      `The KMS keys make $${usdOf('keys')} of the $${monthly}, and the firewall $${usdOf('firewall')}.`,
    );
    expect(page).toContain(`add $${rotating * priceList.kmsRotation.usd} a month`);
    expect(page).toContain(`about ${maxSendsPerSecond.toLocaleString('en')} SMS a second`);
  });

  test('a limit that nobody told of, told of twice, or that is gone, is found', async () => {
    const added = [...limits(), { path: 'code.colour', range: { min: 1, max: 2 }, defaults: [1] }];
    await expect(renderLimits(added as ReturnType<typeof limits>)).rejects.toThrow('See to code.colour.');
    const [, ...fewer] = limits();
    await expect(renderLimits(fewer)).rejects.toThrow('See to countries.*.priceUsd.');
    const twice = { ...limitGroups, More: ['code.digits'] };
    await expect(renderLimits(limits(), twice)).rejects.toThrow('See to code.digits.');
  });

  test('the defaults of the table are what a deployment gets', () => {
    const defaultsOf = (path: string) => limits().find((limit) => limit.path === path)?.defaults;
    expect(defaultsOf('sends.windows.*.sends')).toEqual([5, 10]);
    expect(defaultsOf('countries.*.caps.hourUsd')).toEqual([10]);
    expect(defaultsOf('dailyQuota')).toEqual([]);
  });
});

describe('a broken document is found:', () => {
  test.each(['./nowhere.md', '#no-such-heading', 'docs/api.md#no-such-problem', 'docs/'.concat('x.svg')])(
    'a link to %s is found to lead nowhere',
    (target) => {
      expect(brokenLink('README.md', target)).toMatch(/README\.md: /);
    },
  );

  test('a README of 1,501 words is too long, the code counted', () => {
    const words = (count: number) => `${'word '.repeat(count - 3)}\n\n    npm ci\n\nend\n`;
    expect([tooLong(words(1500)), tooLong(words(1501))]).toEqual([false, true]);
  });

  test('rows of a table are found by its first heading', () => {
    expect(rowsOf('\n| a | b |\n| --- | --- |\n| 1 | `2` |\n\n| c |\n| --- |\n| 3 |\n', 'a')).toEqual([['1', '`2`']]);
    expect(rowsOf('no table', 'a')).toEqual([]);
  });

  test('a link in code is none', () => {
    expect(linksOf('`[a](b)`\n\n```\n[c](d)\n```\n\n    [e](f)\n\n[g](h) ![i](j) <img src="k">')).toEqual([
      'h',
      'j',
      'k',
    ]);
  });

  test('anchors are made as GitHub makes them', () => {
    expect(anchorsOf('# A `b`, c: d\n## Same\n## Same\n```\n# no\n```')).toEqual(['a-b-c-d', 'same', 'same-1']);
    expect(anchorsOf('# A\n| <a id="b"></a>`B` |\n    <a id="no"></a>')).toEqual(['a', 'b']);
  });
});
