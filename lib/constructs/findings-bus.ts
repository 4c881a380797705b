import { EventBus } from 'aws-cdk-lib/aws-events';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { findingEvents, stopEvents, verificationEvents } from '../../lambdas/contract.ts';
import type { EventType } from '../../lambdas/policy.ts';
import { allow, type Grantee } from './iam/allow.ts';

/**
 * The event bus of the findings, and of the events of verifications if the settings ask for them. A team that wants them adds a
 * rule to it.
 *
 * AWS owns its key: the events hold hashes, groups of numbers and the words of a stop, but no number and no code, and
 * the bus keeps none of them. A key of the stack would have to admit every target that a team ever adds.
 */
export class FindingsBus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string, { name }: { readonly name: string }) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      // A bus without a name would get one of its place in the app, which has the name of the stack by chance only.
      eventBusName: `${name}-findings`,
      description: 'OTP: findings of the burst detector',
    });
  }

  /** Publishes findings and reminders of stops, and no other event. */
  grantPutFindings(role: IRole): void {
    allow(role, 'PutFindings', 'events:PutEvents', this.bus.eventBusArn, {
      // A call with several entries has several values.
      'ForAllValues:StringEquals': {
        'events:source': findingEvents.source,
        'events:detail-type': [findingEvents.detailType, stopEvents.detailType],
      },
    });
  }

  /** Publishes events of verifications of these types, and no finding. */
  grantPutEvents(role: Grantee, types: readonly EventType[]): void {
    allow(role, 'PutEvents', 'events:PutEvents', this.bus.eventBusArn, {
      'ForAllValues:StringEquals': {
        'events:source': verificationEvents.source,
        'events:detail-type': [...types],
      },
    });
  }
}
