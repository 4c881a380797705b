import type {
  NotifyConfigurationInformation,
  NotifyCountryInformation,
  NotifyTemplateInformation,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { matchLocale } from '../../../lambdas/otp/input/locale.ts';
import { voiceIn } from '../../../lambdas/otp/record/spoken.ts';
import type { NotifyRoute, NotifyVoiceRoute, Policy } from '../../../lambdas/policy.ts';
import type { Answers } from '../answers.ts';
import { languagesOf } from '../notify/languages.ts';
import { whyInactive } from '../notify/names.ts';
import { chooseTemplate, type Need, notServedBy, templateFaults } from '../notify/templates.ts';
import { type Finding, judge, ok, problem, usd, type Verdict, warning } from '../verdict.ts';
import { configurationSetVerdict } from './configuration-set.ts';
import { countriesOf, wordsOf } from './countries.ts';
import type { NotifyFacts } from './facts.ts';

type Tier = 'BASIC' | 'ADVANCED';
/** Of SMS or of calls. The settings name no tier of calls: that of the configuration holds. */
type Route = NotifyRoute | NotifyVoiceRoute;
const hasTier = (route: Route): route is NotifyRoute => 'tier' in route;

/** `undefined` if the answers of AWS do not say it. */
const tierOf = (route: Route, own: NotifyConfigurationInformation | undefined): Tier | undefined => {
  if (!hasTier(route)) return own?.Tier;
  return route.tier === 'advanced' ? 'ADVANCED' : 'BASIC';
};

const firstSms = 'npm run preflight -- --first-sms makes one.';

const active = (policy: Policy, route: Route, { configurations }: Answers<NotifyFacts>): Verdict =>
  judge(configurations, (all) => {
    const { channel, sends, setting } = wordsOf(policy, route);
    const own = configurationOf(route, all);
    if (own === undefined)
      return problem(
        `${route.configuration} is no Notify configuration of this account and Region`,
        `Correct configuration in ${setting}. ${firstSms}`,
      );
    const inactive = whyInactive(own);
    if (inactive !== undefined) return problem(`${route.configuration} is ${inactive.found}`, inactive.todo);
    if (!(own.EnabledChannels ?? []).includes(channel))
      return problem(
        `${route.configuration} has no ${sends}`,
        `Enable the channel ${channel} (update-notify-configuration).`,
      );
    return ok(`${route.configuration} is active, as “${own.DisplayName}”`);
  });

const configurationOf = (
  { configuration }: Route,
  all: readonly NotifyConfigurationInformation[],
): NotifyConfigurationInformation | undefined =>
  all.find(({ NotifyConfigurationId }) => NotifyConfigurationId === configuration);

const tier = (route: NotifyRoute, { configurations }: Answers<NotifyFacts>): Verdict =>
  judge(configurations, (all) => {
    const own = configurationOf(route, all);
    if (own === undefined) return ok('as the settings say; no configuration is there to compare');
    if (own.Tier === 'BASIC' && route.tier === 'advanced')
      return problem(
        `BASIC, and the settings say "advanced"${own.TierUpgradeStatus === 'PENDING_UPGRADE' ? ': AWS reviews the upgrade' : ''}`,
        'Write tier: "basic" until AWS has granted the upgrade.',
      );
    if (own.Tier === 'ADVANCED' && route.tier === 'basic')
      return warning('ADVANCED, and the settings say "basic"', 'Write tier: "advanced".');
    return ok(
      own.Tier === 'BASIC'
        ? 'BASIC: 200 SMS a day and one a second; ten a day to a number'
        : 'ADVANCED: 25 SMS a second; ten a day to a number',
    );
  });

/** Countries that the route shall reach, and the account or AWS does not let it. */
const countries = (policy: Policy, route: Route, facts: Answers<NotifyFacts>): Verdict =>
  judge(facts.configurations, (all) =>
    judge(facts.countries, (served) => {
      const wanted = countriesOf(policy, route);
      const own = configurationOf(route, all);
      const reach = wanted.map((country) => [country, reasonAgainst(country, route, own, served)] as const);
      const against = reach.filter(([, reason]) => reason !== undefined);
      if (against.length === 0) return ok(`serves ${wanted.join(', ')}`);
      const [[, first] = []] = against;
      const names = against.filter(([, reason]) => reason === first).map(([country]) => country);
      const todo = todoOf[first ?? 'not in this tier'];
      return problem(
        `does not serve ${names.join(', ')}: ${first}`,
        wordsOf(policy, route).channel === 'VOICE' ? `${todo.ofCalls}.` : `${todo.ofSms}.`,
      );
    }),
  );

const leaveOut = 'take these countries out of voice.countries';
const todoOf = {
  'not in this tier': {
    ofSms: 'Give these countries other routes (countries.XX.routes)',
    ofCalls: `Add a route that serves them to voice.routes, or ${leaveOut}`,
  },
  'it needs an identity of your own': {
    ofSms: 'Put one into the pool of the configuration, or give these countries other routes',
    ofCalls: `Put one into the pool of the configuration, or ${leaveOut}`,
  },
  'not enabled on the configuration': {
    ofSms: 'Enable them (update-notify-configuration --enabled-countries), or give these countries other routes',
    ofCalls: `Enable them (update-notify-configuration --enabled-countries), or ${leaveOut}`,
  },
} as const;

const reasonAgainst = (
  country: string,
  route: Route,
  own: NotifyConfigurationInformation | undefined,
  served: readonly NotifyCountryInformation[],
): keyof typeof todoOf | undefined => {
  const known = served.find(({ IsoCountryCode }) => IsoCountryCode === country);
  const tier = tierOf(route, own);
  const isInTier = tier === undefined || (known?.SupportedTiers ?? []).includes(tier);
  if (known === undefined || !isInTier) return 'not in this tier';
  if (known.CustomerOwnedIdentityRequired === true && own?.PoolId === undefined)
    return 'it needs an identity of your own';
  const enabled = own?.EnabledCountries ?? [];
  return enabled.length === 0 || enabled.includes(country) ? undefined : 'not enabled on the configuration';
};

/** The parts that a template has to carry. A tier that is not known excludes none. */
const needOf = (
  policy: Policy,
  route: Route,
  configurations: Answers<NotifyFacts>['configurations'],
): Omit<Need, 'digits'> => ({
  tier: tierOf(route, configurations.kind === 'answered' ? configurationOf(route, configurations.value) : undefined),
  countries: countriesOf(policy, route),
  channel: wordsOf(policy, route).channel,
});

/** A template as the route has it for a language. */
const template = (
  policy: Policy,
  route: Route,
  [language, id]: readonly [string, string],
  { templates, configurations }: Answers<NotifyFacts>,
): Verdict =>
  judge(templates, (all) => {
    const { sends, setting } = wordsOf(policy, route);
    const own = all.find(({ TemplateId }) => TemplateId === id);
    if (own === undefined)
      return problem(`${id} is no template of AWS for ${sends} here`, `Correct templates in ${setting}.`);
    const need = needOf(policy, route, configurations);
    const faults = templateFaults(own, { ...need, digits: [policy.code.digits] });
    if (faults.length > 0) return problem(`${id} ${faults.join(' and ')}`, `Choose another template in ${setting}.`);
    const { SupportedVoiceIds: voices = [] } = own;
    const voice = need.channel === 'VOICE' ? voiceIn(policy.voice?.texts ?? [], language) : undefined;
    if (voice !== undefined && voices.length > 0 && !voices.some((each) => each === voice))
      return problem(
        `${id} has no voice ${voice}, which the calls ask for: it has ${voices.join(', ')}`,
        `Write one of these as voice of a text in voice.texts, or choose another template in ${setting}.`,
      );
    return templateWarning(policy, language, own, need) ?? ok(`${id} takes the code`);
  });

const templateWarning = (
  { code: { duringCodeSpraying } }: Policy,
  language: string,
  own: NotifyTemplateInformation,
  need: Omit<Need, 'digits'>,
): Verdict | undefined => {
  const id = own.TemplateId ?? '';
  const elsewhere = notServedBy(own, need.countries);
  if (elsewhere.length > 0)
    return warning(`${id} does not go to ${elsewhere.join(', ')}`, 'Choose another template, or other routes there.');
  if (matchLocale(language, [own.LanguageCode ?? language]) === undefined)
    return warning(`${id} is in ${own.LanguageCode}`, 'Choose a template in the language that people expect.');
  const { digits } = duringCodeSpraying;
  return templateFaults(own, { ...need, digits: [digits] }).length === 0
    ? undefined
    : warning(
        `${id} takes no codes of ${digits} digits, which come under code spraying`,
        'Lower code.duringCodeSpraying.extraDigits. Else the next route takes them.',
      );
};

/** A reader whose language has no template gets that of the default language. */
const languages = (policy: Policy, route: Route, { templates, configurations }: Answers<NotifyFacts>): Verdict => {
  const missing = languagesOf(policy).filter((each) => matchLocale(each, Object.keys(route.templates)) === undefined);
  if (missing.length === 0) return ok('each language of the settings has a template');
  return judge(templates, (all) => {
    const need = { ...needOf(policy, route, configurations), digits: [policy.code.digits] };
    const offered = missing.flatMap((language) => {
      const choice = chooseTemplate(all, language, need);
      return choice.kind === 'chosen' ? [`${language}: "${choice.template.TemplateId}"`] : [];
    });
    return warning(
      `no template in ${missing.join(', ')}: people get the default language`,
      offered.length === 0
        ? 'AWS has none that takes the codes. Give these people another route, or leave it so.'
        : `Add to templates: ${offered.join(', ')}.`,
    );
  });
};

const spendLimit = (policy: Policy, { spendLimit }: Answers<NotifyFacts>): Verdict =>
  judge(spendLimit, (limit) => {
    if (limit === undefined)
      return { state: 'unknown', found: 'AWS tells no spend limit of Notify', todo: 'Look it up in the console.' };
    const { dayUsd } = policy.caps;
    return limit.enforcedUsd < dayUsd
      ? warning(
          `Notify stops at ${usd(limit.enforcedUsd)} a month; the settings allow ${usd(dayUsd)} a day for all routes`,
          'Raise it: aws pinpoint-sms-voice-v2 set-notify-message-spend-limit-override, or Service Quotas.',
        )
      : ok(`Notify stops at ${usd(limit.enforcedUsd)} a month, apart from other SMS`);
  });

/** Whether a route by Notify can send what the settings expect of it. @param ownSet the set that the stack makes. */
export const notifyFindings = (
  policy: Policy,
  route: Route,
  facts: Answers<NotifyFacts>,
  ownSet: string | undefined,
): readonly Finding[] => {
  const about = (check: string, verdict: Verdict, more = ''): Finding => ({
    check,
    about: `${route.name}${more}`,
    ...verdict,
  });
  const setOf = (named: string) =>
    configurationSetVerdict(named, ownSet, facts.configurationSets, wordsOf(policy, route));
  return [
    about('Notify configuration', active(policy, route, facts)),
    ...(hasTier(route) ? [about('Notify tier', tier(route, facts))] : []),
    about('Notify countries', countries(policy, route, facts)),
    ...Object.entries(route.templates).map((each) =>
      about('Notify template', template(policy, route, each, facts), ` in ${each[0]}`),
    ),
    about('Notify languages', languages(policy, route, facts)),
    about('Notify spend limit', spendLimit(policy, facts)),
    ...(route.configurationSet === undefined ? [] : [about('configuration set', setOf(route.configurationSet))]),
  ];
};
