import type { NotifyTemplateInformation } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { Policy } from '../../../lambdas/policy.ts';
import { languagesOf } from '../notify/languages.ts';
import { type Choice, chooseTemplate, type Need, notServedBy, type Tier, templateFaults } from '../notify/templates.ts';
import { done, type Step, stopped, type Talk } from './talk.ts';

export type Texts = {
  /** Ids by language. */
  readonly templates: Readonly<Record<string, string>>;
  /** The one that the first SMS has. */
  readonly first: NotifyTemplateInformation;
};

type Chosen = Extract<Choice, { kind: 'chosen' }>;

/** Chooses a template of AWS for each language of the settings. */
export const chooseTexts = async (
  { callAll, note }: Talk,
  policy: Policy,
  need: Omit<Need, 'digits'> & { readonly tier: Tier },
): Promise<Step<Texts>> => {
  const { digits } = policy.code;
  const input = {
    Filters: [
      { Name: 'channels' as const, Values: ['SMS'] },
      { Name: 'tier-access' as const, Values: [need.tier] },
    ],
  };
  const listed = await callAll('DescribeNotifyTemplates', input, (page) => page.NotifyTemplates);
  if (listed.kind === 'stopped') return listed;
  const languages = languagesOf(policy);
  const choices = languages.map((each) => chooseTemplate(listed.value, each, { ...need, digits: [digits] }));
  note(`${listed.value.length} templates. AWS wrote them, and nobody can change them. Chosen:`);
  for (const choice of choices) note(lineOf(choice));
  const chosen = choices.filter((choice) => choice.kind === 'chosen');
  const [first] = chosen;
  if (first === undefined)
    return stopped(
      `No template takes codes of ${digits} digits in ${languages.join(', ')}. Change code.digits, or languages.`,
    );
  for (const warning of warningsOf(chosen, policy, need)) note(warning);
  return done({
    templates: Object.fromEntries(chosen.map(({ language, template }) => [language, template.TemplateId ?? ''])),
    first: first.template,
  });
};

const lineOf = (choice: Choice): string =>
  choice.kind === 'chosen'
    ? `${choice.language}: ${choice.template.TemplateId} “${choice.template.Content ?? ''}”`
    : `${choice.language}: none, because ${choice.why}.`;

const warningsOf = (chosen: readonly Chosen[], { code }: Policy, need: Omit<Need, 'digits'>): readonly string[] => {
  const { digits } = code.duringCodeSpraying;
  const short = chosen.filter(({ template }) => templateFaults(template, { ...need, digits: [digits] }).length > 0);
  return [
    ...chosen.flatMap(({ language, template }) => {
      const elsewhere = notServedBy(template, need.countries);
      return elsewhere.length === 0 ? [] : [`The text in ${language} does not go to ${elsewhere.join(', ')}.`];
    }),
    ...(short.length === 0
      ? []
      : [
          `Under code spraying codes have ${digits} digits, which these do not take: ${short.map(({ language }) => language).join(', ')}.`,
        ]),
  ];
};
