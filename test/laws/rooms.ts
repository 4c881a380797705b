/** The rooms of the house: which files each holds, what these may import, and what they may not take from outside. */

import { functionNames, optionalFunctionNames } from '../../lambdas/contract.ts';
import type { Word } from './source/words.ts';

export type Room = {
  /** The files that it holds. */
  readonly holds: RegExp;
  /** What may be imported: packages by name, files of the project as `./path`. */
  readonly may: readonly RegExp[];
  /** What may be imported by `import type` only. */
  readonly mayForTypes: readonly RegExp[];
  /** Words of the outside world that it may not say. */
  readonly mayNotSay: readonly Word[];
  /** Whether it may import by a path that it is given, such as that of a bundle. */
  readonly mayCompute?: true;
};

const node = /^node:/;
const contract = /^\.\/lambdas\/contract\.ts$/;
const policy = /^\.\/lambdas\/policy\.ts$/;
const otp = /^\.\/lambdas\/otp\//;
const bursts = /^\.\/lambdas\/bursts\//;
const aws = /^\.\/lambdas\/aws\//;
const tables = /^\.\/lambdas\/aws\/tables\/.+\.ts$/;
const http = /^\.\/lambdas\/http\//;
const desk = /^\.\/lambdas\/desk\//;
const events = /^\.\/lambdas\/events\//;
const webhooks = /^\.\/lambdas\/webhooks\//;
const stream = /^\.\/lambdas\/stream\/[^/]+\.ts$/;
const replay = /^\.\/replay\//;
const surroundings = /^\.\/lambdas\/(?:env|telemetry)\.ts$/;

/** Nothing imports an entrypoint, the other entrypoints neither. */
const entrypoint = new RegExp(`^lambdas/(?:${[...functionNames, ...optionalFunctionNames].join('|')})\\.ts$`);

/** A package, with or without a path into it. */
const pack = (...names: readonly string[]) =>
  new RegExp(`^(?:${names.map((name) => RegExp(name).source).join('|')})(?:/|$)`);

const pure: readonly Word[] = ['the environment', 'the clock', 'chance', 'the console'];
const computes = [/^node:crypto$/, pack('libphonenumber-js', 'dinero\\.js', 'ipaddr\\.js', 'valibot')];
const handles = [pack('@middy/[^/]+', '@aws-lambda-powertools/[^/]+', 'valibot'), node];

/** The first room that holds a file is its room. */
export const rooms: readonly Room[] = [
  { holds: /^lambdas\/contract\.ts$/, may: [], mayForTypes: [], mayNotSay: pure },
  { holds: /^lambdas\/policy\.ts$/, may: [contract], mayForTypes: [], mayNotSay: pure },
  { holds: /^lambdas\/otp\//, may: [...computes, otp, contract, policy], mayForTypes: [], mayNotSay: pure },
  { holds: /^lambdas\/bursts\//, may: [...computes, bursts, otp, contract, policy], mayForTypes: [], mayNotSay: pure },
  {
    holds: /^lambdas\/desk\//,
    may: [...computes, desk, bursts, otp, contract, policy],
    mayForTypes: [],
    mayNotSay: pure,
  },
  // Calls the systems of customers. Nothing else of the service opens a connection that AWS does not end.
  {
    holds: /^lambdas\/webhooks\/wire\//,
    may: [/^node:(?:http|https|dns\/promises)$/, webhooks],
    mayForTypes: [],
    mayNotSay: ['the environment', 'chance', 'the console'],
  },
  {
    holds: /^lambdas\/webhooks\//,
    may: [...computes, pack('standardwebhooks'), webhooks, contract, policy],
    mayForTypes: [],
    mayNotSay: pure,
  },
  // Says what the customer's systems learn. The verdicts about records are those of `otp/`, and changes are read as the detector reads them.
  {
    holds: /^lambdas\/events\//,
    may: [...computes, events, otp, /^\.\/lambdas\/bursts\/counts\/(?:events|possible)\.ts$/, contract, policy],
    mayForTypes: [],
    mayNotSay: pure,
  },
  // AWS is called over connections that are kept as this says.
  {
    holds: /^lambdas\/aws\/calls\/connections\.ts$/,
    may: [/^node:(net|tls)$/],
    mayForTypes: [],
    mayNotSay: ['the environment'],
  },
  // The facts of Lambda that a call needs. The SDK reads them in the same place.
  {
    holds: /^lambdas\/aws\/calls\/surroundings\.ts$/,
    may: [],
    mayForTypes: [pack('@smithy/[^/]+')],
    mayNotSay: ['the clock', 'chance', 'the console'],
  },
  // AWS is called by these: bytes, signatures and JSON, and nothing of this service.
  {
    holds: /^lambdas\/aws\/calls\//,
    may: [/^node:crypto$/, /^\.\/lambdas\/aws\/calls\/.+\.ts$/],
    mayForTypes: [pack('@smithy/[^/]+')],
    mayNotSay: ['the environment'],
  },
  // Only bundles of local mode have it, whose carrier has another port at each start.
  { holds: /^lambdas\/aws\/risk\/roots-local\.ts$/, may: [aws], mayForTypes: [policy], mayNotSay: [] },
  {
    holds: /^lambdas\/aws\//,
    may: [pack('@aws-sdk/[^/]+'), /^node:crypto$/, aws, otp, bursts, desk, events, webhooks, contract, policy],
    mayForTypes: [pack('@smithy/[^/]+')],
    mayNotSay: ['the environment'],
  },
  {
    holds: /^lambdas\/(?:(?:http|stream)\/.+|env\.ts|telemetry\.ts)$/,
    may: [...handles, http, stream, surroundings, otp, bursts, desk, events, webhooks, aws, contract, policy],
    mayForTypes: [pack('aws-lambda')],
    mayNotSay: [],
  },
  {
    holds: entrypoint,
    may: [...handles, http, stream, surroundings, otp, bursts, desk, events, webhooks, aws, contract, policy],
    mayForTypes: [pack('aws-lambda')],
    mayNotSay: [],
  },
  {
    holds: /^lib\//,
    may: [
      pack('aws-cdk-lib', 'constructs', 'ipaddr\\.js', 'valibot'),
      /^node:(?:path|url|fs)$/,
      /^\.\/lib\//,
      /^\.\/lambdas\/otp\/(?:record\/(?:message|parts)|input\/locale)\.ts$/,
      contract,
      policy,
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
    may: [
      ...[pack('esbuild'), node, /^\.\/bundle\//, /^\.\/bin\/settings\.ts$/, /^\.\/lib\/settings\//, policy, contract],
      // The operations of direct calls.
      /^\.\/lambdas\/aws\/calls\/(?:json|query)\.ts$/,
    ],
    mayForTypes: [],
    mayNotSay: [],
  },
  {
    holds: /^docs\/generate\//,
    may: [
      pack('aws-cdk-lib', 'cdk-nag', '@valibot/to-json-schema'),
      node,
      /^\.\/(?:docs\/generate|lib|cli\/desk)\//,
      /^\.\/lambdas\/http\/(?:body|channel|requests|desk\/(?:exports|numbers|port-notices|requests|webhooks))\.ts$/,
      // The words that answers to operators are made of.
      /^\.\/lambdas\/events\/envelope\.ts$/,
      /^\.\/lambdas\/(?:bursts\/counts\/keys|desk\/(?:actions|findings|status\/check))\.ts$/,
      policy,
      tables,
      contract,
    ],
    mayForTypes: [],
    mayNotSay: [],
  },
  // The walk to the first SMS, without its adapters. It asks AWS and the person through ports.
  {
    holds: /^cli\/preflight\/(?:first-sms\/(?!(?:aws|run)\.ts)|notify\/)/,
    may: [
      /^\.\/cli\/preflight\/(?:first-sms\/(?!(?:aws|run)\.ts)|notify\/)/,
      /^\.\/lambdas\/otp\/(?:number\/phone|record\/spoken)\.ts$/,
    ],
    mayForTypes: [pack('@aws-sdk/client-pinpoint-sms-voice-v2'), policy],
    mayNotSay: pure,
  },
  {
    holds: /^cli\/preflight\/(?:account-wide|answers|judge|report|verdict|routes\/(?!questions\.ts)[a-z-]+)\.ts$/,
    may: [
      /^\.\/cli\/preflight\/(?:account-wide|answers|judge|report|verdict|routes\/(?!questions\.ts)[a-z-]+)\.ts$/,
      /^\.\/lib\/settings\/(?:territories|applications|receipts|routes\/routes)\.ts$/,
      /^\.\/cli\/preflight\/notify\//,
      /^\.\/lambdas\/otp\/(?:input\/locale|record\/spoken)\.ts$/,
    ],
    mayForTypes: [/^\.\/lib\/settings\/settings\.ts$/, pack('@aws-sdk/client-pinpoint-sms-voice-v2'), policy],
    mayNotSay: pure,
  },
  // Shared by the programs of the terminal.
  { holds: /^cli\/terminal\//, may: [/^node:readline\/promises$/], mayForTypes: [], mayNotSay: ['the console'] },
  {
    holds: /^cli\/preview\//,
    may: [/^node:util$/, /^\.\/cli\/preview\//, /^\.\/lib\/settings\/settings\.ts$/, /^\.\/bin\/settings\.ts$/],
    mayForTypes: [],
    mayNotSay: [],
  },
  {
    holds: /^cli\/preflight\//,
    may: [
      pack('@aws-sdk/client-[^/]+'),
      /^node:(?:crypto|util|timers\/promises)$/,
      /^\.\/cli\/(?:preflight|terminal)\//,
      contract,
      /^\.\/lib\/settings\/settings\.ts$/,
      /^\.\/bin\/settings\.ts$/,
    ],
    mayForTypes: [policy],
    mayNotSay: [],
  },
  // Judges recorded traffic again, with the detector's own code. The service imports nothing of it.
  {
    holds: /^replay\//,
    may: [...computes, replay, bursts, otp, tables, contract, policy],
    mayForTypes: [],
    mayNotSay: pure,
  },
  // Judges the files of an export. It shares their format with the service, and no code.
  {
    holds: /^cli\/desk\/verify-export\//,
    may: [/^node:(?:crypto|fs\/promises|path)$/, /^\.\/cli\/desk\/verify-export\//, contract],
    mayForTypes: [],
    mayNotSay: pure,
  },
  // What is read and printed is pure; the rest asks the API, AWS and the person.
  {
    holds: /^cli\/desk\/(?:print|words)\//,
    may: [pack('string-width'), /^\.\/cli\/desk\/(?:print|words)\//, /^\.\/cli\/desk\/exits\.ts$/],
    mayForTypes: [],
    mayNotSay: pure,
  },
  {
    holds: /^cli\/desk\//,
    may: [
      pack('commander', '@smithy/signature-v4', '@aws-sdk/client-[^/]+'),
      /^node:(?:fs|timers)\/promises$/,
      /^\.\/cli\/(?:desk|terminal)\//,
      replay,
      contract,
    ],
    mayForTypes: [/^node:crypto$/],
    mayNotSay: ['the console'],
  },
  // A package that others install: the service is none of its imports, and the SDK only where it is asked for by name.
  {
    holds: /^clients\/typescript\/(?:index\.ts$|caller\/|messages\/)/,
    may: [/^\.\/clients\/typescript\/(?:caller|messages)\//],
    mayForTypes: [],
    mayNotSay: ['the environment', 'the console'],
  },
  {
    holds: /^clients\/typescript\/form\//,
    may: [pack('libphonenumber-js'), /^\.\/clients\/typescript\/(?:form|caller|messages)\//],
    mayForTypes: [],
    mayNotSay: ['the environment', 'the console'],
  },
  {
    holds: /^clients\/typescript\/proof\/dynamodb\.ts$/,
    may: [pack('@aws-sdk/client-dynamodb')],
    mayForTypes: [/^\.\/clients\/typescript\/proof\//],
    mayNotSay: ['the environment', 'the console'],
  },
  {
    holds: /^clients\/typescript\/proof\//,
    may: [pack('jose'), /^\.\/clients\/typescript\/proof\/(?!dynamodb\.ts)/],
    mayForTypes: [/^\.\/clients\/typescript\/caller\//],
    mayNotSay: ['the environment', 'the console'],
  },
  { holds: /^clients\/typescript\/build\.ts$/, may: [node, pack('esbuild')], mayForTypes: [], mayNotSay: [] },
  // As in the project of a reader: packages by their names, and no path that leaves the example.
  {
    holds: /^clients\/examples\//,
    may: [node, pack('otp-service-client', 'express', 'jose', 'react', 'react-dom', 'input-otp', 'standardwebhooks')],
    mayForTypes: [],
    mayNotSay: [],
  },
  // The one part of local mode that reads the settings: a program of its own, which makes the policy.
  {
    holds: /^local\/policy\//,
    may: [
      node,
      pack('libphonenumber-js'),
      /^\.\/local\/policy\//,
      /^\.\/lib\/settings\//,
      /^\.\/bin\/settings\.ts$/,
      /^\.\/bundle\/(?:bundle|page)\.ts$/,
      /^\.\/lambdas\/otp\/number\/phone\.ts$/,
      policy,
    ],
    mayForTypes: [],
    mayNotSay: [],
    mayCompute: true,
  },
  // Tokens of a carrier, as a provider checks them.
  {
    holds: /^local\/carrier\//,
    may: [node, pack('jose'), /^\.\/local\//],
    mayForTypes: [],
    mayNotSay: [],
    mayCompute: true,
  },
  { holds: /^local\//, may: [node, /^\.\/local\//, contract], mayForTypes: [], mayNotSay: [], mayCompute: true },
  { holds: /^test\//, may: [/^(?!\.\/bench\/)/], mayForTypes: [], mayNotSay: [], mayCompute: true },
  // The IAM simulator is under the AGPL: the tests use it, and nothing else does.
  {
    holds: /^bench\//,
    may: [/^(?!\.\/test\/(?!fakes\/)|@cloud-copilot\/)/],
    mayForTypes: [],
    mayNotSay: [],
    mayCompute: true,
  },
];
