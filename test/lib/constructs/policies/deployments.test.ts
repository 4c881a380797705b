import { describe, expect, test } from 'vitest';
import type { AnyFunctionName } from '../../../../lambdas/contract.ts';
import type { SettingsInput } from '../../../../lib/settings/settings.ts';
import { voiceSettings } from '../../../fakes/settings.ts';
import { linesOf, permissionsOf, recordOf, statementsIn } from '../../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../../template/synthesized.ts';
import { asking, receiptsByBus, receiptsBySet, withWebhooks } from '../../template/variants.ts';

type Some = Partial<SettingsInput>;

const { receipts: _, ...routesBySet } = receiptsBySet;
const { receipts: __, ...routesByBus } = receiptsByBus;
const { numberRisk: ___, ...withoutRisk } = asking;
const { events: ____, ...withoutWebhooks } = withWebhooks;
const notify = { configuration: 'nc-1', templates: { en: 'notify-code-verification-english-001' } };
/** Calls and SMS of Notify, which both name the configuration set. */
const notifying = {
  countries: { US: {} },
  excludedCountries: ['AS', 'GU', 'MP', 'PR', 'VI'],
  smsRoutes: [{ sender: 'notify', ...notify }, {}],
  voice: voiceSettings({ routes: [{ sender: 'notify', ...notify }] }),
} satisfies Some;
const calling = { countries: { US: {} }, excludedCountries: ['AS', 'GU', 'MP', 'PR', 'VI'] } satisfies Some;

/** Settings with a part and without it. */
const parts: readonly (readonly [string, Some, Some])[] = [
  ['number risk', asking, withoutRisk],
  ['receipts by a configuration set', receiptsBySet, routesBySet],
  ['receipts of Notify', { ...notifying, receipts: { sources: ['configuration-set'] } }, notifying],
  ['receipts by the bus', receiptsByBus, routesByBus],
  ['receipts that events read', { ...receiptsBySet, events: {} }, { ...routesBySet, events: {} }],
  ['webhooks', withWebhooks, withoutWebhooks],
  ['keys of hours', { sealing: 'hourly' }, {}],
  ['records sealed one by one', { purposes: ['verify-number'] }, { purposes: ['verify-number'], sealing: 'hourly' }],
  ['proofs under ES256', {}, { proofs: { algorithm: 'RS256' } }],
  ['proofs under RS256', { proofs: { algorithm: 'RS256' } }, {}],
  ['calls', { ...calling, voice: voiceSettings({}) }, calling],
];

const made = ({ stack }: Synthesized, name: AnyFunctionName) =>
  stack.service.functions[name] ?? expect.fail(`There is no ${name}.`);

const mayDo = (from: Synthesized, name: AnyFunctionName) =>
  permissionsOf(from.resources, logicalId(made(from, name).role), from.spell);

/** The statements of the policy that stays with the role. CloudFormation changes that policy before the function. */
const mayDoByRole = (from: Synthesized, name: AnyFunctionName) => {
  const policy = made(from, name).role.node.findChild('DefaultPolicy').node.defaultChild;
  const id = from.stack.resolve(Reflect.get(policy ?? {}, 'logicalId'));
  const { PolicyDocument } = recordOf(from.resources[String(id)]?.Properties);
  return statementsIn(PolicyDocument).flatMap((each) => linesOf(each, from.spell));
};

const namesIn = ({ stack }: Synthesized) => Object.keys(stack.service.functions) as AnyFunctionName[];

/** Rights that a function loses before its code is replaced. */
const lostTooEarly = (before: Synthesized, after: Synthesized) =>
  namesIn(before)
    .filter((name) => namesIn(after).includes(name))
    .flatMap((name) =>
      mayDoByRole(before, name)
        .filter((line) => !mayDo(after, name).includes(line))
        // The status shows the state of a key that is gone as well.
        .filter((line) => !line.startsWith('kms:DescribeKey on '))
        .map((line) => `${name}: ${line}`),
    );

describe('turning a setting off', () => {
  test.each(parts)('the code with %s keeps its rights until it is replaced', (_name, on, off) => {
    const [before, after] = [synthesizedOf(on), synthesizedOf(off)];
    const shared = namesIn(before).filter((name) => namesIn(after).includes(name));
    expect(shared.filter((name) => mayDo(before, name).join() !== mayDo(after, name).join())).not.toEqual([]);
    expect(lostTooEarly(before, after)).toEqual([]);
  });
});

test('each reader of the stream is deployed with a new form of records before any record has it', () => {
  const from = synthesizedOf({ ...receiptsBySet, events: {} });
  const idOf = (name: AnyFunctionName) => logicalId(made(from, name).lambda);
  for (const reader of ['detect-bursts', 'publish-events'] as const)
    expect(from.resources[idOf('request-verification')]?.DependsOn).toContain(idOf(reader));
});
