import {
  CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
  type StackResourceSummary,
} from '@aws-sdk/client-cloudformation';
import { DeskError, exits } from '../exits.ts';
import { explainAws, noRegion } from './aws-errors.ts';

export type StackChoice = {
  readonly stack: string;
  readonly region: string | undefined;
  readonly profile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
};

/** A part of the stack, by what CloudFormation knows of it. */
export type Part = { readonly type: string; readonly logicalId: string; readonly physicalId: string };

/** The deployed stack: where its parts are, and how AWS is asked about them. */
export type DeployedStack = {
  readonly name: string;
  readonly region: string;
  /** For the clients of the SDK. */
  readonly options: { readonly region: string; readonly profile?: string };
  readonly client: CloudFormationClient;
  /** @throws DeskError if the stack has no such output. */
  readonly output: (name: string) => Promise<string>;
  readonly parts: () => Promise<readonly Part[]>;
  /** Asks AWS; an error becomes a sentence. */
  readonly ask: <Answer>(action: string, call: () => Promise<Answer>) => Promise<Answer>;
};

/** The SDK does not read AWS_DEFAULT_REGION. The AWS CLI and the CDK do, so many machines set it. */
const regionOf = async ({ region, profile, env }: StackChoice): Promise<string> => {
  const named = [region, env['AWS_REGION'], env['AWS_DEFAULT_REGION']].find(Boolean);
  if (named !== undefined) {
    // It becomes a part of a host name.
    if (/^[a-z0-9-]{1,30}$/.test(named)) return named;
    throw new DeskError('This is no AWS Region. Write it as AWS does, such as --region eu-west-1.', exits.usage);
  }
  try {
    return await new CloudFormationClient(profile === undefined ? {} : { profile }).config.region();
  } catch (cause) {
    throw new DeskError(noRegion, exits.unreachable, { cause });
  }
};

/** Finds the stack by its name. */
export const findStack = async (choice: StackChoice): Promise<DeployedStack> => {
  const { stack: name, profile } = choice;
  const region = await regionOf(choice);
  const options = { region, ...(profile === undefined ? {} : { profile }) };
  const client = new CloudFormationClient({
    ...options,
    requestHandler: { requestTimeout: 15_000, connectionTimeout: 5000, throwOnRequestTimeout: true },
  });
  const ask = async <Answer>(action: string, call: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await call();
    } catch (cause) {
      throw explainAws(cause, { action, stack: name, region });
    }
  };
  const outputs = onlyOnce(async () => {
    const { Stacks } = await ask('cloudformation:DescribeStacks', () =>
      client.send(new DescribeStacksCommand({ StackName: name })),
    );
    return new Map((Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  });
  const parts = onlyOnce(() => ask('cloudformation:ListStackResources', () => partsOf(client, name)));
  const output = async (key: string): Promise<string> => {
    const value = (await outputs()).get(key);
    if (value !== undefined) return value;
    throw new DeskError(
      `The stack ${name} in ${region} has no output ${key}. It is another stack, or of an older version: check --stack, or deploy the version of this otp-desk.`,
      exits.unreachable,
    );
  };
  return { name, region, options, client, output, parts, ask };
};

const onlyOnce = <Value>(get: () => Promise<Value>): (() => Promise<Value>) => {
  let got: Promise<Value> | undefined;
  return () => {
    got ??= get();
    return got;
  };
};

const partsOf = async (client: CloudFormationClient, StackName: string): Promise<readonly Part[]> => {
  const found: StackResourceSummary[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName }))
    found.push(...StackResourceSummaries);
  return found.map(({ ResourceType = '', LogicalResourceId = '', PhysicalResourceId = '' }) => ({
    type: ResourceType,
    logicalId: LogicalResourceId,
    physicalId: PhysicalResourceId,
  }));
};

/** The parts of a type whose logical id begins so. */
export const partsLike = async (stack: DeployedStack, type: string, beginning: string): Promise<readonly Part[]> =>
  (await stack.parts()).filter((part) => part.type === `AWS::${type}` && part.logicalId.startsWith(beginning));

/** The one part of a type whose logical id begins so. */
export const partLike = async (stack: DeployedStack, type: string, beginning: string): Promise<string> => {
  const [part] = await partsLike(stack, type, beginning);
  if (part !== undefined) return part.physicalId;
  throw new DeskError(
    `The stack ${stack.name} has no ${type} whose name begins with ${beginning}. Check --stack, or deploy the version of this otp-desk.`,
    exits.failed,
  );
};
