/** The alarm of a stack whose settings ask whether numbers are at risk. No other stack has it. */

import { Duration } from 'aws-cdk-lib';
import { riskFindingMetrics } from '../../../lambdas/contract.ts';
import type { Policy } from '../../../lambdas/policy.ts';
import type { AlarmDefinition } from './alarm-definition.ts';
import type { OwnMetrics } from './metrics.ts';

export type WatchedRisk = { readonly own: OwnMetrics; readonly settings: Pick<Policy, 'numberRisk'> };

/** The mail is that of the finding. Of many numbers, two a day and country have one, and the alarm shows that there are more. */
export const riskAlarms = ({ own, settings }: WatchedRisk): readonly AlarmDefinition[] =>
  settings.numberRisk === undefined
    ? []
    : [
        {
          metric: own(riskFindingMetrics.swappedNumber, Duration.minutes(1)),
          threshold: 1,
          isSilent: true,
          description:
            'A number whose SIM was swapped, or which was ported, was used for a purpose that minds. The request was refused, or its proof asks for more. The mail of the finding says what to do.',
          first: 'reach the customer by another way than the number, and look for recent changes of the account.',
          look: 'findings',
        },
      ];
