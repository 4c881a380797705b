import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { applicationMetrics, type MetricName, metrics, stackNameVariable } from '../../lambdas/contract.ts';
import { type Applications, applicationsOf, noApplications } from '../../lambdas/http/applications.ts';
import { type Call, readIdempotencyKey } from '../../lambdas/http/call.ts';
import { type HttpSettings, httpHandler } from '../../lambdas/http/handler.ts';
import { repeatedName } from '../../lambdas/http/json.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import { KeyRefused, Unavailable } from '../../lambdas/otp/ports.ts';
import { telemetryOf } from '../../lambdas/telemetry.ts';
import { maxApplications } from '../../lib/settings/schema/applications.ts';

const said: string[] = [];
beforeEach(() => {
  vi.stubEnv(stackNameVariable, 'OtpService');
  said.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said.push(String(text));
      return true;
    });
  }
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...texts: unknown[]) => {
      said.push(texts.map(String).join(' '));
    });
  }
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** What API Gateway sends, with the parts that a test is about. */
const event = (more: Record<string, unknown> = {}): APIGatewayProxyEvent =>
  ({
    httpMethod: 'POST',
    path: '/v1/verifications',
    headers: { 'Content-Type': 'application/json' },
    pathParameters: null,
    body: '{}',
    isBase64Encoded: false,
    requestContext: {
      requestId: '11111111-2222-4333-8444-555555555555',
      identity: { sourceIp: '192.0.2.1', apiKeyId: 'key-id' },
    },
    ...more,
  }) as unknown as APIGatewayProxyEvent;

const route = 'get-verification';
/** Each credential is an application of its own name. */
const named: Applications = {
  nameOf: (credential) => credential,
  originsOf: () => [],
  takesFrom: () => true,
  areSeveral: true,
};
const noPolicy = { origins: [], applications: {} };

const run = async (handle: (call: Call) => unknown, sent = event(), applications = named) => {
  const telemetry = telemetryOf(route);
  const handler = httpHandler(
    { route, telemetry, endpoint: 'https://otp.example.com', applications },
    async (call) => ({
      status: 200,
      body: await handle(call),
    }),
  );
  const answer = await handler(sent, {} as Context);
  if (!('statusCode' in answer)) throw new Error('not rendered');
  return { ...answer, parsed: answer.body === '' ? undefined : JSON.parse(answer.body) };
};

describe('the application of a call', () => {
  const of = async (requestContext: Record<string, unknown>) => {
    const { parsed } = await run(({ application }) => application, event({ requestContext }));
    return parsed;
  };
  test('the application is the API key', async () => {
    expect(await of({ identity: { apiKeyId: 'key-id' } })).toBe('key-id');
  });
  test('the application is the OIDC client, else the subject', async () => {
    const identity = { apiKeyId: null };
    expect(await of({ identity, authorizer: { claims: { client_id: 'client', sub: 'person' } } })).toBe('client');
    expect(await of({ identity, authorizer: { claims: { sub: 'person' } } })).toBe('person');
  });
  test('the application is the IAM role, whatever its session is called', async () => {
    const role = (session: string) => `arn:aws:sts::111122223333:assumed-role/Backend/${session}`;
    const [one, two] = [await of({ identity: { userArn: role('a') } }), await of({ identity: { userArn: role('b') } })];
    expect(one).toBe('arn:aws:iam::111122223333:role/Backend');
    expect(two).toBe(one);
    expect(await of({ identity: { userArn: 'arn:aws:iam::111122223333:user/x' } })).toMatch(/user\/x$/);
  });
  test('an application has the name of the settings, whichever of its credentials calls', async () => {
    const applications = applicationsOf({ web: ['one', 'two'], shop: ['three'] }, noPolicy);
    const nameOf = async (apiKeyId: string) => {
      const requestContext = { identity: { apiKeyId } };
      return (await run(({ application }) => application, event({ requestContext }), applications)).parsed;
    };
    expect(await nameOf('one')).toBe('web');
    expect(await nameOf('two')).toBe('web');
    expect(await nameOf('three')).toBe('shop');
  });
  test.each(['four', '*', 'web', '', '__proto__', 'constructor'])(
    'credentials of no application are refused before the route sees the call: "%s"',
    async (apiKeyId) => {
      const seen: Call[] = [];
      const requestContext = { identity: { apiKeyId }, requestId: 'request' };
      const applications = applicationsOf({ web: ['one'], shop: ['three'] }, noPolicy);
      const { statusCode, parsed } = await run((call) => seen.push(call), event({ requestContext }), applications);
      expect(statusCode).toBe(403);
      expect(parsed).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('no application') });
      expect(seen).toEqual([]);
    },
  );
  test('all credentials are of the only application if the settings name none', async () => {
    const { parsed } = await run(
      ({ application }) => application,
      event(),
      applicationsOf({ default: ['*'] }, noPolicy),
    );
    expect(parsed).toBe('default');
  });
});

describe('the metrics and the log of an application', () => {
  const dimensionsWritten = async (credentials: Record<string, readonly string[]>, metric: MetricName) => {
    const telemetry = telemetryOf(route);
    const settings: HttpSettings = {
      route,
      telemetry,
      endpoint: 'https://otp.example.com',
      applications: applicationsOf(credentials, noPolicy),
    };
    const handler = httpHandler(settings, async () => ({ status: 204, metrics: [metric] }));
    await handler(event({ requestContext: { identity: { apiKeyId: 'one' } } }), {} as Context);
    const lines = said.flatMap((text) => text.split('\n')).filter((line) => line.startsWith('{'));
    const read = lines.map((line) => JSON.parse(line));
    const written = read.filter((line) => metric in line);
    const sets = written.flatMap((line) =>
      line._aws.CloudWatchMetrics[0].Dimensions.map((names: string[]) => names.map((name) => `${name}=${line[name]}`)),
    );
    return { sets, written, answered: read.find(({ message }) => message === 'answered') };
  };

  test.each(applicationMetrics)(
    '%s counts for the stack and for the application, if there are several',
    async (metric) => {
      const { sets, written } = await dimensionsWritten({ 'web-2026': ['one'], shop: ['two'] }, metric);
      expect(sets).toEqual([
        [expect.stringMatching(/^service=/)],
        [expect.stringMatching(/^service=/), 'application=web-2026'],
      ]);
      expect(written.map((line) => line[metric])).toEqual([1]);
    },
  );
  test('no metric has an application as a dimension if there is only one', async () => {
    const { sets } = await dimensionsWritten({ default: ['*'] }, metrics.requested);
    expect(sets).toEqual([[expect.stringMatching(/^service=/)]]);
  });
  test('the other metrics have no dimension but the stack', async () => {
    const { sets } = await dimensionsWritten({ web: ['one'], shop: ['two'] }, metrics.wrong);
    expect(sets).toEqual([[expect.stringMatching(/^service=/)]]);
  });
  test('the line of the log names the application, with its digits', async () => {
    const { answered } = await dimensionsWritten({ 'web-2026': ['one'], shop: ['two'] }, metrics.requested);
    expect(answered).toMatchObject({ application: 'web-2026', status: 204 });
  });
  test('the five metrics are five, and counted for twenty applications at most', () => {
    expect(new Set(applicationMetrics).size).toBe(5);
    expect(maxApplications).toBe(20);
  });
});

describe('the IP of a back end', () => {
  const applications = applicationsOf(
    { web: ['web-key'], shop: ['shop-key'], office: ['office-key'] },
    {
      origins: [],
      applications: {
        web: { kind: 'public' },
        shop: { kind: 'back-end', sourceIps: ['203.0.113.0/24', '2001:db8:42::/48'] },
        office: { kind: 'back-end' },
      },
    },
  );
  const from = async (apiKeyId: string, sourceIp: unknown, headers: Record<string, string> = {}) => {
    const requestContext = { identity: { apiKeyId, sourceIp }, requestId: 'request' };
    const seen: Call[] = [];
    const { statusCode, parsed } = await run(
      (call) => seen.push(call),
      event({ requestContext, headers: { 'Content-Type': 'application/json', ...headers } }),
      applications,
    );
    return { statusCode, code: parsed?.code, detail: parsed?.detail, seen: seen.length };
  };

  test.each(['203.0.113.0', '203.0.113.255', '2001:db8:42::1', '2001:0DB8:0042:ffff:0:0:0:1', '::ffff:203.0.113.7'])(
    'credentials of a back end are good from an IP of its ranges: %s',
    async (ip) => {
      expect(await from('shop-key', ip)).toMatchObject({ statusCode: 200, seen: 1 });
    },
  );
  test.each(['203.0.112.255', '203.0.114.0', '198.51.100.7', '2001:db8:43::1', '::1', '', 'unknown', undefined, null])(
    'credentials of a back end are refused from another IP, before the route sees the call: %s',
    async (ip) => {
      const { detail, ...refused } = await from('shop-key', ip);
      expect(refused).toEqual({ statusCode: 403, code: 'source-ip-not-allowed', seen: 0 });
      expect(detail).not.toMatch(/203\.0\.113|2001:db8/);
    },
  );
  test.each(['x-forwarded-for', 'forwarded', 'x-real-ip', 'true-client-ip', 'x-local-source-ip', 'cf-connecting-ip'])(
    'no header makes credentials good from elsewhere: %s',
    async (name) => {
      const value = name === 'forwarded' ? 'for=203.0.113.7' : '203.0.113.7';
      expect(await from('shop-key', '198.51.100.7', { [name]: value })).toMatchObject({ statusCode: 403, seen: 0 });
    },
  );
  test('applications without ranges are served from anywhere', async () => {
    for (const key of ['web-key', 'office-key'])
      expect(await from(key, '198.51.100.7')).toMatchObject({ statusCode: 200, seen: 1 });
  });
  test('a refused IP is counted, and the log has the application and no IP', async () => {
    await from('shop-key', '198.51.100.7');
    const lines = said.join('\n');
    expect(lines).toContain('"application":"shop"');
    expect(lines).toContain('SourceIpRefused');
    expect(lines).not.toContain('198.51.100.7');
  });
});

describe('answers to web pages', () => {
  const web = 'https://web.example.com';
  const ios = 'https://ios.example.com';
  const applications = applicationsOf(
    { web: ['web-key'], ios: ['ios-key'], shop: ['shop-key'] },
    {
      origins: ['https://of-all.example.com'],
      applications: {
        web: { kind: 'public', origins: [web] },
        ios: { kind: 'public', origins: [ios] },
        shop: { kind: 'back-end', sourceIps: ['203.0.113.0/24'] },
      },
    },
  );
  const headersTo = async (apiKeyId: string, more: Record<string, unknown>, handle: () => unknown = () => 'fine') => {
    const requestContext = { identity: { apiKeyId, sourceIp: '192.0.2.1' }, requestId: 'request' };
    const { headers = {}, statusCode } = await run(handle, event({ requestContext, ...more }), applications);
    return { origin: headers['access-control-allow-origin'], headers, statusCode };
  };
  const of = (origin: string, name = 'Origin') => ({ headers: { [name]: origin } });

  test('a page of an origin of the application may read the answer, with the headers that say when to come back', async () => {
    for (const name of ['Origin', 'origin']) {
      const { origin, headers } = await headersTo('web-key', of(web, name));
      expect(origin).toBe(web);
      expect(headers).toMatchObject({ vary: 'Origin' });
      const exposed = String(headers['access-control-expose-headers']).split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining(['Retry-After', 'RateLimit', 'RateLimit-Policy', 'Location', 'x-request-id']),
      );
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });
  test.each(['https://evil.example', 'null', '*', '', `${web}.evil.example`, `${web}/`, web.toUpperCase(), ios])(
    'a page of any other origin may not, of another application neither: "%s"',
    async (foreign) => {
      const { origin, headers } = await headersTo('web-key', of(foreign));
      expect(origin).toBeUndefined();
      expect(headers).toMatchObject({ vary: 'Origin' });
    },
  );
  test('a request with two origins is that of no page', async () => {
    const { origin } = await headersTo('web-key', { multiValueHeaders: { Origin: [web, web] } });
    expect(origin).toBeUndefined();
  });
  test('no page may read what a back end is answered', async () => {
    for (const each of [web, ios, 'https://of-all.example.com'])
      expect((await headersTo('shop-key', of(each))).origin).toBeUndefined();
  });
  test('a page may read an error of the service as well, and an error about unknown credentials', async () => {
    const failing = await headersTo('web-key', of(web), () => {
      throw new Error('boom');
    });
    expect([failing.statusCode, failing.origin]).toEqual([500, web]);
    for (const each of [web, ios]) {
      const unknown = await headersTo('unknown', of(each));
      expect([unknown.statusCode, unknown.origin]).toEqual([403, each]);
    }
    expect((await headersTo('unknown', of('https://evil.example'))).origin).toBeUndefined();
  });
  test('a route without credentials is open to every page', async () => {
    const { headers = {} } = await run(() => 'keys', event(of('https://anyone.example')), noApplications);
    expect(headers['access-control-allow-origin']).toBe('*');
  });
});

describe('a body', () => {
  test('a body may come in base64', async () => {
    const body = Buffer.from('{"a":"é"}').toString('base64');
    expect((await run((call) => call.text(), event({ body, isBase64Encoded: true }))).parsed).toBe('{"a":"é"}');
  });
  test('a missing body needs no media type', async () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await run((call) => call.text(), event({ body: null, headers }))).parsed).toBe('');
    expect((await run((call) => call.text(), event({ body: 'a=1', headers }))).statusCode).toBe(415);
  });
  test('a body is measured in bytes', async () => {
    expect((await run((call) => call.text(), event({ body: 'é'.repeat(4097) }))).statusCode).toBe(413);
  });
});

test('headers are found whatever their case, and an idempotency key with or without its quotes', async () => {
  const key = '0123456789abcdef';
  for (const value of [key, `"${key}"`]) {
    const headers = { 'IDEMPOTENCY-Key': value };
    expect((await run(readIdempotencyKey, event({ headers }))).parsed).toBe(key);
  }
  expect((await run(readIdempotencyKey, event({ headers: null }))).statusCode).toBe(200);
});

describe('nothing that an error says reaches the caller or a log', () => {
  const phone = '+919876598431';
  const poison = `Invalid parameter: PhoneNumber ${phone}, code 492039`;
  const poisoned = (name = 'Error') =>
    Object.assign(new Error(poison, { cause: new Error(poison) }), {
      name,
      code: poison,
      $metadata: { requestId: poison, httpStatusCode: 400 },
      stack: `${name}: ${poison}\n    second line ${poison}\n    at send (file:///var/task/index.mjs:1:2)`,
    });

  test.each([
    ['an error of ours', () => poisoned()],
    ['an error with a poisoned name', () => poisoned(poison)],
    ['an outage', () => new Unavailable('SNS Publish', { cause: poisoned('Throttled') })],
    ['a key that is refused', () => new KeyRefused('KMS Sign', { cause: poisoned('AccessDeniedException') })],
    ['a text', () => poison],
    ['an object', () => ({ phone, code: '492039' })],
  ])('%s reaches neither caller nor log', async (_, make) => {
    const { statusCode, body } = await run(() => {
      throw make();
    });
    expect(statusCode).toBeGreaterThanOrEqual(500);
    const everything = said.join('\n');
    expect(everything).toContain('answered');
    for (const text of [everything, body]) {
      expect(text).not.toMatch(/98431|492039|PhoneNumber|second line/);
    }
  });

  test('the log names places in the code and services, so that staff can find the fault', async () => {
    await run(() => {
      throw new Unavailable('SNS Publish', { cause: poisoned('Throttled') });
    });
    expect(said.join('\n')).toMatch(/SNS Publish.*Throttled.*index\.mjs:1:2/s);
  });

  test('a secret that is logged by mistake is redacted', () => {
    console.log(`${secret(phone)}`, JSON.stringify({ phone: secret(phone) }));
    expect(said.join('\n')).not.toContain('98431');
  });
});

describe('what failed is counted', () => {
  const counted = async (error: Error) => {
    const { statusCode } = await run(() => {
      throw error;
    });
    const metrics = said
      .flatMap((text) => text.split('\n'))
      .filter((line) => line.includes('"CloudWatchMetrics"'))
      .flatMap((line) =>
        ['DependencyFailed', 'KeyRefused', 'UnexpectedError'].filter((name) => name in JSON.parse(line)),
      );
    return { statusCode, metrics };
  };

  test('a key that KMS refuses counts as refused, and as a dependency that failed', async () => {
    const error = new KeyRefused('KMS Sign', { cause: new Error('x') });
    expect(await counted(error)).toEqual({ statusCode: 503, metrics: ['DependencyFailed', 'KeyRefused'] });
  });
  test('an outage counts as a dependency that failed, and as nothing else', async () => {
    const error = new Unavailable('KMS Sign', { cause: new Error('x') });
    expect(await counted(error)).toEqual({ statusCode: 503, metrics: ['DependencyFailed'] });
  });
  test('a bug counts as a bug, and as nothing else', async () => {
    expect(await counted(new Error('x'))).toEqual({ statusCode: 500, metrics: ['UnexpectedError'] });
  });
});

describe('the text of a body', () => {
  const json = '{"a":"é"}';
  const read = (more: Record<string, unknown>) => run((call) => call.text(), event(more));
  const inBase64 = (bytes: Uint8Array) => ({ body: Buffer.from(bytes).toString('base64'), isBase64Encoded: true });

  test('a byte order mark of UTF-8 is skipped, as text and in base64', async () => {
    expect((await read({ body: `\ufeff${json}` })).parsed).toBe(json);
    expect((await read(inBase64(Buffer.from(`\ufeff${json}`)))).parsed).toBe(json);
  });

  test.each([
    ['UTF-16', Buffer.from(`\ufeff${json}`, 'utf16le')],
    ['UTF-16 without a mark', Buffer.from(json, 'utf16le')],
    ['Latin 1', Buffer.from(json, 'latin1')],
    ['bytes that are no text', Buffer.from([0x7b, 0xc3, 0x28, 0x7d])],
  ])('a body of %s is answered with 400 and the encoding to send', async (_, bytes) => {
    const { statusCode, parsed } = await read(inBase64(bytes));
    expect([statusCode, parsed.detail]).toEqual([400, expect.stringMatching(/UTF-8/)]);
  });

  test('a header that is sent twice counts in each of its values', async () => {
    const twice = (name: string, values: readonly string[]) =>
      read({ body: json, multiValueHeaders: { 'Content-Type': ['application/json'], [name]: values } });
    expect((await twice('content-type', ['application/json', 'text/plain'])).statusCode).toBe(415);
    expect((await twice('Content-Encoding', ['identity', 'gzip'])).statusCode).toBe(415);
    expect((await twice('Content-Encoding', ['identity', 'identity'])).statusCode).toBe(200);
  });

  test('a compressed body that is not there is no reason to refuse', async () => {
    expect((await read({ body: null, headers: { 'content-encoding': 'gzip' } })).statusCode).toBe(200);
  });
});

describe('several idempotency keys', () => {
  const [one, other] = ['0123456789abcdef', 'fedcba9876543210'];
  const keyOf = (values: readonly string[]) =>
    run(readIdempotencyKey, event({ multiValueHeaders: { 'Idempotency-Key': values } }));
  test.each([
    [[one, other]],
    [[`${one}, ${other}`]],
    [[`${one},${other}`]],
    [[`"${one}","${other}"`]],
    [[`"${one}"`, other]],
  ])('the keys %j are refused', async (values) => {
    const { statusCode, parsed } = await keyOf(values);
    expect([statusCode, parsed.detail]).toEqual([400, expect.stringMatching(/several Idempotency-Keys/)]);
  });
  test.each([[[one, one]], [[`${one}, ${one}`]], [[`${one},${one}`]], [[`"${one}"`, one]], [[`"${one}" , "${one}"`]]])(
    'the keys %j are one',
    async (values) => {
      expect((await keyOf(values)).parsed).toBe(one);
    },
  );
  test('a key may have a comma and quotes', async () => {
    for (const key of ['0123456789,abcdef', 'a"b"c"d"e"f"g"h"']) expect((await keyOf([key])).parsed).toBe(key);
  });
});

describe('names that an object has twice', () => {
  test.each([
    ['{"a":1,"a":2}', '/a'],
    ['{"a":1,"\\u0061":2}', '/a'],
    ['{"a":{"b":1},"c":{"b":1,"d":[{"x":1},{"x":1,"x":2}]}}', '/c/d/1/x'],
    ['{"a/b":1,"a/b":1}', '/a~1b'],
    ['{"__proto__":1,"__proto__":2}', '/__proto__'],
    ['{"a":"{\\"b\\":1,\\"b\\":2}","b":["b","b",",{"]}', undefined],
    ['[{"a":1},{"a":2}]', undefined],
    ['{}', undefined],
    ['"a"', undefined],
  ])('the name that stands twice in %s is at %s', (text, pointer) => {
    expect(repeatedName(text)).toBe(pointer);
  });

  test('a text in which no name stands twice has none', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(repeatedName(JSON.stringify(JSON.parse(text)))).toBeUndefined();
      }),
    );
  });
});
