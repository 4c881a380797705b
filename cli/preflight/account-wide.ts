/** What AWS counts or keeps once for all stacks of an account and Region, whatever their names. */

export type Shared = {
  /** How the report names it. */
  readonly name: string;
  /** The type of a resource, or the namespace of a metric, by which a stack has to do with it. */
  readonly by: string;
};

export const shared: readonly Shared[] = [
  { name: 'the monthly SMS quota and its metric', by: 'AWS/SNS' },
  { name: 'the SMS settings of SNS, its sandbox and its opt-out list', by: 'AWS::SNS' },
  { name: 'the KMS request quota and its metric', by: 'AWS/Usage' },
  { name: 'the concurrency of Lambda', by: 'AWS::Lambda::Function' },
  { name: 'the logs role and the throttle of API Gateway', by: 'AWS::ApiGateway::Account' },
  { name: 'the CDK’s bootstrap bucket and roles', by: 'AWS::SSM::Parameter' },
];

/** For the report. No question is asked: it is so in every account. */
export const sharedFinding = (region: string) =>
  ({
    check: 'shared',
    about: region,
    state: 'ok',
    found: `all stacks here share ${shared.map(({ name }) => name).join('; ')}`,
    todo: 'An attack on one stack can use these up for the others. Give production an account of its own.',
  }) as const;
