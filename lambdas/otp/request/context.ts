import type { Channel, Policy, TestNumbers } from '../../policy.ts';
import type { AdmissionFacts } from '../limits/admission.ts';
import { allowancesOf } from '../limits/allowances.ts';
import type { Allowance } from '../limits/guard.ts';
import type { StopHit } from '../limits/stops.ts';
import type { Phone } from '../number/phone.ts';
import type { Pseudonyms } from '../number/pseudonyms.ts';
import type { Secret } from '../number/secret.ts';
import type { Clock, Codes, Idempotency, PseudonymSource, RequestLedger, Seal, SmsSender, Watch } from '../ports.ts';
import type { MessageNotes } from '../receipts/ports.ts';
import type { Draw, Transaction } from '../record/code.ts';
import type { VerificationView } from '../record/view.ts';
import type { RiskLimit } from '../risk/decide.ts';
import type { NumberRisk } from '../risk/ports.ts';
import type { LimitHit } from '../sending/refusal.ts';
import type { NotSent, RouteOutcome } from '../sending/sent.ts';
import type { CallCode } from '../sending/sms.ts';
import type { Subject } from '../subject.ts';

export type RequestPorts = {
  readonly now: Clock;
  readonly draw: Draw;
  /** 160 random bits, base64url, 27 characters. */
  readonly randomId: () => string;
  readonly pseudonyms: PseudonymSource;
  readonly ledger: RequestLedger;
  readonly codes: Codes;
  readonly seals: Seal;
  readonly sender: SmsSender;
  /** Only of a deployment with calls. */
  readonly callCode?: CallCode | undefined;
  readonly watch: Watch;
  /** Only if the settings ask for notes of message ids. */
  readonly messages?: MessageNotes | undefined;
  /** Only if the settings ask for number risk. */
  readonly numberRisk?: NumberRisk | undefined;
};

export type SendRequest = {
  readonly phone: Phone;
  readonly purpose: string;
  /** Without it, SMS. */
  readonly channel?: Channel | undefined;
  readonly locale?: string | undefined;
  readonly transaction?: Transaction | undefined;
  readonly appHash?: string | undefined;
  readonly origin?: string | undefined;
  readonly idempotencyKey?: string | undefined;
  /** Its name. */
  readonly application: string;
  /** IPv4 or IPv6, as text. */
  readonly ip: string;
  /** The IP is that of a back end, for all of its users. */
  readonly isSharedIp?: boolean | undefined;
};

type Allowances = { readonly allowances: readonly Allowance[] };

type Viewed = { readonly view: VerificationView; readonly test: boolean } & Allowances;
/** A message was handed to the network, or refused by it. A test number has none. */
type Handed = { readonly routes: readonly RouteOutcome[] };

export type RequestOutcome =
  | ({ readonly kind: 'created' } & Viewed & Handed)
  | ({ readonly kind: 'repeated' } & Viewed)
  | { readonly kind: 'destination-not-allowed'; readonly reason: 'country' | 'type' | 'voice' | 'test-number' }
  | LimitHit
  | StopHit
  | ({ readonly kind: 'in-progress' | 'key-reused' } & Allowances)
  | ({ readonly kind: 'opted-out' } & Handed & Allowances)
  | (AtRisk & Allowances)
  | (NotSent & Handed & Allowances);

/**
 * The SIM of the number was swapped or the number ported, for a purpose that refuses then. Or `risk-unanswered`: its operator
 * did not answer, for one that is closed then: seconds until the limits of the number, which counts the send, let another pass.
 */
export type AtRisk =
  | { readonly kind: 'at-risk'; readonly limit: RiskLimit }
  | { readonly kind: 'risk-unanswered'; readonly limit: RiskLimit; readonly waitSeconds: number };

/** What a verification gets before it is committed. */
export type Draft = {
  readonly id: string;
  /** The record's key. */
  readonly key: string;
  readonly code: Secret;
  readonly sendId: string;
  readonly idempotency: Idempotency | undefined;
};

/** One request, and what was derived from it before anything was read. */
export type RequestContext = {
  readonly ports: RequestPorts;
  readonly policy: Policy;
  readonly request: SendRequest;
  readonly pseudonyms: Pseudonyms;
  readonly subject: Subject;
  readonly draft: Draft;
  /** The entry of the settings, if the number is a test number. */
  readonly test: TestNumbers | undefined;
  readonly nowMs: number;
};

/** What is left to the caller if nothing is sent. */
export const unchangedAllowances = (context: RequestContext, facts: AdmissionFacts): Allowances => ({
  allowances: allowancesOf({ ...context, facts }, facts.guard.sends, false),
});

/** The message of a request, without its code. */
export const messageOf = (request: SendRequest, { code }: Policy) => ({
  ...request,
  country: request.phone.country,
  lifetimeSeconds: code.lifetimeSeconds,
});
