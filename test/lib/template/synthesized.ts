import { readFileSync } from 'node:fs';
import { App, CfnElement, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { IConstruct } from 'constructs';
import { functionNames } from '../../../lambdas/contract.ts';
import { OtpStack } from '../../../lib/otp-stack.ts';
import { parseSettings, type SettingsInput } from '../../../lib/settings/settings.ts';
import { type Resources, resourcesOf, type Spell, speller } from './permissions.ts';

export const minimalSettings = {
  brand: 'Example',
  audience: 'https://api.example.com',
  countries: { GB: {} },
  excludedCountries: ['GG', 'IM', 'JE'],
} satisfies SettingsInput;

const { context }: { context: Record<string, unknown> } = JSON.parse(
  readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8'),
);

const idle = () => Code.fromInline('exports.handler = async () => ({ statusCode: 204 });');

/** The stack under the flags of cdk.json, with functions that do nothing. */
export const buildStack = (
  settings: Partial<SettingsInput> = {},
  codeOf: () => Code = idle,
  emulator = false,
): { app: App; stack: OtpStack } => {
  const app = new App({ context });
  const stack = new OtpStack(app, 'OtpService', {
    settings: parseSettings({ ...minimalSettings, ...settings }),
    emulator,
    codeOf,
  });
  return { app, stack };
};

/** Puts cdk-nag on the app as `bin/otp.ts` does. */
export const withNag = ({ app, stack }: { app: App; stack: OtpStack }): OtpStack => {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return stack;
};

export type Synthesized = {
  readonly stack: OtpStack;
  readonly template: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly resources: Resources;
  /** What people call the resources, by logical id. */
  readonly names: ReadonlyMap<string, string>;
  readonly spell: Spell;
};

/** A template is read by many tests. None of them may change it. */
const frozen = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) frozen(part);
  return value;
};

/** The template, and a way to spell its values with the names that people use for keys, tables and logs. */
export const synthesize = (stack: OtpStack): Synthesized => {
  const template = frozen(Template.fromStack(stack).toJSON());
  const resources = frozen(resourcesOf(template));
  const { keys, tables, functions, replayAlias, api, operatorApi } = stack.service;
  const { deadLetters, exports, firewall, alarmTopic, findingsBus } = stack.service;
  const named: [string, IConstruct][] = [
    ...[...keys.codes].map(([generation, key]): [string, IConstruct] => [`CodeKey(${generation})`, key]),
    ['PseudonymKey', keys.pseudonym],
    ['SealKey', keys.seal],
    ...(keys.hourlySeal === undefined ? [] : [['HourlySealKey', keys.hourlySeal] satisfies [string, IConstruct]]),
    ['TableKey', keys.table],
    ['SecurityKey', keys.security],
    ['ProofKey', keys.proof],
    ['LogKey', keys.log],
    ['DeadLetterKey', keys.deadLetter],
    ['AlarmKey', keys.alarm],
    ['ExportKey', keys.export],
    ['ExportSigningKey', keys.exportSigning],
    ...(keys.receipts === undefined ? [] : [['ReceiptKey', keys.receipts] satisfies [string, IConstruct]]),
    ['AlarmTopic', alarmTopic.topic],
    ['DeadLetters', deadLetters.bucket],
    ['Exports', exports.bucket],
    ['replay of detect-bursts', replayAlias],
    ['FindingsBus', findingsBus.bus],
    ['Verifications', tables.verifications],
    ['Guards', tables.guards],
    ['Traffic', tables.traffic],
    ['Security', tables.security],
    ['RestApi', api.restApi],
    ['OperatorRestApi', operatorApi.restApi],
    ['OperatorStage', operatorApi.restApi.deploymentStage],
    ['Stage', api.restApi.deploymentStage],
    ...(firewall === undefined ? [] : [['Firewall', firewall.webAcl] satisfies [string, IConstruct]]),
    ...(stack.service.eventLetters === undefined
      ? []
      : [['EventLetters', stack.service.eventLetters.bucket] satisfies [string, IConstruct]]),
    ...(stack.service.webhooks === undefined
      ? []
      : [
          ['WebhookQueue', stack.service.webhooks.queue] satisfies [string, IConstruct],
          ['WebhookDeadLetters', stack.service.webhooks.deadLetters] satisfies [string, IConstruct],
        ]),
    ...Object.entries(stack.service.schedules).map(([name, { rule }]): [string, IConstruct] => [
      `schedule of ${name}`,
      rule,
    ]),
    ...Object.entries(stack.service.streams).map(([name, { mapping }]): [string, IConstruct] => [
      `mapping of ${name}`,
      mapping,
    ]),
    ...functionNames.flatMap((name): [string, IConstruct][] => [
      [name, functions[name].lambda],
      [`log of ${name}`, functions[name].logGroup],
      [`role of ${name}`, functions[name].role],
    ]),
  ];
  const names = new Map(named.map(([name, each]) => [logicalId(each), name]));
  return { stack, template, resources, names, spell: speller(names) };
};

export const logicalId = (construct: IConstruct): string => {
  const resource = construct instanceof CfnElement ? construct : construct.node.defaultChild;
  if (!(resource instanceof CfnElement)) throw new Error(`${construct.node.path} is no resource`);
  return String(construct.node.scope && resource.stack.resolve(resource.logicalId));
};

const known = new Map<string, Synthesized>();

/** The stack of some settings, synthesized once for all tests that only read it. */
export const synthesizedOf = (settings: Partial<SettingsInput> = {}): Synthesized => {
  const name = JSON.stringify(settings);
  const found = known.get(name) ?? synthesize(buildStack(settings).stack);
  known.set(name, found);
  return found;
};
