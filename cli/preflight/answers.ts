/** The answers of an account to the questions of `questions.ts`: data, without a judgment. */

import type { EndUserMessagingFacts, NotifyFacts, OriginationNumber, SenderId } from './routes/facts.ts';

/** An answer, or the reason for none. No answer never means that all is well. */
export type Answer<Value> =
  | { readonly kind: 'answered'; readonly value: Value }
  /** The credentials may not ask; `action` is the permission that is missing. */
  | { readonly kind: 'denied'; readonly action: string }
  /** The service is there and does not know the question, or it has no address in the Region. */
  | { readonly kind: 'not-offered'; readonly error: string }
  | { readonly kind: 'unanswered'; readonly why: 'throttled' | 'timed out' | 'failed'; readonly error: string };

/** The facts of a Region about SMS. Money is in USD. */
export type SmsFacts = {
  readonly sandbox: { readonly isInSandbox: boolean };
  /** Numbers that may get SMS while the account is in the sandbox. */
  readonly verifiedNumbers: number;
  /** The account's defaults, by their names at SNS. Unset ones are absent. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The highest monthly quota that the team may set by itself. */
  readonly spendLimit: { readonly maxUsd: number } | undefined;
  readonly originationNumbers: readonly OriginationNumber[];
  readonly senderIds: readonly SenderId[];
  readonly optedOut: { readonly count: number; readonly isAll: boolean };
  /** The country rules for every SMS of the account, if there is such a configuration. */
  readonly protectRules: Readonly<Record<string, string>> | undefined;
};

/** The facts of the Region of the deployment. */
export type DeploymentFacts = {
  /** The role by which API Gateway writes logs, as an ARN. */
  readonly gatewayRole: string | undefined;
  /** How many functions may run at once. */
  readonly concurrency: number;
  /** Status of the stack, if there is one. */
  readonly stack: string | undefined;
  readonly bootstrapVersion: string | undefined;
  /** The back ends that asked without the IP of their end user within three hours. */
  readonly withoutEndUserIp: readonly string[];
};

export type Answers<Facts> = { readonly [Name in keyof Facts]: Answer<Facts[Name]> };

export type AccountAnswers = {
  readonly account: string;
  readonly region: string;
  readonly deployment: Answers<DeploymentFacts>;
  /** By Region, in the order of the settings' routes: of SNS, of End User Messaging, and of its Notify. */
  readonly sms: ReadonlyMap<string, Answers<SmsFacts>>;
  readonly endUserMessaging: ReadonlyMap<string, Answers<EndUserMessagingFacts>>;
  readonly notify: ReadonlyMap<string, Answers<NotifyFacts>>;
  /** The same two of calls, which have limits, rules and templates of their own. */
  readonly calls: {
    readonly endUserMessaging: ReadonlyMap<string, Answers<EndUserMessagingFacts>>;
    readonly notify: ReadonlyMap<string, Answers<NotifyFacts>>;
  };
};
