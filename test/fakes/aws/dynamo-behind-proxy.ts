import { afterAll, afterEach, beforeAll } from 'vitest';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { askInstead } from './environment.ts';
import { type AwsProxy, awsProxy } from './proxy.ts';

/** DynamoDB for the tests of a file, which the SDK reaches by a proxy. Both are there as soon as the first test runs. */
export const useDynamoBehindProxy = (): { readonly dynamo: Dynamo; readonly proxy: AwsProxy } => {
  let dynamo: Dynamo;
  let proxy: AwsProxy;
  beforeAll(async () => {
    dynamo = await startDynamo();
    proxy = await awsProxy(dynamo.url);
    askInstead({ AWS_ENDPOINT_URL_DYNAMODB: proxy.url });
  });
  afterEach(() => proxy.heal());
  afterAll(async () => {
    await proxy.stop();
    await dynamo.stop();
  });
  return {
    get dynamo() {
      return dynamo;
    },
    get proxy() {
      return proxy;
    },
  };
};
