import type { NotifyConfigurationInformation } from '@aws-sdk/client-pinpoint-sms-voice-v2';
import { displayNameAllowed, isDisplayName, whyInactive } from '../notify/names.ts';
import { todoFor } from './refusals.ts';
import { done, type Step, stopped, type Talk, type WalkPorts } from './talk.ts';

/** The parts of a configuration that the walk goes by. */
export type Configuration = Pick<
  NotifyConfigurationInformation,
  | 'NotifyConfigurationId'
  | 'DisplayName'
  | 'Status'
  | 'RejectionReason'
  | 'Tier'
  | 'EnabledCountries'
  | 'EnabledChannels'
>;

const rank = ({ Status }: Configuration): number => ['ACTIVE', 'PENDING'].toReversed().indexOf(Status ?? '');

/** The one that an earlier walk made is known by its name. Of several, an active one. */
export const configurationNamed = (
  configurations: readonly Configuration[],
  name: string | undefined,
): Configuration | undefined =>
  configurations.filter(({ DisplayName }) => DisplayName === name).toSorted((one, other) => rank(other) - rank(one))[0];

/** A name that AWS takes: as given, or the brand. A person may type another one. */
export const nameFor = async (
  given: string | undefined,
  brand: string,
  ask: (question: string) => Promise<string | undefined>,
): Promise<Step<string>> => {
  const wanted = given ?? brand;
  if (isDisplayName(wanted)) return done(wanted);
  const typed = (
    await ask(`   AWS does not take “${wanted}” as a display name. ${displayNameAllowed}\n   Name: `)
  )?.trim();
  if (typed !== undefined && isDisplayName(typed)) return done(typed);
  return stopped(`${displayNameAllowed} Give one: npm run preflight -- --first-sms --name AcmeCorp.`);
};

/** The reason why an earlier configuration cannot be taken, and what to do. Empty if it can, or will be. */
export const obstacleOf = (configuration: Configuration): string | undefined => {
  const { Status, EnabledChannels = [], NotifyConfigurationId } = configuration;
  const inactive = Status === 'PENDING' ? undefined : whyInactive(configuration);
  if (inactive !== undefined) return `${inactive.found}. ${inactive.todo}`;
  if (!EnabledChannels.includes('SMS'))
    return `The configuration has no SMS. Switch it on: aws pinpoint-sms-voice-v2 update-notify-configuration --notify-configuration-id ${NotifyConfigurationId} --enabled-channels SMS.`;
  return undefined;
};

/** Creates a configuration, if the person agrees. */
export const createConfiguration = async (
  { callIfAgreed, note }: Talk,
  name: string,
  countries: readonly string[],
): Promise<Step<Configuration>> => {
  note(`There is none named “${name}” yet. AWS reviews the name by machine, and recipients may see it.`);
  const reply = await callIfAgreed(
    'CreateNotifyConfiguration',
    {
      DisplayName: name,
      UseCase: 'CODE_VERIFICATION',
      EnabledChannels: ['SMS'],
      EnabledCountries: [...countries],
    },
    'Create this configuration?',
  );
  if (reply === undefined) return stopped('Nothing was created. Run this in a terminal and say y, or add --yes.');
  return reply.kind === 'refused' ? stopped(todoFor('CreateNotifyConfiguration', reply.refusal)) : done(reply.value);
};

/** AWS says “within seconds”; the walk waits two minutes. */
const pollMs = 3000;
const maxPolls = 40;

/** Waits until AWS has checked a configuration. */
export const untilActive = async (
  { call, note }: Talk,
  { call: callSilently, sleep }: Pick<WalkPorts, 'call' | 'sleep'>,
  first: Configuration,
): Promise<Step<Configuration>> => {
  let configuration = first;
  const input = { NotifyConfigurationIds: [first.NotifyConfigurationId ?? ''] };
  for (let poll = 0; configuration.Status === 'PENDING' && poll < maxPolls; poll += 1) {
    if (poll === 0) note(`PENDING. Asked every ${pollMs / 1000} seconds, ${maxPolls} times at most:`);
    await sleep(pollMs);
    const ask = poll === 0 ? call : callSilently;
    const reply = await ask('DescribeNotifyConfigurations', input);
    if (reply.kind === 'refused') return stopped(todoFor('DescribeNotifyConfigurations', reply.refusal));
    configuration = reply.value.NotifyConfigurations?.[0] ?? configuration;
  }
  const inactive = whyInactive(configuration);
  if (inactive !== undefined) return stopped(`${inactive.found}. ${inactive.todo}`);
  note(`${configuration.NotifyConfigurationId} is ACTIVE, tier ${configuration.Tier}.`);
  return done(configuration);
};
