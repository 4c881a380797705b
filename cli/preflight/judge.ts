import type { Policy, VoiceRoute } from '../../lambdas/policy.ts';
import { backEndsOf } from '../../lib/settings/applications.ts';
import { ownSetFor } from '../../lib/settings/receipts.ts';
import { routeNameOf, routesTo } from '../../lib/settings/routes/routes.ts';
import type { Settings } from '../../lib/settings/settings.ts';
import { territoryWarnings } from '../../lib/settings/territories.ts';
import { sharedFinding } from './account-wide.ts';
import type { AccountAnswers, Answers, DeploymentFacts, SmsFacts } from './answers.ts';
import { callFindings } from './routes/call-findings.ts';
import { identityFindings } from './routes/identity-findings.ts';
import { notifyFindings } from './routes/notify-findings.ts';
import { origination } from './routes/origination.ts';
import { type Finding, judge, masked, ok, problem, unknown, usd, type Verdict, warning } from './verdict.ts';

/**
 * Whether this Region can send SMS at all. A list of Regions cannot tell: AWS adds some every year, and an account may have
 * to enable them.
 */
const smsRegion = ({ sandbox, attributes }: Answers<SmsFacts>): Verdict => {
  if (sandbox.kind === 'answered' || attributes.kind === 'answered') return ok('SNS sends SMS from here');
  if (sandbox.kind === 'not-offered' || attributes.kind === 'not-offered')
    return problem(
      `SNS does not offer SMS here (${sandbox.kind === 'not-offered' ? sandbox.error : 'no attributes'})`,
      'Name a Region that has SMS in smsRoutes, such as { region: "eu-west-1" }, or enable this one for the account.',
    );
  return unknown(sandbox);
};

const sandbox = ({ sandbox, verifiedNumbers }: Answers<SmsFacts>): Verdict =>
  judge(sandbox, ({ isInSandbox }) => {
    if (!isInSandbox) return ok('out of the SMS sandbox');
    const verified = verifiedNumbers.kind === 'answered' ? `the ${verifiedNumbers.value}` : 'the (at most ten)';
    return problem(
      `in the SMS sandbox: only ${verified} verified numbers get SMS`,
      'Ask AWS to leave the sandbox. To try it before, verify your own phone: docs/deploy.md says how.',
    );
  });

/** SNS has a quota of a dollar a month for accounts that have asked for no other. */
const judgeQuota = ({ attributes }: Answers<SmsFacts>, verdict: (quotaUsd: number) => Verdict): Verdict =>
  judge(attributes, ({ MonthlySpendLimit = '1' }) => {
    const quota = Number(MonthlySpendLimit);
    return Number.isFinite(quota)
      ? verdict(quota)
      : { state: 'unknown', found: 'the quota that SNS names is not a number', todo: 'Look it up in the console.' };
  });

const spendQuota = (settings: Settings, facts: Answers<SmsFacts>): Verdict =>
  judgeQuota(facts, (quota) => {
    const { spendLimit } = facts;
    const { dayUsd } = settings.caps;
    const max = spendLimit.kind === 'answered' ? spendLimit.value?.maxUsd : undefined;
    const howTo =
      max !== undefined && max > quota
        ? `Set it to up to ${usd(max)} (MonthlySpendLimit, for the whole account).`
        : 'Ask AWS for a higher monthly spend quota.';
    if (quota < dayUsd)
      return problem(`SNS stops at ${usd(quota)} a month; the settings allow ${usd(dayUsd)} a day`, howTo);
    if (quota < 30 * dayUsd)
      return warning(
        `SNS stops at ${usd(quota)} a month; the settings allow ${usd(30 * dayUsd)} (30 days at ${usd(dayUsd)})`,
        `Enough if most days stay below ${usd(quota / 30)}. ${howTo}`,
      );
    return ok(`${usd(quota)} a month`);
  });

/** The alarm watches the Region of the deployment: `SMSMonthToDateSpentUSD` is counted where the SMS is sent. */
const spendAlarm = ({ monthlySpendAlarmUsd: alarm }: Settings, facts: Answers<SmsFacts>, isWatched: boolean): Verdict =>
  judgeQuota(facts, (quota) => {
    if (!isWatched)
      return warning(
        `the stack does not watch the cost of SMS from here; SNS stops at ${usd(quota)} a month`,
        'Set an alarm on SMSMonthToDateSpentUSD in this Region.',
      );
    return alarm < quota
      ? ok(`the alarm goes off at ${usd(alarm)}, before SNS stops at ${usd(quota)}`)
      : warning(
          `SNS stops at ${usd(quota)}, before the alarm goes off at ${usd(alarm)}`,
          quota < 2
            ? 'Raise the quota first.'
            : `Write monthlySpendAlarmUsd below ${quota}, for example ${Math.floor(quota / 2)}, or raise the quota.`,
        );
  });

const smsType = ({ attributes: answer }: Answers<SmsFacts>): Verdict =>
  judge(answer, (attributes) =>
    ok(
      `${attributes['DefaultSMSType'] ?? 'Promotional, as nothing is set'}; each SMS of this service asks for Transactional`,
    ),
  );

const defaultSender = (settings: Settings, { attributes: answer }: Answers<SmsFacts>): Verdict =>
  judge(answer, (attributes) => {
    const senderId = attributes['DefaultSenderID'] ?? '';
    const without = Object.entries(settings.countries).flatMap(([name, country]) =>
      country.senderId === undefined ? [name] : [],
    );
    if (senderId === '' || without.length === 0)
      return ok(senderId === '' ? 'none' : 'not used: all countries have one');
    return warning(
      `${without.join(', ')} show the account’s own, ${senderId}, if they have sender ids`,
      'Write a senderId for these countries if that is not yours.',
    );
  });

/** Delivery logs are a choice: they say why an SMS did not arrive, and hold whole numbers. */
const deliveryLogs = ({ attributes: answer }: Answers<SmsFacts>): Verdict =>
  judge(answer, (attributes) =>
    attributes['DeliveryStatusIAMRole'] === undefined || attributes['DeliveryStatusIAMRole'] === ''
      ? ok('off: no log holds numbers, and none says why an SMS did not arrive', 'docs/deploy.md weighs it.')
      : warning(
          'on: the log groups sns/… of this Region hold the whole numbers of all recipients',
          'Give them a key, a short retention and few readers.',
        ),
  );

const optOuts = ({ optedOut }: Answers<SmsFacts>): Verdict =>
  judge(optedOut, ({ count, isAll }) =>
    ok(
      `can be read: ${isAll ? '' : 'more than '}${count} ${count === 1 && isAll ? 'number has' : 'numbers have'} opted out`,
    ),
  );

const protectRules = (settings: Settings, { protectRules }: Answers<SmsFacts>): Verdict =>
  judge(protectRules, (rules) => {
    if (rules === undefined) return ok('no configuration of the account blocks countries');
    const countries = Object.keys(settings.countries);
    const blocked = countries.filter((name) => rules[name] === 'BLOCK');
    const filtered = countries.filter((name) => rules[name] === 'FILTER');
    if (blocked.length > 0)
      return problem(
        `the account’s Protect configuration blocks ${blocked.join(', ')}`,
        'Allow them there (End User Messaging, Protect), or take them out of countries.',
      );
    if (filtered.length > 0)
      return warning(
        `the account’s Protect configuration filters ${filtered.join(', ')}: AWS drops some SMS without an error`,
        'Set them to Monitor or Allow if codes are missed.',
      );
    return ok('the account’s Protect configuration lets all countries of the settings through');
  });

/** The number that a route names has to be the account's own, in that Region. */
const originationNumber = (number: string, { originationNumbers }: Answers<SmsFacts>): Verdict =>
  judge(originationNumbers, (numbers) => {
    const own = numbers.find((each) => each.number === number);
    if (own === undefined)
      return problem(
        `${masked(number)} is not a number of this account and Region`,
        'Correct originationNumber in smsRoutes, or request the number.',
      );
    if (!own.isActive)
      return problem(`${masked(number)} is not active yet`, 'Wait for its registration, or send from another number.');
    if (!own.takesSms)
      return problem(`${masked(number)} has no SMS`, 'Request a number with SMS, or name another one.');
    return ok(`${masked(number)} is active`);
  });

/** Local routes to India start here alone: registrations-sms-senderid-india.html in the same guide. */
const localToIndia = ['ap-south-1', 'ap-south-2'];

const indiaDlt = (settings: Settings, region: string): Verdict => {
  const { entityId } = settings.countries['IN'] ?? {};
  if (entityId === undefined)
    return warning(
      'no DLT entity: SMS take international routes, which cost many times as much',
      'Register entity, sender and texts (docs/deploy.md), or accept the price.',
    );
  if (localToIndia.includes(region)) return ok('DLT entity, sender and texts are set, and the Region has local routes');
  return problem(
    `DLT ids are set, and local routes start in ${localToIndia.join(' and ')} only`,
    'Write smsRoutes: [{ region: "ap-south-1" }], or leave the DLT ids out.',
  );
};

const smsFindings = (
  settings: Settings,
  home: string,
  region: string,
  facts: Answers<SmsFacts>,
): readonly Finding[] => {
  const routes = settings.smsRoutes.flatMap((route) =>
    route.sender === 'sns' && (route.region || home) === region ? [route] : [],
  );
  const numbers = routes.flatMap(({ originationNumber }) => originationNumber ?? []);
  const names = routes.map(routeNameOf);
  const countries = Object.keys(settings.countries).filter((country) =>
    routesTo(settings, country).some((route) => names.includes(routeNameOf(route))),
  );
  const about = (check: string, verdict: Verdict, what = region): Finding => ({ check, about: what, ...verdict });
  return [
    about('SMS Region', smsRegion(facts)),
    about('SMS sandbox', sandbox(facts)),
    about('monthly quota', spendQuota(settings, facts)),
    about('spend alarm', spendAlarm(settings, facts, region === home)),
    ...numbers.map((number) => about('origination number', originationNumber(number, facts))),
    ...countries.map((country) =>
      about('sender', origination(country, settings.countries[country]?.senderId, facts), `${country} from ${region}`),
    ),
    ...(countries.includes('IN') ? [about('India DLT', indiaDlt(settings, region), `IN from ${region}`)] : []),
    about('default sender id', defaultSender(settings, facts)),
    about('SMS type', smsType(facts)),
    about('Protect rules', protectRules(settings, facts)),
    about('opt-out list', optOuts(facts)),
    about('delivery logs', deliveryLogs(facts)),
  ];
};

/** By how CloudFormation names roles: stack, logical id, chance. Roles of the stack Otp-Dev are none of Otp's. */
const isOfStack = (role: string, stackName: string): boolean =>
  role.startsWith(`${stackName}-`) && /^[A-Za-z0-9]+(-[A-Za-z0-9]+)?$/.test(role.slice(stackName.length + 1));

const gatewayRole = (settings: Settings, { gatewayRole }: Answers<DeploymentFacts>): Verdict =>
  judge(gatewayRole, (role) => {
    const name = role?.split('/').at(-1) ?? '';
    if (settings.apiGatewayLogsRole === 'existing')
      return role === undefined
        ? problem('the settings say that there is one, and there is none', 'Write apiGatewayLogsRole: "create".')
        : ok(`${name}, as the settings say`);
    if (role === undefined) return ok('none yet: the stack makes one');
    if (isOfStack(name, settings.stackName)) return ok(`${name}, the stack’s own`);
    return warning(
      `${name} is set for the account, and the deployment would replace it`,
      'Write apiGatewayLogsRole: "existing" if others need it.',
    );
  });

/** New accounts start with ten. Lambda refuses calls beyond the quota, even if the settings allow them. */
const concurrency = ({ throttle }: Settings, { concurrency }: Answers<DeploymentFacts>): Verdict =>
  judge(concurrency, (max) =>
    max >= throttle.burst
      ? ok(`${max} functions may run at once`)
      : warning(
          `${max} functions may run at once; the settings let ${throttle.burst} requests in at once`,
          `Raise “Concurrent executions” of Lambda (Service Quotas), or lower throttle.burst.`,
        ),
  );

/** The version that the templates of the CDK need: their rule `CheckBootstrapVersion`. */
const minBootstrap = 6;

const bootstrap = ({ bootstrapVersion }: Answers<DeploymentFacts>): Verdict =>
  judge(bootstrapVersion, (version) => {
    if (version === undefined)
      return warning('there is no stack CDKToolkit', 'npx cdk bootstrap, unless yours has another name.');
    return Number(version) >= minBootstrap
      ? ok(`version ${version}`)
      : problem(`version ${version} is too old; ${minBootstrap} is needed`, 'npx cdk bootstrap');
  });

const stackStatus = ({ stackName }: Settings, { stack }: Answers<DeploymentFacts>): Verdict =>
  judge(stack, (status) => {
    if (status === undefined) return ok(`${stackName} is not there yet`);
    if (status === 'UPDATE_ROLLBACK_FAILED')
      return problem(status, `aws cloudformation continue-update-rollback --stack-name ${stackName}`);
    if (status === 'DELETE_FAILED')
      return problem(`${status}: it takes no update`, `aws cloudformation delete-stack --stack-name ${stackName}`);
    if (['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'].includes(status))
      return warning(`${status}: the first deployment failed`, 'cdk deploy deletes it before it tries again.');
    if (status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS')
      return warning(status, 'Wait until it is done.');
    return ok(status);
  });

/** Their users are all one IP to the service, so that no limit of an IP holds for them. */
const endUserIps = ({ withoutEndUserIp }: Answers<DeploymentFacts>): Verdict =>
  judge(withoutEndUserIp, (names) =>
    names.length === 0
      ? ok('no back end left them out within three hours')
      : warning(
          `${names.join(', ')} sent requests without them within three hours, so that no limit of an IP held`,
          'Send endUser.ipAddress with each request: docs/deploy.md, “The end user’s IP”.',
        ),
  );

const callRouteFindings = (
  settings: Settings,
  policy: Policy,
  route: VoiceRoute,
  home: string,
  { endUserMessaging, notify }: AccountAnswers['calls'],
): readonly Finding[] => {
  const ownSet = ownSetFor(route, settings);
  const place = route.region || home;
  const [identities, facts] = [endUserMessaging.get(place), notify.get(place)];
  if (route.sender === 'end-user-messaging')
    return identities === undefined ? [] : callFindings(policy, route, identities, ownSet);
  return facts === undefined ? [] : notifyFindings(policy, route, facts, ownSet);
};

/** Judges the answers by the settings, in the order in which a team would act on them. */
export const judgeAccount = (
  settings: Settings,
  policy: Policy,
  { region, deployment, sms, endUserMessaging, notify, calls }: AccountAnswers,
): readonly Finding[] => {
  const about = (check: string, verdict: Verdict): Finding => ({ check, about: region, ...verdict });
  return [
    ...territoryWarnings(settings).map(
      ({ country, found, todo }): Finding => ({ check: 'territories', about: country, ...warning(found, todo) }),
    ),
    ...[...sms].flatMap(([each, facts]) => smsFindings(settings, region, each, facts)),
    ...policy.smsRoutes.flatMap((route): readonly Finding[] => {
      const place = route.region || region;
      const identities = endUserMessaging.get(place);
      const facts = notify.get(place);
      const ownSet = ownSetFor(route, settings);
      if (route.sender === 'end-user-messaging' && identities !== undefined)
        return identityFindings(policy, route, identities, ownSet);
      return route.sender === 'notify' && facts !== undefined ? notifyFindings(policy, route, facts, ownSet) : [];
    }),
    ...(policy.voice?.routes ?? []).flatMap((route) => callRouteFindings(settings, policy, route, region, calls)),
    about('bootstrap', bootstrap(deployment)),
    about('stack', stackStatus(settings, deployment)),
    about('API logs role', gatewayRole(settings, deployment)),
    about('concurrency', concurrency(settings, deployment)),
    ...(backEndsOf(settings).length === 0 ? [] : [about('end users’ IPs', endUserIps(deployment))]),
    sharedFinding(region),
  ];
};
