/** Holds the stack against the rule packs of cdk-nag: which resources break which rule, and the reason for each. */

import { readFileSync, rmSync } from 'node:fs';
import { App, type Stack, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import {
  AwsSolutionsChecks,
  type IApplyRule,
  type NagPack,
  NagRuleCompliance,
  NIST80053R5Checks,
  PCIDSS321Checks,
} from 'cdk-nag';
import { OtpStack } from '../../lib/otp-stack.ts';
import { parseSettings } from '../../lib/settings/settings.ts';
import { gapReasons, type Reason } from './compliance-words.ts';

/** The number of resources that follow a rule, and of those that break it. If both are 0, the rule does not apply. */
export type Count = {
  readonly rule: string;
  /** The pack's sentence about a resource that breaks it. */
  readonly says: string;
  readonly compliant: number;
  readonly gaps: number;
};

/** A rule that a resource breaks. */
export type Gap = { readonly rule: string; readonly resource: string; readonly says: string };
export type ExplainedGap = Gap & { readonly because: string };

export type Judgement = { readonly pack: string; readonly counts: readonly Count[]; readonly gaps: readonly Gap[] };
export type Compliance = {
  readonly pack: string;
  readonly counts: readonly Count[];
  readonly gaps: readonly ExplainedGap[];
};

/** A path as people read it: from the stack down to the construct of the resource. */
const pathOf = ({ node }: { readonly node: { readonly path: string } }): string =>
  node.path
    .split('/')
    .slice(1)
    .filter((id) => id !== 'Default')
    .join('/')
    .replace(/\/Resource$/, '');

/**
 * Everything that a pack finds, acknowledged or not. A pack reports only violations without a reason, so this listens to
 * each rule as the pack applies it.
 *
 * @throws Error when the pack applies no rule that way: no result is no compliance.
 */
export const judge = (root: App | Stack, pack: NagPack): Judgement => {
  const counts = new Map<string, Count>();
  const gaps: Gap[] = [];
  const applyRule = ({ ruleSuffixOverride, rule, info: says, node }: IApplyRule) => {
    const name = `${pack.readPackName}-${ruleSuffixOverride ?? rule.name}`;
    const result = rule(node);
    // A rule finds one thing, or several that are named.
    const found =
      result === NagRuleCompliance.NON_COMPLIANT ? [name] : [result].flat().map((each) => `${name}[${each}]`);
    const isGap = result === NagRuleCompliance.NON_COMPLIANT || Array.isArray(result);
    const { compliant, gaps: before } = counts.get(name) ?? nothing;
    counts.set(name, {
      rule: name,
      says,
      compliant: compliant + Number(result === NagRuleCompliance.COMPLIANT),
      gaps: before + Number(isGap),
    });
    if (isGap) gaps.push(...found.map((each) => ({ rule: each, resource: pathOf(node), says })));
  };
  Object.defineProperty(pack, 'applyRule', { value: applyRule });
  pack.validateScope(root);
  if (counts.size === 0)
    throw new Error(
      `${pack.readPackName} applied no rule that could be seen. See how this version of cdk-nag does it.`,
    );
  return { pack: pack.readPackName, counts: [...counts.values()], gaps };
};

const nothing = { compliant: 0, gaps: 0 };

/** The reasons in `lib/`, beside their resources. */
export const acknowledgedIn = (root: App | Stack): readonly Reason[] =>
  root.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries<string>(data))
      .map(([rule, because]) => ({
        rules: [rule.replace(/^Annotation::/, '')],
        on: [pathOf(construct)],
        because,
      })),
  );

const covers = ({ rules, on }: Reason, { rule, resource }: Gap): boolean =>
  rules.includes(rule) && on.some((path) => resource === path || resource.startsWith(`${path}/`));

/** The words of a reason. `asFor` takes those that `lib/` gives for another rule. */
const wordsOf = ({ because }: Reason, gap: Gap, reasons: readonly Reason[]): string | undefined => {
  if (typeof because === 'string') return because;
  const elsewhere = reasons.find((reason) => covers(reason, { ...gap, rule: because.asFor }));
  return typeof elsewhere?.because === 'string' ? elsewhere.because : undefined;
};

/**
 * Each gap with its reason.
 *
 * @throws Error when a gap has no reason, or a reason no gap: a closed gap needs no excuse.
 */
export const explain = (gaps: readonly Gap[], reasons: readonly Reason[]): readonly ExplainedGap[] => {
  const explained = gaps.map((gap) => {
    const reason = reasons.find((each) => covers(each, gap));
    return { ...gap, because: reason && wordsOf(reason, gap, reasons) };
  });
  const unexplained = explained
    .filter(({ because }) => because === undefined)
    .map(
      ({ rule, resource, says }) =>
        `${resource} does not follow ${rule} (${says}) Close the gap in lib/, or write in docs/generate/compliance-words.ts why it stands.`,
    );
  const stale = reasons.flatMap(({ rules, on, because }) =>
    rules.flatMap((rule) =>
      on
        .filter((path) => !gaps.some((gap) => covers({ rules: [rule], on: [path], because }, gap)))
        .map((path) => `${path} follows ${rule}, or is gone. Take the reason away.`),
    ),
  );
  if (unexplained.length + stale.length > 0) throw new Error([...unexplained, ...stale].join('\n'));
  return explained.map((gap) => ({ ...gap, because: gap.because ?? '' }));
};

/** The stack with only the settings that a team has to write, and functions that do nothing. */
export const standardStack = (): App => {
  const { context }: { context: Record<string, unknown> } = JSON.parse(
    readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'),
  );
  const app = new App({ context: { ...context, 'aws:cdk:bundling-stacks': [] } });
  new OtpStack(app, 'OtpService', {
    settings: parseSettings({ brand: 'Example', audience: 'https://api.example.com', countries: { IN: {} } }),
    codeOf: () => Code.fromInline('exports.handler = async () => ({ statusCode: 204 });'),
  });
  // The packs look at the synthesized template, aspects and late values included.
  rmSync(app.synth().directory, { recursive: true });
  return app;
};

/** Everything that the packs find in the stack, each gap with its reason. */
export const complianceOf = (app: App, reasons: readonly Reason[] = gapReasons): readonly Compliance[] => {
  const judged = [new AwsSolutionsChecks(), new NIST80053R5Checks(), new PCIDSS321Checks()].map((pack) =>
    judge(app, pack),
  );
  const explained = explain(
    judged.flatMap(({ gaps }) => gaps),
    [...acknowledgedIn(app), ...reasons],
  );
  return judged.map(({ pack, counts }) => ({
    pack,
    counts,
    gaps: explained.filter(({ rule }) => rule.startsWith(`${pack}-`)),
  }));
};

const code = (text: string): string => `\`${text}\``;

/** A rule's own words, and the controls of the standard that it stands for. */
const wordsAndControls = (says: string): readonly [string, string] => {
  const [, words = says, controls = ''] = /^(.*?) - \(Control IDs?: (.*)\)\.$/s.exec(says) ?? [];
  return [`${words.replace(/\.$/, '')}.`, controls];
};

/** A rule, and the finding that it names, if it names one: `AwsSolutions-IAM5[Resource::*]`. */
const ruleAndFinding = (rule: string): readonly [string, string] => {
  const [, name = rule, finding = ''] = /^([^[]+)\[(.*)\]$/s.exec(rule) ?? [];
  return [name, finding];
};

const quoted = (texts: Iterable<string>): string => [...new Set(texts)].map(code).join(', ');

/** The resources that share a reason, the reason, and the findings that the rule names on each resource. */
const reasonLines = (because: string, gaps: readonly ExplainedGap[]): readonly string[] => {
  const findings = Map.groupBy(gaps, ({ resource }) => resource);
  const named = [...findings].flatMap(([resource, alike]) => {
    const found = alike.map(({ rule }) => ruleAndFinding(rule)[1]).filter((finding) => finding !== '');
    if (found.length === 0) return [];
    return [findings.size === 1 ? `  - ${quoted(found)}` : `  - ${code(resource)}: ${quoted(found)}`];
  });
  return [`- ${quoted(findings.keys())}: ${because}`, ...named];
};

const gapSection = (pack: string, rule: string, gaps: readonly ExplainedGap[]): string => {
  const [words, controls] = wordsAndControls(gaps[0]?.says ?? '');
  const reasons = Map.groupBy(gaps, ({ because }) => because);
  return [
    `### ${rule.replace(`${pack}-`, '')}`,
    controls === '' ? `> ${words}` : `> ${words} Controls: ${controls}.`,
    [...reasons].flatMap(([because, alike]) => reasonLines(because, alike)).join('\n'),
  ].join('\n\n');
};

/** A pack as the page shows it: its gaps with their reasons. Rules that do not apply, or have no gap, are a number. */
export const packSections = ({ pack, counts, gaps }: Compliance): readonly string[] => {
  const applied = counts.filter(({ compliant, gaps: broken }) => compliant + broken > 0);
  const broken = Map.groupBy(gaps, ({ rule }) => ruleAndFinding(rule)[0]);
  return [
    `## ${pack}`,
    `${applied.length} of ${counts.length} rules apply to a resource of the stack. ${applied.length - broken.size} of them have no gap; the other ${broken.size} follow.`,
    ...[...broken].map(([rule, alike]) => gapSection(pack, rule, alike)),
  ];
};
