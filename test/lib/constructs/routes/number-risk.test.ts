import { expect, test } from 'vitest';
import { type AnyFunctionName, riskAttributes } from '../../../../lambdas/contract.ts';
import { permissionsOf } from '../../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../../template/synthesized.ts';

const standard = synthesizedOf({});
const minding = synthesizedOf({
  numberRisk: { purposes: { login: { ifSwapped: 'step-up', failMode: 'open' } } },
});

const mayDo = ({ stack, resources, spell }: Synthesized, name: AnyFunctionName): readonly string[] => {
  const made = stack.service.functions[name];
  return made === undefined ? [] : permissionsOf(resources, logicalId(made.role), spell);
};
const names = Object.keys(standard.stack.service.functions) as AnyFunctionName[];
const senders = ['request-verification', 'resend-verification'];

test('settings without number risk let no function that sends read or write anything of a SIM', () => {
  const lines = senders.flatMap((name) => mayDo(standard, name as AnyFunctionName)).join('\n');
  expect(lines).not.toMatch(/sim-swap#|port-notice#/);
  for (const attribute of riskAttributes) expect(lines).not.toMatch(new RegExp(`\\b${attribute}\\b`));
});

test('only the functions that send, and the one by which staff note portings, get more with number risk', () => {
  const changed = names.filter((name) => mayDo(standard, name).join() !== mayDo(minding, name).join());
  expect(changed.toSorted()).toEqual([...senders, 'write-desk']);
});

test('a request keeps answers and corrects its record; neither function writes a notice', () => {
  const added = (name: AnyFunctionName) => mayDo(minding, name).filter((line) => !mayDo(standard, name).includes(line));
  expect(added('request-verification')).toEqual([
    expect.stringMatching(/^dynamodb:BatchGetItem on Guards .*sim-swap#\*\|port-notice#\*/),
    expect.stringMatching(/^dynamodb:PutItem on Guards .*LeadingKeys idempotency#\*\|sim-swap#\* /),
    expect.stringMatching(/^dynamodb:UpdateItem on Verifications .*\|risk\|swappedAt\|swappedWithinHours\|stepUp /),
  ]);
  expect(added('resend-verification')).toEqual([
    expect.stringMatching(/^dynamodb:BatchGetItem on Guards .*sim-swap#\*\|port-notice#\*/),
    expect.stringMatching(/^dynamodb:UpdateItem on Verifications .*\|risk\|swappedAt\|swappedWithinHours\|stepUp /),
  ]);
});
