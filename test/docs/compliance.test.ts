import { readFile } from 'node:fs/promises';
import { App, Stack } from 'aws-cdk-lib';
import { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks, NIST80053R5Checks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { acknowledgedIn, complianceOf, explain, judge, standardStack } from '../../docs/generate/compliance.ts';
import { gapReasons } from '../../docs/generate/compliance-words.ts';
import { renderCompliance } from '../../docs/generate/docs.ts';

const app = standardStack();
const gap = { rule: 'NIST.800.53.R5-LambdaInsideVPC', resource: 'jwks/Function', says: 'It is not in a VPC.' };
const reason = { rules: [gap.rule], on: [gap.resource], because: 'It calls out only.' };

describe('compliance', () => {
  test('the page is what the packs find in the stack, and why', async () => {
    expect(await readFile(new URL('../../docs/compliance.md', import.meta.url), 'utf8')).toBe(await renderCompliance());
  });
  test('the page lists every gap with its reason, and no other rule', async () => {
    const page = await renderCompliance();
    for (const { pack, counts, gaps } of complianceOf(app)) {
      const [, section = ''] = page.split(`\n## ${pack}\n`);
      const [own = ''] = section.split('\n## ');
      const listed = [...own.matchAll(/^### (.+)$/gm)].map(([, rule]) => `${pack}-${rule}`);
      const broken = counts.filter(({ gaps: found }) => found > 0).map(({ rule }) => rule);
      expect(listed.toSorted()).toEqual(broken.toSorted());
      for (const { rule, resource, because } of gaps) {
        const [, finding] = /\[(.*)\]$/s.exec(rule) ?? [];
        const [, ofRule = ''] = own.split(`\n### ${rule.replace(`${pack}-`, '').replace(/\[.*$/s, '')}\n`);
        const [text = ''] = ofRule.split('\n### ');
        const line = text.split('\n').find((each) => each.startsWith('- ') && each.endsWith(`: ${because}`));
        expect(line).toContain(`\`${resource}\``);
        if (finding !== undefined) expect(text).toContain(`\`${finding}\``);
      }
    }
  });
  test('every pack counts what follows its rules, and gives a reason for each gap', () => {
    const packs = complianceOf(app);
    expect(packs.map(({ pack }) => pack)).toEqual(['AwsSolutions', 'NIST.800.53.R5', 'PCI.DSS.321']);
    for (const { counts, gaps } of packs) {
      expect(counts.filter(({ compliant }) => compliant > 0).length).toBeGreaterThan(5);
      expect(gaps.length).toBeGreaterThan(5);
      for (const { because } of gaps) expect(because).toMatch(/^.{30,}\.$/);
    }
  });
  test('the findings of a rule are counted, acknowledged or not', () => {
    const { counts, gaps } = judge(app, new AwsSolutionsChecks());
    expect(counts.find(({ rule }) => rule === 'AwsSolutions-DDB3')).toMatchObject({ compliant: 1, gaps: 3 });
    expect(gaps.map(({ rule }) => rule)).toContain('AwsSolutions-IAM5[Resource::*]');
  });
});

describe('the check of compliance sees', () => {
  test('the check sees a gap without a reason, and says what to write', () => {
    expect(() => explain([gap], [])).toThrow(
      'jwks/Function does not follow NIST.800.53.R5-LambdaInsideVPC (It is not in a VPC.) Close the gap in lib/, or write in docs/generate/compliance-words.ts why it stands.',
    );
  });
  test('the check sees a reason without a gap', () => {
    expect(() => explain([gap], [reason, { ...reason, on: ['detect-bursts/Function'] }])).toThrow(
      'detect-bursts/Function follows NIST.800.53.R5-LambdaInsideVPC, or is gone. Take the reason away.',
    );
  });
  test('the check sees a reason that points to a rule without one', () => {
    expect(() => explain([gap], [{ ...reason, because: { asFor: 'AwsSolutions-L1' } }])).toThrow('write in');
  });
  test('the check sees that a setting of a resource was lost', () => {
    const changed = standardStack();
    const bucket = changed.node.findAll().find((construct) => construct instanceof CfnBucket);
    if (!(bucket instanceof CfnBucket)) throw new Error('There is no bucket');
    bucket.versioningConfiguration = undefined;
    expect(() => complianceOf(changed)).toThrow(/DeadLetters\/Bucket does not follow \S+S3BucketVersioningEnabled/);
  });
  test('the check sees a reason in lib/ that nothing needs any more', () => {
    const { gaps } = judge(app, new AwsSolutionsChecks());
    const reasons = acknowledgedIn(app);
    expect(explain(gaps, reasons)).toHaveLength(gaps.length);
    const fixed = gaps.filter(({ rule }) => rule !== 'AwsSolutions-S1');
    expect(() => explain(fixed, reasons)).toThrow('DeadLetters/Bucket follows AwsSolutions-S1');
  });
  test('the check sees that a reason was taken away', () => {
    for (const [index] of gapReasons.entries())
      expect(() => complianceOf(app, gapReasons.toSpliced(index, 1))).toThrow('does not follow');
  });
  test('the check sees a pack that applies its rules in another way', () => {
    const pack = new NIST80053R5Checks();
    Object.defineProperty(pack, 'checkResource', { value: () => undefined });
    expect(() => judge(app, pack)).toThrow('NIST.800.53.R5 applied no rule');
  });
  test('the check sees a rule that cannot read a resource', () => {
    const stack = new Stack(new App(), 'Other');
    new Bucket(stack, 'Bucket');
    const pack = new AwsSolutionsChecks();
    const broken = () => {
      throw new Error('unreadable');
    };
    Object.defineProperty(pack, 'checkResource', {
      value: (node: unknown) => Reflect.get(pack, 'applyRule').call(pack, { rule: broken, info: 'x', node }),
    });
    expect(() => judge(stack, pack)).toThrow('unreadable');
  });
});
