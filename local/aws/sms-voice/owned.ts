import { type Account, defaultAccount, type Identity, type NotifyConfiguration } from './account.ts';
import { templateOf } from './notify/templates.ts';

/** Routes and prices of the bundled policy. `lambdas/policy.ts` has all of it. */
export type SendingPolicy = {
  readonly smsRoutes?: readonly PolicyRoute[];
  readonly countries: Readonly<Record<string, { readonly priceUsd?: number; readonly senderId?: string }>>;
  readonly voice?: {
    readonly countries?: Readonly<Record<string, { readonly priceUsd?: number }>>;
    readonly routes?: readonly unknown[];
  };
};

type PolicyRoute = {
  readonly name?: string;
  readonly originationIdentity?: string;
  readonly configurationSet?: string;
  readonly protectConfiguration?: string;
  /** Id of the Notify configuration. */
  readonly configuration?: string;
  readonly tier?: 'basic' | 'advanced';
  /** Ids of templates by language. */
  readonly templates?: Readonly<Record<string, string>>;
};

/**
 * An account that owns all that the settings name, at the prices that they estimate, and without quotas of requests per second:
 * local mode is for one developer and for plays of thousands. Whether a real account owns it, preflight asks.
 */
export const accountOwning = ({ smsRoutes = [], countries, voice = {} }: SendingPolicy): Partial<Account> => {
  const routes = [...smsRoutes, ...(voice.routes ?? []).map(asRoute)];
  return {
    identities: [
      ...routes.flatMap(({ originationIdentity }) =>
        originationIdentity === undefined ? [] : [identityNamed(originationIdentity)],
      ),
      ...Object.entries(countries).flatMap(([country, { senderId }]) =>
        senderId === undefined ? [] : [{ ...identityNamed(senderId), countries: [country] }],
      ),
      ...defaultAccount.identities,
    ],
    configurationSets: Object.fromEntries(named(routes, 'configurationSet').map((name) => [name, {}])),
    protectConfigurations: Object.fromEntries(named(routes, 'protectConfiguration').map((name) => [name, {}])),
    notifyConfigurations: [...routes.flatMap(configurationOf), ...defaultAccount.notifyConfigurations],
    templates: [
      ...routes.flatMap(({ templates = {} }) =>
        Object.entries(templates).map(([language, id]) => templateOf(id, language)),
      ),
      ...defaultAccount.templates,
    ],
    priceUsd: (country, channel) =>
      (channel === 'sms' ? countries[country]?.priceUsd : voice.countries?.[country]?.priceUsd) ?? 0,
    hasRates: false,
  };
};

/** A route of another list, such as that of voice. A name of a route has nothing of its own. */
const asRoute = (route: unknown): PolicyRoute => (typeof route === 'object' && route !== null ? route : {});

const named = (routes: readonly PolicyRoute[], field: 'configurationSet' | 'protectConfiguration') =>
  routes.flatMap((route) => route[field] ?? []);

const identityNamed = (name: string): Identity => {
  const [, type, id = name] = /^arn:[^:]+:sms-voice:[^:]*:[^:]*:([a-z-]+)\/([^/]+)/.exec(name) ?? [];
  if (type === 'pool' || id.startsWith('pool-')) return { kind: 'pool', id };
  if (/^\+?\d+$/.test(id)) return { kind: 'phone-number', id: `phone-${id.replace('+', '')}`, phoneNumber: id };
  if (type === 'phone-number' || id.startsWith('phone-')) return { kind: 'phone-number', id };
  return { kind: 'sender-id', id };
};

const configurationOf = ({ configuration, tier = 'basic' }: PolicyRoute): readonly NotifyConfiguration[] =>
  configuration === undefined
    ? []
    : [
        {
          id: configuration,
          displayName: 'Example',
          tier: tier === 'basic' ? 'BASIC' : 'ADVANCED',
          status: 'ACTIVE',
          channels: ['SMS', 'VOICE'],
          createdMs: Date.UTC(2026, 0, 1),
        },
      ];
