import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { verifyExport } from '../../../cli/desk/verify-export/verify-export.ts';
import { dynamoClient } from '../../../lambdas/aws/clients.ts';
import { values } from '../../../lambdas/aws/dynamo/items.ts';
import { kmsManifestSigner } from '../../../lambdas/aws/kms/manifest.ts';
import { s3ExportFiles } from '../../../lambdas/aws/stores/exports/files.ts';
import { dynamoScan } from '../../../lambdas/aws/stores/exports/scan.ts';
import { dynamoExports } from '../../../lambdas/aws/stores/exports/store.ts';
import type { Export, FoundItem } from '../../../lambdas/desk/exports/export.ts';
import { startExport } from '../../../lambdas/desk/exports/order.ts';
import { replaySettingsOf } from '../../../lambdas/desk/exports/settings.ts';
import { maxTries, type Worked, type WorkPorts, workOn } from '../../../lambdas/desk/exports/work.ts';
import { defaultBursts } from '../../../lib/settings/schema/bursts.ts';
import { type Dynamo, startDynamo } from '../../../local/aws/dynamo.ts';
import { type Kms, startKms } from '../../../local/aws/kms.ts';
import { type Bucket, startBucket } from '../../../local/aws/s3.ts';
import { localKeys } from '../../../local/stack.ts';
import { askInstead } from '../../fakes/aws/environment.ts';
import { downloaded, memoryExports, memoryFiles, memoryScan, ownSigner } from '../../fakes/desk/memory-exports.ts';

const startMs = Date.UTC(2026, 10, 29, 3);
const hash = (nth: number) => `number-${nth}`.padEnd(43, 'x');

const eventAt = (nth: number): FoundItem => {
  const at = startMs - 60_000 - nth;
  return {
    table: 'security',
    pk: `phone#${hash(nth % 7)}`,
    sk: `${new Date(at).toISOString()}#event-${nth}`,
    attributes: { at, startedAt: at, kind: 'started', purpose: `purpose-${nth}`, country: 'IN', ip: hash(100) },
  };
};

type World = {
  readonly ports: WorkPorts;
  readonly clock: { nowMs: number };
  readonly objects: () => ReadonlyMap<string, string>;
  readonly publicKey: KeyObject;
};

/** Everything in memory, with this many events in pages of so many. */
const memoryWorld = (count: number, pageSize: number, itemAt = eventAt): World => {
  const { signer, publicKey } = ownSigner();
  const [files, clock] = [memoryFiles(), { nowMs: startMs }];
  const ports = {
    ...{ files, signer, stack: 'test', now: () => clock.nowMs },
    store: memoryExports(),
    scan: memoryScan(count, itemAt, pageSize),
  };
  return { ports, clock, objects: () => files.objects, publicKey };
};

let emulator: { readonly dynamo: Dynamo; readonly kms: Kms; readonly bucket: Bucket };
beforeAll(async () => {
  const [dynamo, kms] = [await startDynamo(), await startKms({ keys: Object.values(localKeys) })];
  emulator = { dynamo, kms, bucket: await startBucket({ bucket: 'exports', isWriteOnce: true }) };
});
afterAll(async () => {
  await Promise.all([emulator.dynamo.stop(), emulator.kms.stop(), emulator.bucket.stop()]);
});

const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };

const emptied = async () => {
  const { dynamo, bucket } = emulator;
  for (const TableName of [dynamo.tables.security, dynamo.tables.guards, dynamo.tables.traffic]) {
    const { Items } = await dynamo.call('DynamoDB_20120810.Scan', { TableName });
    for (const { pk, sk } of Items as readonly Readonly<Record<string, object>>[])
      await dynamo.call('DynamoDB_20120810.DeleteItem', { TableName, Key: sk === undefined ? { pk } : { pk, sk } });
  }
  bucket.objects.clear();
};

/** The adapters and the SDK, against the emulator and the stand-ins. */
const emulatedWorld = async (items: readonly FoundItem[]): Promise<World> => {
  await emptied();
  const { dynamo, kms, bucket } = emulator;
  askInstead({ AWS_ENDPOINT_URL_DYNAMODB: dynamo.url });
  const client = dynamoClient();
  for (const { table, pk, sk, attributes = {} } of items) {
    const Item = values({ pk, sk, ...attributes });
    await dynamo.call('DynamoDB_20120810.PutItem', { TableName: dynamo.tables[table], Item });
  }
  const keys = new KMSClient({ endpoint: kms.url, region: 'us-east-1', credentials });
  const s3 = new S3Client({ endpoint: bucket.url, region: 'us-east-1', credentials, forcePathStyle: true });
  const { PublicKey } = await keys.send(new GetPublicKeyCommand({ KeyId: localKeys.exports.arn }));
  const clock = { nowMs: startMs };
  return {
    ports: {
      store: dynamoExports(client, dynamo.tables, 400),
      scan: dynamoScan(client, dynamo.tables),
      files: s3ExportFiles(s3, 'exports'),
      signer: kmsManifestSigner(keys, localKeys.exports.arn),
      stack: 'test',
      now: () => clock.nowMs,
    },
    clock,
    objects: () => bucket.objects,
    publicKey: createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }),
  };
};

const request = { fromMs: startMs - 3_600_000, toMs: startMs, reason: 'an audit' };
const settings = replaySettingsOf({ bursts: defaultBursts, caps: { hourUsd: 100, dayUsd: 500 }, countries: {} });
const auditor = { principal: 'arn:aws:iam::111122223333:user/auditor', atMs: startMs, requestId: 'export-1' };
const orderOf = ({ ports: { store } }: World) => ({
  store,
  settings,
  goOn: async () => {},
  randomSecret: () => new Uint8Array(32).fill(7),
  notCalled: (cause: unknown) => {
    throw cause;
  },
});
const begin = async (world: World, requestId = 'export-1') =>
  await startExport(orderOf(world))(request, { ...auditor, requestId });

const plenty = () => 300_000;
/** Runs by one after the other until the export ends. Each has its own request id, and waits until the last one's time is over. */
const finish = async (world: World, ports = world.ports, id = 'export-1'): Promise<Export['phase']> => {
  for (let run = 1; run <= 50; run += 1) {
    world.clock.nowMs += 400_000;
    await workOn(ports)(id, { holder: `after-${run}`, remainingMs: plenty }).catch((cause: unknown) => {
      if (!(cause instanceof Crash)) throw cause;
    });
    const { phase } = (await world.ports.store.find(id)) ?? expect.fail('There is no such export.');
    if (phase === 'done' || phase === 'failed') return phase;
  }
  throw new Error('The export does not end.');
};

const purposesIn = (world: World, id = 'export-1'): readonly string[] => {
  const { files } = downloaded(world.objects(), id);
  const manifest = JSON.parse(files.get('manifest.json') ?? '{}') as { parts: readonly { name: string }[] };
  return manifest.parts
    .flatMap(({ name }) => (files.get(name) ?? '').split('\n').filter((line) => line !== ''))
    .map((line) => (JSON.parse(line) as { purpose: string }).purpose)
    .toSorted();
};
const purposes = (count: number) => Array.from({ length: count }, (_, nth) => `purpose-${nth}`).toSorted();
const problemsOf = async (world: World, id = 'export-1') =>
  (await verifyExport(downloaded(world.objects(), id), world.publicKey)).problems;

class Crash extends Error {}

/** Ports that die at the n-th call, before it or after it, and never again. */
const dyingAt = (ports: WorkPorts, nth: number, when: 'before' | 'after') => {
  let calls = 0;
  const dying =
    <Args extends readonly unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      calls += 1;
      const isLast = calls === nth;
      if (isLast && when === 'before') throw new Crash();
      const result = await call(...args);
      if (isLast) throw new Crash();
      return result;
    };
  const { store, files, signer, scan } = ports;
  const dyingPorts: WorkPorts = {
    ...ports,
    scan: dying(scan),
    files: { put: dying(files.put) },
    signer: { ...signer, sign: dying(signer.sign) },
    store: {
      ...store,
      take: dying(store.take),
      secret: dying(store.secret),
      plan: dying(store.plan),
      advance: dying(store.advance),
      parts: dying(store.parts),
      end: dying(store.end),
      release: dying(store.release),
    },
  };
  return { ports: dyingPorts, calls: () => calls };
};

/** One export without a crash: the calls that it makes. */
const callsOf = async (world: World): Promise<number> => {
  await begin(world);
  const watched = dyingAt(world.ports, Number.POSITIVE_INFINITY, 'before');
  expect(await finish(world, watched.ports)).toBe('done');
  return watched.calls();
};

describe.each(['before', 'after'] as const)('a run that dies %s a call', (when) => {
  test('a crash at any call loses no line and repeats none, and the export can be checked', async () => {
    const calls = await callsOf(memoryWorld(60, 4));
    expect(calls).toBeGreaterThan(20);
    for (let nth = 1; nth <= calls; nth += 1) {
      const world = memoryWorld(60, 4);
      await begin(world);
      expect(await finish(world, dyingAt(world.ports, nth, when).ports), `call ${nth}`).toBe('done');
      expect(purposesIn(world), `call ${nth}`).toEqual(purposes(60));
      expect(await problemsOf(world), `call ${nth}`).toEqual([]);
    }
  });

  test('the same holds on the emulator', async () => {
    const events = Array.from({ length: 12 }, (_, nth) => eventAt(nth));
    const calls = await callsOf(await emulatedWorld(events));
    for (let nth = 1; nth <= calls; nth += 1) {
      const world = await emulatedWorld(events);
      await begin(world);
      expect(await finish(world, dyingAt(world.ports, nth, when).ports), `call ${nth}`).toBe('done');
      expect(purposesIn(world), `call ${nth}`).toEqual(purposes(12));
      expect(await problemsOf(world), `call ${nth}`).toEqual([]);
    }
  });
});

describe('two runs', () => {
  test.each(['memory', 'emulator'])('two runs of one export at once do no harm: %s', async (where) => {
    const events = Array.from({ length: 40 }, (_, nth) => eventAt(nth));
    const world = where === 'memory' ? memoryWorld(40, 3) : await emulatedWorld(events);
    await begin(world);
    // Lambda may deliver an event twice, under one request id.
    const twice = () => workOn(world.ports)('export-1', { holder: 'one', remainingMs: plenty });
    const outcomes = await Promise.all([twice(), twice(), twice()]);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect(purposesIn(world)).toEqual(purposes(40));
    expect(await problemsOf(world)).toEqual([]);
  });

  test('a run leaves the work to the one that has it', async () => {
    const world = memoryWorld(8, 2);
    await begin(world);
    await world.ports.store.take('export-1', 'one', startMs, startMs + 300_000);
    expect(await workOn(world.ports)('export-1', { holder: 'another', remainingMs: plenty })).toBe('busy');
  });

  test('a run that lost the work writes nothing any more, however late it wakes', async () => {
    const world = memoryWorld(40, 2);
    await begin(world);
    const late = await world.ports.store.take('export-1', 'late', startMs, startMs + 1000);
    expect(await finish(world)).toBe('done');
    const part = { name: 'part-000001-0123456789abcdef.jsonl', sha256: '', bytes: 1, lines: 1 };
    const { store } = world.ports;
    const held = late ?? expect.fail('Nobody could take it.');
    expect(await store.plan(held, part)).toBe(false);
    expect(await store.advance(held, held, undefined)).toBe(false);
    expect(await store.end(held, { phase: 'failed' })).toBe(false);
  });
});

describe('an export that takes long', () => {
  test('a run whose time is up leaves the rest to the next one, which goes on where it ended', async () => {
    const world = memoryWorld(4000, 10);
    await begin(world);
    let [runs, outcome]: [number, Worked] = [0, 'more'];
    while (outcome === 'more') {
      // Time for one part.
      const remaining = [300_000, 300_000, 0];
      runs += 1;
      outcome = await workOn(world.ports)('export-1', {
        holder: `run-${runs}`,
        remainingMs: () => remaining.shift() ?? 0,
      });
    }
    expect(outcome).toBe('done');
    expect(runs).toBeGreaterThan(5);
    expect(purposesIn(world)).toEqual(purposes(4000));
    expect(await problemsOf(world)).toEqual([]);
  });

  test('an export of any size has one part and a page of each reader in memory', async () => {
    const large = (nth: number): FoundItem => {
      const { attributes, ...rest } = eventAt(nth);
      return { ...rest, attributes: { ...attributes, reason: 'r'.repeat(900) } };
    };
    const world = memoryWorld(20_000, 250, large);
    await begin(world);
    let [reading, most, longest] = [0, 0, 0];
    const ports: WorkPorts = {
      ...world.ports,
      scan: async (...asked) => {
        reading += 1;
        most = Math.max(most, reading);
        const page = await world.ports.scan(...asked);
        reading -= 1;
        return page;
      },
      files: {
        put: async (id, name, text) => {
          longest = Math.max(longest, text.length);
          await world.ports.files.put(id, name, text);
        },
      },
    };
    expect(await finish(world, ports)).toBe('done');
    expect(most).toBe(4);
    expect(longest).toBeLessThan(4 * 1024 * 1024 + 4 * 250 * 1300);
    expect(purposesIn(world)).toHaveLength(20_000);
  });

  test('an export that makes no progress fails after some tries, and says so', async () => {
    const world = memoryWorld(8, 2);
    await begin(world);
    const ports: WorkPorts = { ...world.ports, files: { put: () => Promise.reject(new Crash()) } };
    expect(await finish(world, ports)).toBe('failed');
    const found = (await world.ports.store.find('export-1')) as Export;
    expect(found.phase).toBe('failed');
    expect(found.why).toContain(`${maxTries} times`);
    expect((await begin(world, 'export-2')).kind).toBe('started');
  });

  test('an export whose secret is gone fails: its parts would not fit each other', async () => {
    const world = memoryWorld(8, 2);
    await begin(world);
    const store = { ...world.ports.store, secret: async () => undefined };
    expect(await finish(world, { ...world.ports, store })).toBe('failed');
  });
});

describe('what is left of an export', () => {
  test.each(['done', 'failed'] as const)('an export that is %s keeps no keyed hash, and no secret', async (phase) => {
    const events = Array.from({ length: 12 }, (_, nth) => eventAt(nth));
    const world = await emulatedWorld(events);
    await begin(world);
    const place = {
      kind: 'behind',
      key: JSON.stringify({ pk: { S: events[0]?.pk }, sk: { S: events[0]?.sk } }),
    } as const;
    const scan: WorkPorts['scan'] = async (table, segment, from) =>
      from.kind === 'start' && segment === 0
        ? { items: [], next: place, readUnits: 0 }
        : await world.ports.scan(table, segment, from);
    const down: WorkPorts['scan'] = (table, segment, from) =>
      from.kind === 'start' ? scan(table, segment, from) : Promise.reject(new Crash());
    expect(await finish(world, { ...world.ports, scan: phase === 'done' ? scan : down })).toBe(phase);
    for (const table of ['security', 'guards'] as const) {
      const { Items } = await emulator.dynamo.call('DynamoDB_20120810.Scan', {
        TableName: emulator.dynamo.tables[table],
      });
      const own = (Items as readonly { pk: { S: string } }[]).filter(({ pk }) => pk.S.startsWith('export'));
      expect(JSON.stringify(own)).not.toContain('phone#');
      expect(own.filter(({ pk }) => pk.S.startsWith('export-key') || pk.S === 'export-lock')).toEqual([]);
    }
  });
});

describe('items that cannot be read', () => {
  const poisoned: readonly FoundItem[] = [
    { table: 'security', pk: `phone#${hash(1)}`, sk: 'no-time', attributes: { kind: 'started' } },
    { table: 'security', pk: `phone#${hash(1)}`, sk: 'text', attributes: { at: 'noon', kind: 'started' } },
    { table: 'security', pk: `phone#${hash(1)}`, sk: 'endless', attributes: { at: 9e15 } },
    {
      table: 'security',
      pk: 'finding',
      sk: 'f-1',
      attributes: { firstAt: startMs - 1000, updatedAt: startMs - 1000, of: 'IN', finding: '{' },
    },
    { table: 'security', pk: 'action', sk: 'a-1', attributes: { at: startMs - 1000, action: 'block' } },
  ];

  let world: World;
  beforeEach(async () => {
    world = await emulatedWorld([...poisoned, ...Array.from({ length: 5 }, (_, nth) => eventAt(nth))]);
    // DynamoDB holds numbers that no number of JavaScript can hold.
    const Item = { pk: { S: `phone#${hash(2)}` }, sk: { S: 'huge' }, at: { N: '12345678901234567890' } };
    await emulator.dynamo.call('DynamoDB_20120810.PutItem', { TableName: emulator.dynamo.tables.security, Item });
  });

  test('items that cannot be read are counted and named, and stop nothing', async () => {
    await begin(world);
    expect(await finish(world)).toBe('done');
    expect(purposesIn(world)).toEqual(purposes(5));
    const { files } = downloaded(world.objects(), 'export-1');
    const { unreadable } = JSON.parse(files.get('manifest.json') ?? '{}');
    expect(unreadable.count).toBe(6);
    const named = unreadable.named.join('\n');
    for (const words of ['no-time: at is no time', 'f-1: finding is no JSON', 'a-1: principal is no text', 'huge'])
      expect(named).toContain(words);
    expect(named).not.toContain(hash(1));
    expect(await problemsOf(world)).toEqual([]);
  });
});

describe('one export at a time', () => {
  test.each(['memory', 'emulator'])('one of many exports starts that are asked for at once: %s', async (where) => {
    const world = where === 'memory' ? memoryWorld(4, 2) : await emulatedWorld([]);
    const started = await Promise.all(Array.from({ length: 6 }, (_, nth) => begin(world, `export-${nth}`)));
    const [first, ...others] = started.filter(({ kind }) => kind === 'started');
    expect(others).toEqual([]);
    const id = first?.kind === 'started' ? first.export.id : '';
    for (const each of started) if (each.kind === 'running') expect(each.id).toBe(id);
    expect(await finish(world, world.ports, id)).toBe('done');
    expect((await begin(world, 'export-9')).kind).toBe('started');
  });
});
