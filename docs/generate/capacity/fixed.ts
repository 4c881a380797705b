/** The cost of a month without traffic, from the resources of the stack. */

import type { App } from 'aws-cdk-lib';
import { CfnAlarm, CfnCompositeAlarm, CfnDashboard } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnKey } from 'aws-cdk-lib/aws-kms';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { standardStack } from '../compliance.ts';
import { chargeOf, type Price, priceList } from './prices.ts';

export type FixedCost = {
  readonly name: string;
  readonly group: 'keys' | 'firewall' | 'monitoring';
  readonly count: number;
  readonly usd: number;
};

/** Metrics that have data without traffic: whether the stream feeds the detector, once a minute. */
const idleMetrics = 1;

const rulesOf = ({ rules }: CfnWebACL): number => (Array.isArray(rules) ? rules.length : 0);

export type FixedCosts = {
  readonly lines: readonly FixedCost[];
  /** Keys that KMS rotates each year. */
  readonly rotating: number;
};

export const fixedCosts = (app: App = standardStack()): FixedCosts => {
  const all = app.node.findAll();
  const keys = all.filter((each) => each instanceof CfnKey);
  const firewalls = all.filter((each) => each instanceof CfnWebACL);
  const countOf = (is: (each: unknown) => boolean): number => all.filter(is).length;
  const line = (name: string, group: FixedCost['group'], price: Price, count: number): FixedCost => ({
    ...{ name, group, count },
    usd: chargeOf(price, count),
  });
  const { kmsKey, webAcl, webAclRule, alarm, compositeAlarm, dashboard, metric } = priceList;
  return {
    lines: [
      line('keys of KMS', 'keys', kmsKey, keys.length),
      line('firewall', 'firewall', webAcl, firewalls.length),
      line(
        'rules of the firewall',
        'firewall',
        webAclRule,
        firewalls.reduce((sum, each) => sum + rulesOf(each), 0),
      ),
      line(
        'alarms',
        'monitoring',
        alarm,
        countOf((each) => each instanceof CfnAlarm),
      ),
      line(
        'composite alarms',
        'monitoring',
        compositeAlarm,
        countOf((each) => each instanceof CfnCompositeAlarm),
      ),
      line(
        'dashboards',
        'monitoring',
        dashboard,
        countOf((each) => each instanceof CfnDashboard),
      ),
      line('metrics that have data without traffic', 'monitoring', metric, idleMetrics),
    ],
    rotating: keys.filter(({ enableKeyRotation }) => enableKeyRotation === true).length,
  };
};
