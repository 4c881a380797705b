/** How client apps authenticate, and what they may call. */

import * as v from 'valibot';
import { object, refused, text, whole, wholeOr } from './values.ts';

const poolsAllowed =
  'Cognito user pools: a list of ARNs, for example ["arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEfGhI"].';
const scopesAllowed =
  'OAuth scopes, of which a token needs one: a list, for example ["otp/send"]. Or leave scopes out.';
const cognito = object(
  {
    userPoolArns: v.pipe(
      v.array(
        text(/^arn:[a-z-]+:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool\/[\w-]+$/, poolsAllowed),
        refused(poolsAllowed),
      ),
      v.minLength(1, refused(poolsAllowed)),
    ),
    scopes: v.exactOptional(
      v.pipe(v.array(text(/^\S+$/, scopesAllowed), refused(scopesAllowed)), v.minLength(1, refused(scopesAllowed))),
    ),
  },
  { userPoolArns: poolsAllowed },
);
export const access = v.optional(
  v.union(
    [v.literal('api-key'), v.literal('iam'), object({ cognito })],
    refused(
      'Authentication of client apps: "api-key", "iam", or for example { cognito: { userPoolArns: ["arn:aws:cognito-idp:…"] } }.',
    ),
  ),
  'api-key',
);

const maxRequestsPerSecond = 10_000;
export const ratePerSecond = { min: 1, max: maxRequestsPerSecond };
export const requestsAtOnce = { min: 1, max: 5000 };

export const throttle = object({
  ratePerSecond: wholeOr('Requests per second', { ...ratePerSecond, byDefault: 20 }),
  burst: wholeOr('Requests at once', { ...requestsAtOnce, byDefault: 40 }),
});

export const dailyQuota = v.exactOptional(
  whole('Requests per API key and day', { min: 1, max: 2_000_000_000, example: 100_000 }),
);

export const firewall = v.optional(
  v.boolean(refused('Firewall (AWS WAF) before the API: true, or false for none.')),
  true,
);

/** The requests of one IP in five minutes at most: a tenth of what the throttle passes, without its burst. */
export const tenthOf = ({ ratePerSecond }: { readonly ratePerSecond: number }): number => (ratePerSecond * 300) / 10;

// The minimum is that of WAF.
export const firewallRequestsPerIp = v.exactOptional(
  whole('Requests of one IP in five minutes', {
    min: 10,
    max: tenthOf({ ratePerSecond: maxRequestsPerSecond }),
    example: 600,
  }),
);
