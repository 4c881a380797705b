/**
 * The laws of the house: who may import whom, what a pure room may not say, and names that are not used.
 * A pure function of the sources, so that the laws themselves can be tested.
 */

import path from 'node:path';
import { functionNames } from '../../lambdas/contract.ts';
import { importsOf } from './imports.ts';
import { type Token, tokensOf } from './tokens.ts';

export type Source = {
  /** From the top of the project, with `/`. */
  readonly path: string;
  readonly text: string;
};

export type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

type Room = {
  /** The files that it holds. */
  readonly holds: RegExp;
  /** What may be imported: packages by name, files of the project as `./path`. */
  readonly may: readonly RegExp[];
  /** What may be imported by `import type` only. */
  readonly mayForTypes: readonly RegExp[];
  /** Words of the outside world that it may not say. */
  readonly mayNotSay: readonly Word[];
  /** Whether it may import what it is told to: bundles, by their paths. */
  readonly mayCompute?: true;
};

const node = /^node:/;
const contract = /^\.\/lambdas\/contract\.ts$/;
const policy = /^\.\/lambdas\/policy\.ts$/;
const otp = /^\.\/lambdas\/otp\//;
const bursts = /^\.\/lambdas\/bursts\//;
const aws = /^\.\/lambdas\/aws\//;
const entrypoint = new RegExp(`^\\./lambdas/(?:${functionNames.join('|')})\\.ts$`);
const besideEntrypoints = new RegExp(
  `^\\./lambdas/(?:(?:http|stream)/)?(?!(?:${functionNames.join('|')})\\.ts$)[^/]+\\.ts$`,
);

/** A package, with or without a path into it. */
const pack = (...names: readonly string[]) =>
  new RegExp(`^(?:${names.map((name) => RegExp(name).source).join('|')})(?:/|$)`);

type Word = 'the environment' | 'the clock' | 'chance' | 'the console';
const pure: readonly Word[] = ['the environment', 'the clock', 'chance', 'the console'];

/** The first room that holds a file is its room. */
const rooms: readonly Room[] = [
  { holds: /^lambdas\/contract\.ts$/, may: [], mayForTypes: [], mayNotSay: pure },
  { holds: /^lambdas\/policy\.ts$/, may: [contract], mayForTypes: [bursts], mayNotSay: pure },
  {
    holds: /^lambdas\/(?:otp|bursts)\//,
    may: [/^node:crypto$/, pack('libphonenumber-js', 'ipaddr\\.js', 'valibot'), otp, bursts, contract, policy],
    mayForTypes: [],
    mayNotSay: pure,
  },
  {
    holds: /^lambdas\/aws\//,
    may: [pack('@aws-sdk/[^/]+'), /^node:crypto$/, aws, otp, bursts, contract, policy],
    mayForTypes: [pack('@smithy/[^/]+')],
    mayNotSay: ['the environment'],
  },
  {
    holds: /^lambdas\/(?:(?:http|stream)\/)?[^/]+$/,
    may: [
      pack('@middy/[^/]+', '@aws-lambda-powertools/[^/]+', 'valibot'),
      node,
      besideEntrypoints,
      otp,
      bursts,
      aws,
      contract,
    ],
    mayForTypes: [pack('aws-lambda')],
    mayNotSay: [],
  },
  {
    holds: /^lib\//,
    may: [
      pack('aws-cdk-lib', 'constructs', 'valibot', 'sms-segments-calculator'),
      /^node:(?:path|url|fs)$/,
      /^\.\/lib\//,
      /^\.\/lambdas\/(?:policy|otp\/record\/message)\.ts$/,
      contract,
    ],
    mayForTypes: [pack('cdk-nag')],
    mayNotSay: [],
  },
  {
    holds: /^bin\//,
    may: [pack('aws-cdk-lib', 'cdk-nag'), node, /^\.\/(?:bin|lib)\//, contract],
    mayForTypes: [],
    mayNotSay: [],
  },
  {
    holds: /^bundle\//,
    may: [pack('esbuild'), node, /^\.\/bundle\//, /^\.\/bin\/settings\.ts$/, /^\.\/lib\/settings\//, policy, contract],
    mayForTypes: [],
    mayNotSay: [],
  },
  {
    holds: /^docs\/generate\//,
    may: [pack('aws-cdk-lib', 'cdk-nag'), node, /^\.\/(?:docs\/generate|lib)\//, contract],
    mayForTypes: [],
    mayNotSay: [],
  },
  {
    holds: /^cli\/preflight\/(?:answers|judge|report)\.ts$/,
    may: [/^\.\/cli\/preflight\/(?:answers|judge|report)\.ts$/],
    mayForTypes: [/^\.\/lib\/settings\/settings\.ts$/],
    mayNotSay: pure,
  },
  {
    holds: /^cli\/preflight\//,
    may: [
      pack('@aws-sdk/client-[^/]+'),
      /^node:util$/,
      /^\.\/cli\/preflight\//,
      /^\.\/lib\/settings\/settings\.ts$/,
      /^\.\/bin\/settings\.ts$/,
    ],
    mayForTypes: [],
    mayNotSay: [],
  },
  { holds: /^local\//, may: [node, /^\.\/local\//, contract], mayForTypes: [], mayNotSay: [], mayCompute: true },
  { holds: /^test\//, may: [/./], mayForTypes: [], mayNotSay: [], mayCompute: true },
  // The IAM simulator is under the AGPL: the tests use it, and nothing else does.
  {
    holds: /^bench\//,
    may: [/^(?!\.\/test\/(?!fakes\/)|@cloud-copilot\/)/],
    mayForTypes: [],
    mayNotSay: [],
    mayCompute: true,
  },
];

/** `./path` for a file of the project, the name as it is written for all else. */
const targetOf = (from: string, importer: string) =>
  from.startsWith('.') ? `./${path.posix.normalize(path.posix.join(path.posix.dirname(importer), from))}` : from;

const importBreaches = (room: Room, source: Source): readonly string[] =>
  importsOf(source.text).flatMap(({ from, isType }) => {
    if (from === undefined)
      return room.mayCompute
        ? []
        : [`${source.path} computes what it imports: write the name, so that it can be checked.`];
    const target = targetOf(from, source.path);
    const isItself = entrypoint.test(target) && target === `./${source.path}`;
    const may = isType ? [...room.may, ...room.mayForTypes] : room.may;
    if (!isItself && may.some((allowed) => allowed.test(target))) return [];
    const forTypes = room.mayForTypes.some((allowed) => allowed.test(target)) ? ' other than by `import type`' : '';
    return [`${source.path} may not import ${target.replace(/^\.\//, '')}${forTypes}.`];
  });

const row = (tokens: readonly Token[], at: number, ...texts: readonly string[]) =>
  texts.every((text, index) => tokens[at + index]?.kind !== 'string' && tokens[at + index]?.text === text);

const wordAt = (tokens: readonly Token[], at: number): Word | undefined => {
  const isProperty = row(tokens, at - 1, '.') && !row(tokens, at - 2, 'globalThis') && !row(tokens, at - 2, '.');
  if (tokens[at]?.kind !== 'word' || isProperty) return undefined;
  if (row(tokens, at, 'process')) return 'the environment';
  if (row(tokens, at, 'console')) return 'the console';
  if (row(tokens, at, 'Math', '.', 'random')) return 'chance';
  if (row(tokens, at, 'performance') || row(tokens, at, 'Date', '.', 'now')) return 'the clock';
  if (!row(tokens, at, 'Date')) return undefined;
  const isNew = row(tokens, at - 1, 'new');
  const isCalled = row(tokens, at + 1, '(');
  const isGivenNothing = !isCalled || row(tokens, at + 2, ')');
  return isNew ? (isGivenNothing ? 'the clock' : undefined) : isCalled ? 'the clock' : undefined;
};

const wordBreaches = (room: Room, source: Source): readonly string[] => {
  const tokens = tokensOf(source.text);
  const said = tokens.map((_, at) => wordAt(tokens, at)).filter((word) => word !== undefined);
  return [...new Set(said)]
    .filter((word) => room.mayNotSay.includes(word))
    .map((word) => `${source.path} may not use ${word}: take what it gives as an argument.`);
};

/** Names of places where lines go when nobody has decided where they belong. */
const noNames = new Set(['src', 'utils', 'helpers', 'common', 'shared', 'types']);

const nameBreaches = (source: Source): readonly string[] =>
  source.path
    .split('/')
    .map((part) => part.replace(/\..*$/, ''))
    .filter((part) => noNames.has(part))
    .map((part) => `${source.path} is called "${part}": name it after what it holds.`);

const packageOf = (from: string) => /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from;

/** What runs must be listed and pinned, or an install tomorrow ships other code than was tested today. */
const pinBreaches = (source: Source, manifest: Manifest): readonly string[] => {
  const pins = { ...manifest.optionalDependencies, ...manifest.devDependencies, ...manifest.dependencies };
  return importsOf(source.text).flatMap(({ from, isType }) => {
    if (from === undefined || isType || node.test(from) || /^[./]|^data:/.test(from)) return [];
    const name = packageOf(from);
    const version = pins[name];
    if (version === undefined) return [`${source.path} imports ${name}, which package.json does not list.`];
    return /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)
      ? []
      : [`${source.path} imports ${name}, which package.json does not pin exactly: ${version}.`];
  });
};

/** Each breach as a sentence; none if all is well. */
export const breaches = (sources: readonly Source[], manifest: Manifest): readonly string[] =>
  sources.flatMap((source) => {
    const room = rooms.find(({ holds }) => holds.test(source.path));
    if (room === undefined) return [`${source.path} stands in no room: see docs/decisions/ for the layout.`];
    const found = [
      ...nameBreaches(source),
      ...importBreaches(room, source),
      ...wordBreaches(room, source),
      ...pinBreaches(source, manifest),
    ];
    return [...new Set(found)];
  });
