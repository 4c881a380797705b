import { vi } from 'vitest';
import { setTimeouts } from './timeouts.ts';

type Client = Parameters<typeof setTimeouts>[0];

const patient =
  <Made extends Client>(make: () => Made): (() => Made) =>
  () => {
    const client = make();
    setTimeouts(client, { connectionTimeout: 60_000, requestTimeout: 60_000, socketTimeout: 60_000 });
    return client;
  };

/**
 * The stand-ins answer in this very process, which may be stopped for two seconds on a busy machine. No test of this folder
 * waits for a time-out of these clients: `back-off.test.ts` reads those that a deployment has.
 */
vi.mock(import('../../../lambdas/aws/clients.ts'), async (original) => {
  const clients = await original();
  const { dynamoClient, dynamoClientOnce, kmsClient } = clients;
  return {
    ...clients,
    dynamoClient: patient(dynamoClient),
    dynamoClientOnce: patient(dynamoClientOnce),
    kmsClient: patient(kmsClient),
  };
});
vi.mock(import('../../../lambdas/aws/sdk-clients.ts'), async (original) => {
  const clients = await original();
  return { ...clients, eventBridgeClient: patient(clients.eventBridgeClient) };
});
