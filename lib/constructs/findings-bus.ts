import { EventBus } from 'aws-cdk-lib/aws-events';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { findingEvents } from '../../lambdas/contract.ts';
import { allow } from './iam/allow.ts';

/**
 * Where findings are told to other systems, as events. Whoever wants them writes a rule on it.
 *
 * Under a key that AWS owns: the events hold keyed hashes and groups of numbers, no number and no code, and the bus keeps
 * none of them. A key of our own would have to let in every target that a team ever adds.
 */
export class FindingsBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', { description: 'OTP: findings of the burst detector' });
  }

  /** Tells of findings, and of nothing else. */
  grantTell(role: IRole): void {
    allow(role, 'TellFindings', 'events:PutEvents', this.bus.eventBusArn, {
      // Of several entries at once there are several values.
      'ForAllValues:StringEquals': {
        'events:source': findingEvents.source,
        'events:detail-type': findingEvents.detailType,
      },
    });
  }
}
