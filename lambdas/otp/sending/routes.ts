import {
  type CountryPolicy,
  maxNotifyDigits,
  type Policy,
  type SmsRoute,
  type Template,
  transactionPurpose,
  type VoiceRoute,
} from '../../policy.ts';
import { matchLocale } from '../input/locale.ts';

/** The routes of a verification that were tried before a send. */
export type Tried = {
  /** SMS sent so far. */
  readonly sends: number;
  /** Name of the route of the last one, if the record says it. */
  readonly last?: string | undefined;
  /** Names of the routes that failed: surely, or as a receipt says. */
  readonly failed: readonly string[];
};

/** Before the first send. */
export const nothingTried: Tried = { sends: 0, failed: [] };

/** The part of a message that decides which routes can carry it. */
export type Load = {
  readonly purpose: string;
  readonly template: Template;
  /** The message has a line or a place for an app or a web page that reads the code. */
  readonly isAutofilled: boolean;
  /** Of its code. */
  readonly digits: number;
};

/**
 * Whether a route can carry a message at all. The texts of Notify are those of AWS: they show no payment, and they are not the
 * texts that a country registered.
 */
const canCarry = ({ sender }: SmsRoute, { purpose, template, digits }: Load): boolean =>
  sender !== 'notify' ||
  (digits <= maxNotifyDigits &&
    purpose !== transactionPurpose &&
    template.country === undefined &&
    template.templateId === undefined);

/** Whether a message is all there on a route. The texts of Notify have no place for an app or a web page. */
const carriesAll = ({ sender }: SmsRoute, { isAutofilled }: Load): boolean => sender !== 'notify' || !isAutofilled;

/**
 * The routes that a message may take, in the order in which they are tried.
 *
 * A resend begins with the route after the last one, and skips those that failed. If all have failed, each may be tried again.
 * Routes that lose an autofill come last for the first send. A resend keeps the order: a message without it that arrives is
 * better than another by a route that did not deliver.
 */
export const routesFor = (
  { smsRoutes }: Pick<Policy, 'smsRoutes'>,
  { routes: names }: Pick<CountryPolicy, 'routes'>,
  load: Load,
  { sends, last, failed }: Tried,
): readonly SmsRoute[] => {
  const ofCountry = routesOf({ smsRoutes }, names);
  // Records from before routes had names only count their sends.
  const start = last === undefined ? sends : placeAfter(ofCountry, last);
  const chosen = withoutFailed(
    rotated(ofCountry, start).filter((route) => canCarry(route, load)),
    failed,
  );
  if (sends > 0) return chosen;
  return [...chosen.filter((route) => carriesAll(route, load)), ...chosen.filter((route) => !carriesAll(route, load))];
};

const routesOf = ({ smsRoutes }: Pick<Policy, 'smsRoutes'>, names: readonly string[] | undefined) =>
  names === undefined ? smsRoutes : names.flatMap((name) => smsRoutes.filter((route) => route.name === name));

type RoutesPolicy = Pick<Policy, 'smsRoutes' | 'countries'>;

/** The routes of SMS to a country, in their order. */
export const smsRoutesTo = (policy: RoutesPolicy, country: string): readonly SmsRoute[] =>
  routesOf(policy, policy.countries[country]?.routes);

/** Whether Notify is the only way of an SMS to a country, so that its limits stop what no other route takes over. */
export const isNotifyAlone = (policy: RoutesPolicy, country: string): boolean =>
  smsRoutesTo(policy, country).every(({ sender }) => sender === 'notify');

/** Digits of the longest code that can go to a country by SMS. A code that no route carries would help an attacker. */
export const maxDigitsTo = (policy: RoutesPolicy, country: string): number =>
  isNotifyAlone(policy, country) ? maxNotifyDigits : Number.POSITIVE_INFINITY;

const rotated = <Each>(list: readonly Each[], by: number): readonly Each[] => {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
};

type Named = { readonly name: string };

/** After a route that is not in the list comes the first. */
const placeAfter = (routes: readonly Named[], last: string | undefined): number =>
  routes.findIndex(({ name }) => name === last) + 1;

/** If all have failed, each may be tried again. */
const withoutFailed = <Route extends Named>(routes: readonly Route[], failed: readonly string[]): readonly Route[] => {
  const open = routes.filter(({ name }) => !failed.includes(name));
  return open.length > 0 ? open : routes;
};

/** The same of calls, which have no load that a route cannot carry. */
export const voiceRoutesFor = (
  { voice }: Pick<Policy, 'voice'>,
  { last, failed }: Pick<Tried, 'last' | 'failed'>,
): readonly VoiceRoute[] => {
  const routes = voice?.routes ?? [];
  return withoutFailed(rotated(routes, placeAfter(routes, last)), failed);
};

/**
 * The language of the text on a route. Notify has texts in languages of its own: the best match of the person's, then that of
 * the default language, then any.
 */
export const languageOn = (
  route: SmsRoute,
  template: Template,
  { locale, defaultLocale }: { readonly locale: string | undefined; readonly defaultLocale: string },
): string => {
  if (route.sender !== 'notify') return template.locale;
  const offered = Object.keys(route.templates);
  const best = matchLocale(locale ?? defaultLocale, offered) ?? matchLocale(defaultLocale, offered) ?? 0;
  return offered[best] ?? defaultLocale;
};

/**
 * Whether AWS is asked to wait for feedback on a message of a route. Without a receipt the id to report is unknown, and AWS takes
 * the message for failed. Receipts come by a configuration set that the route names, or by the bus of this Region: whether Notify
 * tells that bus is not known.
 */
export const hasFeedbackOn = ({ receipts }: Pick<Policy, 'receipts'>, route: SmsRoute | VoiceRoute): boolean => {
  if (receipts?.feedback !== true || route.sender === 'sns') return false;
  const isBySet = receipts.sources.includes('configuration-set') && route.configurationSet !== undefined;
  const isByBus = receipts.sources.includes('event-bus') && route.region === '' && route.sender !== 'notify';
  return isBySet || isByBus;
};
