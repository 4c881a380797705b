import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, HttpRequest } from '@smithy/types';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callSigner } from '../../../lambdas/aws/calls/signer.ts';

type Data = string | Uint8Array;

/** SHA-256 as the SDK's signer wants it. */
class Sha256 {
  readonly #made;
  constructor(secret?: Data | ArrayBuffer) {
    this.#made =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', typeof secret === 'string' ? secret : Buffer.from(secret as Uint8Array));
  }
  update(data: Data): void {
    this.#made.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#made.digest());
  }
}

const header = fc.constantFrom(
  ...['host', 'Host', 'content-type', 'x-amz-target', 'X-Amz-Meta-A', 'x-amz-meta-a', 'user-agent', 'Date', 'date'],
  ...['authorization', 'connection', 'proxy-x', 'sec-y', 'x-amzn-trace-id', 'amz-sdk-request', 'x-amz-content-sha256'],
);
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', ' a  b ', 'a\tb\r\nc', '  ', 'ä€😀'),
);
const queries = fc.dictionary(
  fc.oneof(fc.string({ unit: 'grapheme', minLength: 1 }), fc.constantFrom('X-Amz-Signature', 'a b', '*', 'ä')),
  fc.oneof(fc.string({ unit: 'grapheme' }), fc.array(fc.string({ unit: 'grapheme' }))),
  { maxKeys: 4 },
);
const requests = fc.record({
  method: fc.constantFrom('POST', 'GET', 'PUT', 'DELETE'),
  path: fc.oneof(
    fc.constantFrom('/', '/a/b/', '/a/../b', '/./a//b', '/../', "/ä b/!'()*", '/%2F/%20'),
    fc.string({ unit: 'grapheme' }).map((text) => `/${text}`),
  ),
  query: queries,
  headers: fc.dictionary(header, value, { maxKeys: 8 }),
  body: fc.oneof(fc.constant(undefined), fc.constant(''), fc.string({ unit: 'grapheme' }), fc.uint8Array()),
});
const credentials = fc.record(
  { accessKeyId: fc.string({ minLength: 1 }), secretAccessKey: fc.string({ minLength: 1 }), sessionToken: fc.string() },
  { requiredKeys: ['accessKeyId', 'secretAccessKey'] },
);
const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const overrides = fc.record(
  { signingRegion: fc.constant('eu-west-1'), signingService: fc.constant('sns') },
  { requiredKeys: [] },
);

const copyOf = ({ headers, query, ...rest }: Pick<HttpRequest, 'method' | 'path' | 'headers' | 'query' | 'body'>) => ({
  protocol: 'https:',
  hostname: 'kms.us-east-1.amazonaws.com',
  ...rest,
  headers: { ...headers },
  query: { ...query },
});

/** One signer for many requests, so that a kept key could be wrong. */
const both = () => {
  let identity: AwsCredentialIdentity = { accessKeyId: 'a', secretAccessKey: 's' };
  const config = { credentials: async () => identity, region: async () => 'us-east-1' };
  const ours = callSigner('dynamodb', () => ({ config }));
  const theirs = new SignatureV4({ ...config, service: 'dynamodb', sha256: Sha256 as never });
  return {
    as: (other: AwsCredentialIdentity) => {
      identity = other;
    },
    ours,
    theirs,
  };
};

const isWellFormed = (text: string) => text.isWellFormed();

describe('a signature', () => {
  test('signatures and signed headers are those of the SDK, to the byte', async () => {
    const { as, ours, theirs } = both();
    const property = fc.asyncProperty(requests, credentials, times, overrides, async (request, identity, at, more) => {
      fc.pre(isWellFormed(JSON.stringify(request)));
      as(identity as AwsCredentialIdentity);
      const options = { signingDate: at, ...more };
      const wanted = await theirs.sign(copyOf(request), options);
      const { headers } = await ours.sign(copyOf(request), options);
      expect(headers).toEqual(wanted.headers);
    });
    await fc.assert(property, { numRuns: 600 });
  });

  test('a request that is signed again, for another try, has the signature of its new time', async () => {
    const { ours, theirs } = both();
    const request = copyOf({ method: 'POST', path: '/', query: {}, headers: { host: 'a' }, body: '{}' });
    await ours.sign(request, { signingDate: new Date(0) });
    request.headers['amz-sdk-request'] = 'attempt=2; max=3';
    await ours.sign(request, { signingDate: new Date(86_400_000) });
    const fresh = copyOf({
      method: 'POST',
      path: '/',
      query: {},
      headers: { host: 'a', 'amz-sdk-request': 'attempt=2; max=3' },
      body: '{}',
    });
    const wanted = await theirs.sign(fresh, { signingDate: new Date(86_400_000) });
    expect(request.headers).toEqual(wanted.headers);
  });
});
