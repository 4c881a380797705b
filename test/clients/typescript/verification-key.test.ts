import { expect, test } from 'vitest';
import { verificationKey } from '../../../clients/typescript/index.ts';
import { recordKey } from '../../../lambdas/otp/number/pseudonyms.ts';
import { keyCases } from '../key-cases.ts';

test.each(keyCases)('the key of %j is the one that the service gives its events', async (application, id) => {
  expect(await verificationKey(application, id)).toBe(recordKey(application, id));
});

test('two verifications have two keys, wherever application and id are cut', async () => {
  const keys = await Promise.all(keyCases.map(([application, id]) => verificationKey(application, id)));
  expect(new Set(keys).size).toBe(keyCases.length);
});
