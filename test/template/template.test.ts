import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildStack } from '../lib/template/synthesized.ts';
import { variants } from '../lib/template/variants.ts';
import { type Finding, type Linter, openLinter } from './linter.ts';

type Json = { Resources: Record<string, { Type: string; Properties?: Record<string, unknown> }> } & Record<
  string,
  unknown
>;

const folder = mkdtempSync(path.join(tmpdir(), 'otp-template-'));
afterAll(() => rmSync(folder, { recursive: true }));

const standard = Template.fromStack(buildStack().stack).toJSON() as Json;
const nameOf = (title: string): string => `${title.replaceAll(/\W+/g, '-')}.json`;
const write = (title: string, template: unknown): string => {
  const file = path.join(folder, nameOf(title));
  writeFileSync(file, JSON.stringify(template, undefined, 1));
  return file;
};

/** Functions come from the bucket of the bootstrap, as they are deployed, and not from the template. */
const withBundles = () => Code.fromAsset(import.meta.dirname);
const names = Object.keys(variants);

let linter: Linter;
beforeAll(() => {
  linter = openLinter();
});

describe('CloudFormation’s own linter', () => {
  let findings: readonly Finding[];
  beforeAll(() => {
    const files = names.map((name) =>
      write(name, Template.fromStack(buildStack(variants[name], withBundles).stack).toJSON()),
    );
    findings = linter(files);
  });

  /** Regions in which CloudFormation has no configuration sets, and AWS no End User Messaging to send by. */
  const regionsWithoutSets = ['ap-east-1', 'ap-southeast-5', 'ap-southeast-7', 'cn-north-1', 'cn-northwest-1'];
  const isMissingSet = ({ rule, says }: Finding) =>
    rule === 'E3006' &&
    regionsWithoutSets.some((region) =>
      says.endsWith(`'AWS::SMSVOICE::ConfigurationSet' does not exist in '${region}'`),
    );

  test.each(names)('the linter finds nothing in any Region that has the services, with %s', (name) => {
    expect(findings.filter((each) => each.file === nameOf(name) && !isMissingSet(each))).toEqual([]);
  });
  test('the linter says nothing that is about no template', () => {
    expect(findings.filter((each) => !isMissingSet(each))).toEqual([]);
  });
  test('the page on deployment names each Region in which receipts have no configuration set', () => {
    const page = readFileSync(path.join(import.meta.dirname, '..', '..', 'docs', 'deploy.md'), 'utf8');
    expect(regionsWithoutSets.filter((region) => !page.includes(`\`${region}\``))).toEqual([]);
    // Each template with a set says it of each Region.
    const said = new Set(findings.filter(isMissingSet).map(({ says }) => says));
    expect(said.size).toBe(regionsWithoutSets.length);
  });
});

describe('a broken template is found:', () => {
  const firstOf = (template: Json, type: string) => {
    const found = Object.values(template.Resources).find(({ Type }) => Type === type);
    if (found?.Properties === undefined) throw new Error(`There is no ${type}`);
    return found.Properties;
  };
  const broken: readonly (readonly [string, (template: Json) => void, string])[] = [
    [
      'a property that does not exist',
      (each) => Object.assign(firstOf(each, 'AWS::SNS::Topic'), { Colour: 'red' }),
      'E3002',
    ],
    [
      'a value of another type',
      (each) => Object.assign(firstOf(each, 'AWS::Lambda::Function'), { Timeout: 'soon' }),
      'E3012',
    ],
    [
      'a reference to nothing',
      (each) => Object.assign(firstOf(each, 'AWS::SNS::Topic'), { KmsMasterKeyId: { Ref: 'Nobody' } }),
      'E1020',
    ],
    [
      'a runtime that is gone',
      (each) => Object.assign(firstOf(each, 'AWS::Lambda::Function'), { Runtime: 'nodejs12.x' }),
      'E2533',
    ],
    [
      'an action that does not exist',
      (each) =>
        Object.assign(firstOf(each, 'AWS::IAM::Policy'), {
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [{ Effect: 'Allow', Action: 'kms:Guess', Resource: '*' }],
          },
        }),
      'W3037',
    ],
    ['outputs of resources that are gone', (each) => Object.assign(each, { Resources: {} }), 'E6101'],
  ];

  let findings: readonly Finding[];
  beforeAll(() => {
    const files = broken.map(([name, change]) => {
      const template: Json = structuredClone(standard);
      change(template);
      return write(name, template);
    });
    const text = path.join(folder, 'text.json');
    writeFileSync(text, 'no template');
    findings = linter([...files, text]);
  });
  const rulesOf = (file: string) => findings.filter((each) => each.file === file).map(({ rule }) => rule);

  test.each(broken)('the linter finds %s', (name, _, rule) => {
    expect(rulesOf(nameOf(name))).toContain(rule);
  });
  test('the linter finds a file that is no template at all', () => {
    expect(rulesOf('text.json')).not.toEqual([]);
  });
  test('the linter finds that a file is not there', () => {
    expect(linter([path.join(folder, 'nowhere.json')])).not.toEqual([]);
  });
});

test('a run without Python has no result, but a sentence that says what to install', () => {
  expect(() => openLinter(path.join(folder, 'no-python'), path.join(folder, 'environment'))).toThrow('Install it');
});
