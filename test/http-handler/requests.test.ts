import { describe, expect, test } from 'vitest';
import type { Call } from '../../lambdas/http/call.ts';
import { Refused } from '../../lambdas/http/problem.ts';
import { readSendBody } from '../../lambdas/http/requests.ts';
import { samplePolicy } from '../fakes/policy.ts';

const callWith = (body: object): Call => ({
  requestId: 'r',
  id: '',
  application: 'app',
  ip: '192.0.2.1',
  header: () => [],
  text: () => JSON.stringify({ phoneNumber: '+919876543210', ...body }),
});
const answerTo = (body: object, lists: { appHashes?: readonly string[]; origins?: readonly string[] }) => {
  try {
    return readSendBody(callWith(body), { ...samplePolicy, ...lists });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.reply;
  }
};

describe.each([
  { field: 'appHash', list: 'appHashes', listed: 'Zz9+/aB3dE5', others: ['Zz9+/aB3dE6', 'zz9+/ab3de5', 'Zz9', '', 7] },
  {
    field: 'origin',
    list: 'origins',
    listed: 'https://shop.example.com',
    others: ['https://shop.example', 'http://shop.example.com', 'https://evil.example', '', 7],
  },
])('the field $field', ({ field, list, listed, others }) => {
  test('a value that the settings list is taken', () => {
    expect(answerTo({ [field]: listed }, { [list]: [listed] })).toMatchObject({ [field]: listed });
  });

  test('a value that they do not list is refused, with the same answer whatever they list', () => {
    for (const other of [listed, ...others]) {
      const bare = answerTo({ [field]: other }, { [list]: [] });
      expect(bare).toMatchObject({
        status: 400,
        body: { code: 'invalid-request', errors: [{ pointer: `/${field}` }] },
      });
      if (other === listed) continue;
      const listing = answerTo({ [field]: other }, { [list]: [listed, 'Another+/12'] });
      expect(listing).toEqual(bare);
      expect(JSON.stringify(listing)).not.toContain(listed);
    }
  });
});
