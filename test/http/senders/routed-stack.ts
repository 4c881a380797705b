import { inject } from 'vitest';
import type { SettingsInput } from '../../../lib/settings/settings.ts';
import { startLocalStack } from '../../../local/stack.ts';
import { routedBundles } from '../../fakes/routed-bundles.ts';
import { clientOf, stage } from '../client.ts';

/**
 * A local stack with other routes. The policies that the suites hold against calls have none of its senders: these have suites of
 * their own in `test/iam/roles/`.
 */
export const openRouted = async (
  smsRoutes: NonNullable<SettingsInput['smsRoutes']>,
  more: Partial<SettingsInput> = {},
) => {
  const bundles = await routedBundles(inject('bundles'), smsRoutes, more);
  const stack = await startLocalStack({ bundles: bundles.folder, stage, quiet: true });
  const close = async () => {
    await stack.stop();
    await bundles.remove();
  };
  return { stack, app: clientOf(stack), close };
};
