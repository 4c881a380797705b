/** All contenders, ready to start: this service first, then those that it is compared with. */

import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';
import { bundle } from '../../bundle/bundle.ts';
import { baselineEnvironment, bundleBaseline } from '../baseline/bundle.ts';
import { bundlePeers, type Peer, peers } from '../peers/bundle.ts';
import type { PeerEvent } from '../peers/peer.ts';
import { benchPolicy } from '../stack.ts';
import {
  bodyOf,
  bundleElsewhere,
  environment,
  expect,
  names,
  phoneNumberOf,
  startFunctions,
  startOurs,
} from './contenders.ts';
import { type Contender, contenderOf, nextRun, type Start } from './measure.ts';
import { type FakeAws, startContainer } from './processes.ts';
import type { Maps } from './profile/maps.ts';
import { type Recorded, recordFlow } from './waves.ts';

export type Entrant = {
  readonly name: string;
  /** Starts a fresh process. */
  readonly start: (start?: Start) => Promise<Contender>;
  /** Source maps of its bundles, if a profile of it can be read. */
  readonly maps?: Maps;
};

const memoryOf = ({ megabytes = 512 }: Start) => ({ AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(megabytes) });

/** The folder of the bundles, and the AWS that they call. */
type Place = { readonly aws: FakeAws; readonly folder: string };

const bundled = (name: string, bundles: string, { aws, folder }: Place): Entrant => ({
  name,
  start: (start = {}) => startOurs(name, bundles, aws, folder, start.flags ?? [], memoryOf(start)),
  maps: new Map(
    Object.values(names).map((each) => [
      path.join(bundles, each, 'index.mjs'),
      path.join(bundles, 'maps', `${each}.mjs.map`),
    ]),
  ),
});

const enterOurs = async (place: Place): Promise<Entrant> => {
  const out = path.join(place.folder, 'ours');
  await bundle({ out, functions: Object.values(names), policy: benchPolicy });
  return bundled('ours', out, place);
};

const enterBefore = async (checkout: string, place: Place): Promise<Entrant> => {
  const out = path.join(place.folder, 'before');
  await bundleElsewhere(checkout, out);
  return bundled('before', out, place);
};

const enterBare = async (recorded: Recorded, { aws, folder }: Place): Promise<Entrant> => {
  const outfile = path.join(folder, 'bare.mjs');
  await build({
    entryPoints: [path.join(import.meta.dirname, 'bare.ts')],
    outfile,
    bundle: true,
    minify: true,
    sourcemap: 'external',
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const name = 'bare SDK';
  const start = async (start: Start = {}): Promise<Contender> => {
    const env = { ...environment(aws, folder), ...memoryOf(start) };
    const container = await startContainer({ send: outfile, check: outfile }, env, start.flags);
    for (const flow of ['send', 'check'] as const) await container.invoke(flow, { flow, waves: recorded[flow] });
    const verify = async () => {
      for (const flow of ['send', 'check'] as const) expect(await container.invoke(flow, { flow }));
    };
    return { name, aws, container, verify, stop: container.stop };
  };
  return { name, start, maps: new Map([[outfile, `${outfile}.map`]]) };
};

const enterUsual = async ({ aws, folder }: Place): Promise<Entrant> => {
  const { request: send, check } = await bundleBaseline(path.join(folder, 'usual'));
  const name = 'usual stack';
  const start = (start: Start = {}) =>
    startFunctions({
      ...{ name, aws, paths: { send, check }, flags: start.flags ?? [] },
      env: { ...environment(aws, folder), ...baselineEnvironment, ...memoryOf(start) },
    });
  return { name, start };
};

/** A peer calls no AWS and sends no SMS: its container answers the code. */
const enterPeer = (peer: Peer, file: string, aws: FakeAws): Entrant => {
  const name = peers[peer];
  const start = async (start: Start = {}): Promise<Contender> => {
    // Node calls its own SQLite experimental.
    const flags = ['--disable-warning=ExperimentalWarning', ...(start.flags ?? [])];
    const container = await startContainer({ send: file, check: file }, memoryOf(start), flags);
    const invoke = async (event: PeerEvent) => bodyOf(expect(await container.invoke(event.flow, event)));
    const send = async (run: number) => {
      const { id, code } = await invoke({ flow: 'send', phoneNumber: phoneNumberOf(run) });
      return { id: String(id), code: String(code) };
    };
    const check = async (_: number, id: string, code: string) =>
      String((await invoke({ flow: 'check', id, code }))['status']);
    return contenderOf({ send, check }, { name, aws, container });
  };
  return { name, start };
};

/** Starts a contender that has shown what it approves: one that approves wrong codes would be fast. */
export const startJudged = async ({ start }: Entrant, how: Start = {}): Promise<Contender> => {
  const contender = await start(how);
  await contender.judge?.(nextRun());
  return contender;
};

const record = async (ours: Entrant): Promise<Recorded> => {
  const contender = await ours.start();
  try {
    return await recordFlow(contender);
  } finally {
    contender.stop();
  }
};

export type Contest = {
  readonly entrants: readonly [Entrant, ...Entrant[]];
  /** Trips to AWS in sequence. */
  readonly depths: Readonly<Record<'send' | 'check', number>>;
};

export const contestOf = async (place: Place, before: string | undefined): Promise<Contest> => {
  await writeFile(path.join(place.folder, 'ca.pem'), place.aws.cert);
  const files = await bundlePeers(path.join(place.folder, 'peers'));
  const ours = await enterOurs(place);
  const recorded = await record(ours);
  const others = [
    await enterBare(recorded, place),
    await enterUsual(place),
    ...(['better-auth', 'openauth'] as const).map((peer) => enterPeer(peer, files[peer], place.aws)),
    ...(before === undefined ? [] : [await enterBefore(before, place)]),
  ];
  return { entrants: [ours, ...others], depths: { send: recorded.send.length, check: recorded.check.length } };
};
