import type { Policy } from '../policy.ts';
import { type AdmissionFacts, admit } from './limits/admission.ts';
import type { Guard } from './limits/guard.ts';
import type { Reservation } from './limits/reservation.ts';
import { stopHitOf } from './limits/stops.ts';
import type { Pseudonyms } from './number/pseudonyms.ts';
import { testEntryOf } from './number/test-numbers.ts';
import type { NewVerification } from './ports.ts';
import {
  messageOf,
  type RequestContext,
  type RequestOutcome,
  type RequestPorts,
  type SendRequest,
  unchangedAllowances,
} from './request/context.ts';
import { deliver } from './request/deliver.ts';
import { refusedDestination } from './request/destination.ts';
import { digitsFor, draftOf, makeSecrets, newVerification, withLongerCode } from './request/draft.ts';
import { refuse, refuseDestination } from './request/refuse.ts';
import { answerRepeat } from './request/repeat.ts';
import { deliverUnlessAtRisk, lookUpOf, lookUpPriceFor, type Minded, mindedBy, mindingRuleOf } from './request/risk.ts';
import { rollBack } from './request/roll-back.ts';
import { verifyTestNumber } from './request/test-number.ts';
import { commitAndReserve, commitAsProbe } from './sending/commit.ts';
import { refusalByCounters, refusalByLostRace } from './sending/refusal.ts';
import { smsPartsOf } from './sending/sms.ts';

/**
 * Requests a verification: reads facts, decides, commits, and only then sends.
 *
 * Three round trips in sequence. The facts are read while KMS makes the MAC and the ciphertext. One transaction commits
 * guard, record and idempotency item, beside the shared counters and a look-up of the SIM, if one is due. A crash at any point sends at most one SMS, and none
 * that is not counted.
 *
 * @throws Unavailable when a dependency did not answer. Then nothing was sent.
 */
export const requestVerification =
  (ports: RequestPorts, policy: Policy) =>
  async (request: SendRequest): Promise<RequestOutcome> => {
    const nowMs = ports.now();
    const drafted = contextOf(ports, policy, request, await ports.pseudonyms(), nowMs);
    const { subject, test } = drafted;
    const reason = refusedDestination(policy, request.phone, test, nowMs, request.channel);
    if (reason !== undefined) return refuseDestination(drafted, reason);
    const [read, made] = await Promise.allSettled([
      ports.ledger.read(subject, drafted.draft.idempotency?.key, nowMs, {
        hasOwnCaps: policy.ownCaps !== undefined,
        mindsRisk: mindingRuleOf(drafted) !== undefined,
      }),
      makeSecrets(drafted),
    ]);
    if (read.status === 'rejected') throw read.reason;
    // Repeats and refusals need no secrets, so the flow answers them while KMS fails.
    const facts = read.value;
    const repeated = await answerRepeat(drafted, facts);
    if (repeated !== undefined) return repeated;
    const stopped = test === undefined ? stopHitOf(facts, subject) : undefined;
    if (stopped !== undefined) return stopped;
    const minded = mindedBy(drafted, facts);
    const admission = test === undefined ? admit(facts, askedOf(drafted, facts, minded), policy, nowMs) : undefined;
    if (admission?.kind === 'refused') return refuse(drafted, facts, admission);
    if (made.status === 'rejected') throw made.reason;
    if (test !== undefined) return verifyTestNumber(drafted, facts, made.value, test);
    if (admission === undefined) throw new Error('A send was neither admitted nor refused. This is a bug.');
    const { guard, reservation } = admission;
    const { context, secrets } = await withLongerCode(drafted, facts, made.value);
    const send = withProbes(newVerification(context, facts, secrets, guard, minded), reservation);
    const commitSend = () =>
      commitAndReserve({
        commit: () => ports.ledger.commit(send, nowMs),
        reserve: () => ports.ledger.reserve(reservation),
        rollBack: () => rollBack(context),
        lookUp: lookUpOf(context, minded),
      });
    const committed =
      reservation.probes.length === 0
        ? await commitSend()
        : await commitAsProbe(() => ports.ledger.takeProbes(reservation), commitSend);
    if (committed.kind === 'exceeded') return refuse(context, facts, refusalByCounters(committed, nowMs));
    if (committed.kind === 'in-progress') return { kind: 'in-progress', ...unchangedAllowances(context, facts) };
    if (committed.kind === 'lost-race') return answerLostRace(context, facts, committed.guard, guard);
    if (minded === undefined) return deliver(context, facts, send, guard, committed);
    return deliverUnlessAtRisk(context, facts, send, guard, committed, minded);
  };

const contextOf = (
  ports: RequestPorts,
  policy: Policy,
  request: SendRequest,
  pseudonyms: Pseudonyms,
  nowMs: number,
): RequestContext => {
  const { phone, application, ip, isSharedIp = false } = request;
  const undrafted = {
    ports,
    policy,
    request,
    pseudonyms,
    nowMs,
    test: testEntryOf(policy, phone),
    subject: {
      phoneKey: pseudonyms.phoneKey(phone),
      range: phone.range,
      prefix: phone.prefix,
      country: phone.country,
      ip: pseudonyms.ipKey(ip),
      network: pseudonyms.networkKey(ip),
      application,
      ...(isSharedIp ? ({ sharedIp: true } as const) : {}),
    },
  };
  return { ...undrafted, draft: draftOf(undrafted) };
};

const askedOf = (context: RequestContext, facts: AdmissionFacts, minded: Minded | undefined) => ({
  ...context.subject,
  key: context.draft.key,
  smsParts: partsFor(context, facts),
  channel: context.request.channel,
  lookUpPrice: lookUpPriceFor(context, minded),
});

const partsFor = (context: RequestContext, facts: AdmissionFacts): number => {
  const { policy, request } = context;
  return smsPartsOf(policy, messageOf(request, policy), digitsFor(context, facts));
};

/** The record says which restrictions it passed as a probe, so that the detector learns what becomes of probes. */
const withProbes = (send: NewVerification, { probes }: Reservation): NewVerification =>
  probes.length === 0
    ? send
    : { ...send, verification: { ...send.verification, probes: probes.map(({ level }) => level) } };

const answerLostRace = (
  context: RequestContext,
  facts: AdmissionFacts,
  seen: Guard | undefined,
  own: Guard,
): Promise<RequestOutcome> | RequestOutcome => {
  // If the winner does not show, it may be this very request, sent twice.
  if (seen === undefined && context.request.idempotencyKey !== undefined) {
    return { kind: 'in-progress', ...unchangedAllowances(context, facts) };
  }
  const since = { ...facts, guard: seen ?? own };
  const asked = { ...context.subject, channel: context.request.channel };
  return refuse(context, since, refusalByLostRace(since, asked, context.policy, context.nowMs));
};
