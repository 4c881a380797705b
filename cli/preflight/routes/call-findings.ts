import type { EndUserMessagingVoiceRoute, Policy } from '../../../lambdas/policy.ts';
import type { Answers } from '../answers.ts';
import { type Finding, judge, ok, problem, unknown, type Verdict } from '../verdict.ts';
import { configurationSetVerdict } from './configuration-set.ts';
import { wordsOf } from './countries.ts';
import type { EndUserMessagingFacts, OriginationNumber } from './facts.ts';
import {
  missingIdentity,
  otherAccount,
  protectVerdict,
  shownIdentity,
  spendLimitVerdict,
} from './identity-findings.ts';

type Facts = Answers<EndUserMessagingFacts>;

/** Whether this Region can call at all, by whether it knows the questions. */
const callRegion = ({ originationNumbers, spendLimit }: Facts): Verdict => {
  if (originationNumbers.kind === 'answered' || spendLimit.kind === 'answered')
    return ok('End User Messaging calls from here');
  const answer = [originationNumbers, spendLimit].find(({ kind }) => kind === 'not-offered');
  return answer?.kind === 'not-offered'
    ? problem(
        `End User Messaging is not offered here (${answer.error})`,
        'Name a Region that has it in voice.routes, such as region: "eu-west-1", or enable this one for the account.',
      )
    : unknown(originationNumbers);
};

/** https://docs.aws.amazon.com/sms-voice/latest/userguide/quotas.html */
const sandbox = ({ isInSandbox }: Facts): Verdict =>
  judge(isInSandbox, (isIn) =>
    isIn
      ? problem(
          'in the sandbox: only verified numbers are called, twenty times a day',
          'Ask AWS to leave it (End User Messaging, “Request production access”).',
        )
      : ok('out of the sandbox'),
  );

/** A call needs a number: AWS takes none from a sender id (ADR 112). */
const identity = (named: string, facts: Facts): Verdict => {
  if (named.startsWith('arn:')) return otherAccount;
  return judge(facts.originationNumbers, (numbers) => {
    if (named.startsWith('pool-')) return pool(named, numbers, facts);
    if (!named.startsWith('phone-')) return numberVerdict(named, named, numbers);
    return judge(facts.numberIds, (ids) => numberVerdict(ids.get(named), named, numbers));
  });
};

const numberVerdict = (number: string | undefined, named: string, numbers: readonly OriginationNumber[]): Verdict => {
  const own = numbers.find((each) => each.number === number);
  if (own === undefined) return missingIdentity(named, 'voice.routes');
  if (!own.takesCalls)
    return problem(`${shownIdentity(named)} cannot call`, 'Request a number with voice, or name another one.');
  return own.isActive
    ? ok(`${shownIdentity(named)} is active, and can call`)
    : problem(`${shownIdentity(named)} is not active yet`, 'Wait for its registration, or call from another one.');
};

/** A pool can call by any of its numbers that can. */
const pool = (named: string, numbers: readonly OriginationNumber[], { pools }: Facts): Verdict =>
  judge(pools, (all) => {
    const own = all.find(({ id }) => id === named);
    if (own === undefined) return missingIdentity(named, 'voice.routes');
    if (!own.isActive) return problem(`${named} is not active`, 'Wait until AWS has made it.');
    const calling = numbers.filter((each) => each.pool === named && each.isActive && each.takesCalls);
    return calling.length > 0
      ? ok(`${named} is active, and has ${calling.length} that can call`)
      : problem(`${named} has no active number that can call`, 'Put a number with voice into it, or name another one.');
  });

/** Whether a route by `SendVoiceMessage` can call. @param ownSet the set that the stack makes. */
export const callFindings = (
  policy: Policy,
  route: EndUserMessagingVoiceRoute,
  facts: Facts,
  ownSet: string | undefined,
): readonly Finding[] => {
  const about = (check: string, verdict: Verdict): Finding => ({ check, about: route.name, ...verdict });
  const { originationIdentity, configurationSet } = route;
  const setOf = (named: string) =>
    configurationSetVerdict(named, ownSet, facts.configurationSets, wordsOf(policy, route));
  return [
    about('call Region', callRegion(facts)),
    about('call sandbox', sandbox(facts)),
    about('call spend limit', spendLimitVerdict(policy, facts, 'set-voice-message-spend-limit-override')),
    about('calling identity', identity(originationIdentity, facts)),
    ...(configurationSet === undefined ? [] : [about('configuration set', setOf(configurationSet))]),
    about('Protect rules', protectVerdict(policy, route, facts)),
  ];
};
