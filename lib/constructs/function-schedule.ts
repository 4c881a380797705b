import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { type ScheduledFunctionName, scheduledFunctions } from '../../lambdas/contract.ts';
import type { OtpFunction } from './function.ts';

/** Calls a function by the clock, as the contract says. A call that was missed is made up for by the next one. */
export class FunctionSchedule extends Construct {
  readonly rule: Rule;

  constructor(scope: Construct, id: string, name: ScheduledFunctionName, { lambda }: OtpFunction) {
    super(scope, id);
    this.rule = new Rule(this, 'Rule', {
      description: `OTP: calls ${name}`,
      schedule: Schedule.rate(Duration.minutes(scheduledFunctions[name].everyMinutes)),
      targets: [new LambdaFunction(lambda, { retryAttempts: 0, maxEventAge: Duration.minutes(1) })],
    });
  }
}
