import type { EndUserMessagingRoute, EndUserMessagingVoiceRoute, Policy } from '../../../lambdas/policy.ts';
import type { Answers } from '../answers.ts';
import { type Finding, judge, masked, ok, problem, usd, type Verdict, warning } from '../verdict.ts';
import { configurationSetVerdict, nameInArn } from './configuration-set.ts';
import { countriesOf, wordsOf } from './countries.ts';
import type { EndUserMessagingFacts } from './facts.ts';
import { origination } from './origination.ts';

type Facts = Answers<EndUserMessagingFacts>;

const sandbox = ({ isInSandbox }: Facts): Verdict =>
  judge(isInSandbox, (isIn) =>
    isIn
      ? problem(
          'in the SMS sandbox: only verified numbers get SMS',
          'Ask AWS to leave it (End User Messaging, “Request production access”).',
        )
      : ok('out of the SMS sandbox'),
  );

/** @param setIt the command of AWS that raises it. */
export const spendLimitVerdict = (policy: Policy, { spendLimit }: Facts, setIt: string): Verdict =>
  judge(spendLimit, (limit) => {
    if (limit === undefined)
      return { state: 'unknown', found: 'AWS tells no spend limit', todo: 'Look it up in the console.' };
    const { dayUsd } = policy.caps;
    const found = `AWS stops at ${usd(limit.enforcedUsd)} a month; the settings allow ${usd(dayUsd)} a day`;
    const todo = `Raise it: aws pinpoint-sms-voice-v2 ${setIt}, or Service Quotas.`;
    if (limit.enforcedUsd < dayUsd) return problem(found, todo);
    if (limit.enforcedUsd < 30 * dayUsd) return warning(found, todo);
    return ok(`${usd(limit.enforcedUsd)} a month`);
  });

export const otherAccount: Verdict = {
  state: 'unknown',
  found: 'an identity of another account, or named by its ARN: it is not looked up',
  todo: 'Ask its owner whether it is active and shared with this account.',
};

export const shownIdentity = (identity: string): string => (identity.startsWith('+') ? masked(identity) : identity);

/** The identity that a route names has to be the account’s own, in that Region, and active. */
const identity = (named: string, facts: Facts): Verdict => {
  if (named.startsWith('arn:')) return otherAccount;
  if (named.startsWith('pool-')) return pool(named, facts);
  if (named.startsWith('phone-'))
    return judge(facts.numberIds, (ids) => {
      const number = ids.get(named);
      return number === undefined ? missingIdentity(named) : numberVerdict(number, named, facts);
    });
  return named.startsWith('+') ? numberVerdict(named, named, facts) : senderId(named, facts);
};

export const missingIdentity = (named: string, setting = 'smsRoutes'): Verdict =>
  problem(
    `${shownIdentity(named)} is not of this account and Region`,
    `Correct originationIdentity in ${setting}, or request the identity.`,
  );

const pool = (named: string, { pools }: Facts): Verdict =>
  judge(pools, (all) => {
    const own = all.find(({ id }) => id === named);
    if (own === undefined) return missingIdentity(named);
    return own.isActive ? ok(`${named} is active`) : problem(`${named} is not active`, 'Wait until AWS has made it.');
  });

const numberVerdict = (number: string, named: string, { originationNumbers }: Facts): Verdict =>
  judge(originationNumbers, (numbers) => {
    const own = numbers.find((each) => each.number === number);
    if (own === undefined) return missingIdentity(named);
    if (!own.isActive)
      return problem(`${shownIdentity(named)} is not active yet`, 'Wait for its registration, or send as another one.');
    if (!own.takesSms) return problem(`${shownIdentity(named)} has no SMS`, 'Request a number with SMS.');
    return ok(`${shownIdentity(named)} is active`);
  });

const senderId = (named: string, { senderIds }: Facts): Verdict =>
  judge(senderIds, (all) => {
    const own = all.filter((each) => each.senderId === named);
    return own.length === 0
      ? warning(
          `${named} is requested in no country of this account`,
          'Request it where AWS asks for that: docs.aws.amazon.com/sms-voice/latest/userguide/phone-numbers-sms-by-country.html.',
        )
      : ok(`${named} is there for ${own.map(({ country }) => country).join(', ')}`);
  });

/** Of the route, else of its configuration set, else of the account: the first alone holds. */
export const protectVerdict = (
  policy: Policy,
  route: EndUserMessagingRoute | EndUserMessagingVoiceRoute,
  facts: Facts,
): Verdict =>
  judge(facts.protect, ({ accountDefault, rules }) =>
    judge(facts.configurationSets, (sets) => {
      const set = sets.find(({ name }) => name === nameInArn(route.configurationSet ?? ''));
      const named = route.protectConfiguration ?? set?.protectConfiguration ?? accountDefault;
      if (named === undefined) return ok('no Protect configuration holds');
      const id = nameInArn(named);
      const status = rules.get(id) ?? {};
      const countries = countriesOf(policy, route);
      const blocked = countries.filter((each) => status[each] === 'BLOCK');
      const filtered = countries.filter((each) => status[each] === 'FILTER');
      if (blocked.length > 0)
        return problem(`${id} blocks ${blocked.join(', ')}`, 'Allow them there, or give these countries other routes.');
      if (filtered.length > 0)
        return warning(
          `${id} filters ${filtered.join(', ')}: AWS drops some ${wordsOf(policy, route).sends}, and bills the check`,
          'Set them to Monitor or Allow if codes are missed.',
        );
      return ok(`${id} lets the countries of the route through`);
    }),
  );

/** Whether a route by End User Messaging can send what the settings expect of it. @param ownSet the set that the stack makes. */
export const identityFindings = (
  policy: Policy,
  route: EndUserMessagingRoute,
  facts: Facts,
  ownSet: string | undefined,
): readonly Finding[] => {
  const about = (check: string, verdict: Verdict): Finding => ({ check, about: route.name, ...verdict });
  const { originationIdentity, configurationSet } = route;
  return [
    about('SMS sandbox', sandbox(facts)),
    about('spend limit', spendLimitVerdict(policy, facts, 'set-text-message-spend-limit-override')),
    ...(originationIdentity === undefined
      ? countriesOf(policy, route).map((country) => ({
          ...about('sender', origination(country, policy.countries[country]?.senderId, facts)),
          about: `${country} by ${route.name}`,
        }))
      : [about('identity', identity(originationIdentity, facts))]),
    ...(configurationSet === undefined
      ? []
      : [
          about(
            'configuration set',
            configurationSetVerdict(configurationSet, ownSet, facts.configurationSets, wordsOf(policy, route)),
          ),
        ]),
    about('Protect rules', protectVerdict(policy, route, facts)),
  ];
};
