import type { Phone } from '../../../lambdas/otp/number/phone.ts';
import type { NotifyRoute, Policy } from '../../../lambdas/policy.ts';
import {
  type Configuration,
  configurationNamed,
  createConfiguration,
  nameFor,
  obstacleOf,
  untilActive,
} from './configuration.ts';
import { destinationFault, destinationOf, type Served, servedCountries, shownPhone, type Tier } from './destination.ts';
import { confirmArrival, dryRun, sendFirst } from './message.ts';
import { settingsLines } from './settings-lines.ts';
import { type Consent, done, type Step, type Stop, stopped, type Talk, talkOf, type WalkPorts } from './talk.ts';
import { chooseTexts, type Texts } from './texts.ts';

export type Plan = {
  readonly region: string;
  readonly policy: Policy;
  /** The routes of `bin/settings.ts`, as they are written. */
  readonly routes: readonly object[];
  readonly consent: Consent;
  /** Name of the configuration, if it is not the brand. */
  readonly name?: string | undefined;
  readonly number?: string | undefined;
};

export type Ending = { readonly kind: 'sent' } | Stop;

/**
 * Walks an account to its first SMS by End User Messaging Notify. Each call is printed before it is made, and nothing is
 * created or sent without a yes. A walk that stops says why; the next one finds what the last one made.
 */
export const walkToFirstSms =
  (ports: WalkPorts) =>
  async (plan: Plan): Promise<Ending> => {
    const talk = talkOf(ports, plan.region, plan.consent);
    for (const line of opening) ports.say(line);
    const account = await askAccount(ports, talk, plan);
    if (account.kind === 'stopped') return account;
    const prepared = await prepare(ports, talk, plan);
    if (prepared.kind === 'stopped') return prepared;
    const { tier, served, phone } = prepared.value;
    // Before the configuration: a walk that no text fits creates nothing.
    talk.step('Texts: AWS’s templates in the languages of the settings');
    const texts = await chooseTexts(talk, plan.policy, { tier, countries: served.wanted });
    if (texts.kind === 'stopped') return texts;
    talk.step('The spend limit');
    await showSpendLimit(talk);
    const configured = await configure(ports, talk, prepared.value);
    if (configured.kind === 'stopped') return configured;
    const configuration = configured.value;
    const sent = await sendOne(ports, talk, plan, { configuration, phone, texts: texts.value });
    if (sent.kind === 'stopped') return sent;
    talk.step('The settings');
    return showSettings(ports, talk, plan, routeOf(configuration, tier, texts.value));
  };

const opening = [
  'To the first SMS by AWS End User Messaging Notify: identities and texts of AWS, no number, no registration.',
  'Each call stands here before it is made. Nothing is created or sent without a yes.',
];

const askAccount = async ({ account, say }: WalkPorts, talk: Talk, { region }: Plan): Promise<Step<string>> => {
  talk.step('The account');
  talk.note('GetCallerIdentity {}');
  talk.note(`$ aws sts get-caller-identity --region ${region}`);
  const id = await account();
  talk.note(`Account ${id}, Region ${region}.`);
  const reply = await talk.call('DescribeAccountAttributes', {});
  if (reply.kind === 'refused') {
    say('   Not answered. It would only say whether the account is in the SMS sandbox.');
    return done(id);
  }
  const tier = reply.value.AccountAttributes?.find(({ Name }) => Name === 'ACCOUNT_TIER')?.Value;
  talk.note(
    tier === 'SANDBOX'
      ? 'In the SMS sandbox. AWS’s pages do not say whether Notify heeds it: the dry run below may tell.'
      : 'Out of the SMS sandbox.',
  );
  return done(id);
};

type Prepared = {
  readonly name: string;
  /** The one that an earlier walk made. */
  readonly existing: Configuration | undefined;
  readonly tier: Tier;
  readonly served: Served;
  readonly phone: Phone | undefined;
};

/** All that is known before a configuration: nothing here creates anything. */
const prepare = async (ports: WalkPorts, talk: Talk, plan: Plan): Promise<Step<Prepared>> => {
  talk.step('Configurations that are there');
  const listed = await talk.callAll('DescribeNotifyConfigurations', {}, (page) => page.NotifyConfigurations);
  if (listed.kind === 'stopped') return listed;
  const name = await nameFor(plan.name, plan.policy.brand, ports.ask);
  if (name.kind === 'stopped') return name;
  const existing = configurationNamed(listed.value, name.value);
  talk.note(
    existing === undefined
      ? `${listed.value.length} are there, and none is named “${name.value}”.`
      : `“${name.value}” is there: ${existing.NotifyConfigurationId}, ${existing.Status}.`,
  );
  const obstacle = existing === undefined ? undefined : obstacleOf(existing);
  if (obstacle !== undefined) return stopped(obstacle);
  const tier = existing?.Tier === 'ADVANCED' ? 'ADVANCED' : 'BASIC';
  talk.step('Countries that Notify serves');
  const served = await servedCountries(talk, tier, Object.keys(plan.policy.countries));
  if (served.kind === 'stopped') return served;
  const phone = await chooseNumber(ports, talk, plan, served.value, existing);
  if (phone.kind === 'stopped') return phone;
  return done({ name: name.value, existing, tier, served: served.value, phone: phone.value });
};

const configure = async (
  ports: WalkPorts,
  talk: Talk,
  { name, existing, served, phone }: Prepared,
): Promise<Step<Configuration>> => {
  talk.step('The configuration');
  const countries = new Set([...served.wanted, ...(phone === undefined ? [] : [phone.country])]);
  const made = existing === undefined ? await createConfiguration(talk, name, [...countries]) : done(existing);
  return made.kind === 'stopped' ? made : await untilActive(talk, ports, made.value);
};

const noNumber = 'There is no number to send to. Give it: npm run preflight -- --first-sms +447700900123 --yes.';

const chooseNumber = async (
  ports: WalkPorts,
  talk: Talk,
  { number, consent, policy }: Plan,
  served: Served,
  existing: Configuration | undefined,
): Promise<Step<Phone | undefined>> => {
  talk.step('The number');
  const phone = await destinationOf(number, consent === 'ask', ports);
  if (phone.kind === 'stopped') return phone;
  // A script that forgot the number creates nothing.
  if (phone.value === undefined) return consent === 'yes' ? stopped(noNumber) : phone;
  const fault = destinationFault(phone.value, served, existing);
  if (fault !== undefined) return stopped(fault);
  talk.note(`To ${shownPhone(phone.value)}.`);
  if (policy.countries[phone.value.country] === undefined)
    talk.note(`The settings do not list ${phone.value.country}: the service sends nothing there until they do.`);
  return phone;
};

/** Notify has a spend limit of its own. Its price per message is not in AWS's pages that this project has read. */
const showSpendLimit = async ({ call, note }: Talk): Promise<void> => {
  const reply = await call('DescribeSpendLimits', {});
  const limit =
    reply.kind === 'refused'
      ? undefined
      : reply.value.SpendLimits?.find(({ Name }) => Name === 'NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT');
  note(
    limit === undefined
      ? 'The spend limit of Notify is not known: AWS did not tell it.'
      : `Notify stops at $${limit.EnforcedLimit} a month. AWS allows up to $${limit.MaxLimit}.`,
  );
  note(
    'A message costs the fee of its channel and the fee of Notify: see https://aws.amazon.com/end-user-messaging/pricing/.',
  );
};

type Ready = { readonly configuration: Configuration; readonly phone: Phone | undefined; readonly texts: Texts };

/** The Basic tier takes one message a second, and AWS does not say whether it counts dry runs. */
const betweenMessagesMs = 1100;

const sendOne = async (
  ports: WalkPorts,
  talk: Talk,
  { policy, consent }: Plan,
  { configuration, phone, texts }: Ready,
): Promise<Step<undefined>> => {
  if (phone === undefined) return stopped(noNumber);
  const code = ports.newCode(policy.code.digits);
  const { TemplateId: templateId = '' } = texts.first;
  const message = { configuration, templateId, phone, code, lifetimeSeconds: policy.code.lifetimeSeconds };
  talk.step('A dry run: AWS checks the message, and sends nothing');
  const checked = await dryRun(talk, message);
  if (checked.kind === 'stopped') return checked;
  talk.step('The SMS');
  await ports.sleep(betweenMessagesMs);
  const sent = await sendFirst(talk, message);
  if (sent.kind === 'done') await confirmArrival(talk, ports, code, consent);
  return sent;
};

/** Without a Region, the route sends from that of the stack: receipts are of that Region alone. */
type PrintedRoute = Omit<NotifyRoute, 'name' | 'region'>;

const routeOf = (
  { NotifyConfigurationId: configuration = '' }: Configuration,
  tier: Tier,
  { templates }: Texts,
): PrintedRoute => ({
  sender: 'notify',
  configuration,
  tier: tier === 'ADVANCED' ? 'advanced' : 'basic',
  templates,
});

const showSettings = (
  { say, problemWith }: WalkPorts,
  { note }: Talk,
  { routes, region }: Plan,
  route: PrintedRoute,
): Ending => {
  if (routes.some((each) => 'configuration' in each && each.configuration === route.configuration)) {
    note('The settings name this configuration already.');
    return { kind: 'sent' };
  }
  const all = [route, ...routes];
  note('For bin/settings.ts. The other routes stay, and carry what Notify cannot:');
  say('');
  for (const line of settingsLines(all)) say(line);
  say('');
  note(`The configuration is in ${region}. If the stack is in another Region, add region: '${region}'.`);
  const problem = problemWith(all);
  note(problem === undefined ? 'The settings are valid with these lines.' : problem);
  note('Then npm run preflight, and deploy: docs/first-sms.md goes on from here.');
  return { kind: 'sent' };
};
