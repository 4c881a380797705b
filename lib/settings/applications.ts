/** Contradictions between the settings of an application and those of all. */

import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';

type Application = NonNullable<Settings['applications']>[string];
type Credential = 'keys' | 'principals' | 'clientIds';

const credentials: Readonly<Record<'api-key' | 'iam' | 'cognito', Credential>> = {
  'api-key': 'keys',
  iam: 'principals',
  cognito: 'clientIds',
};

const modeOf = ({ access }: Pick<Settings, 'access'>): keyof typeof credentials =>
  typeof access === 'string' ? access : 'cognito';

export const applicationProblems = (settings: Settings): readonly Problem[] => [
  ...Object.entries(settings.applications ?? {}).flatMap(([name, application]) => {
    const at = (problems: readonly Problem[]): readonly Problem[] =>
      problems.map(({ path, sentence }) => ({ path: `applications.${name}.${path}`, sentence }));
    return at([
      ...credentialProblems(settings, application),
      ...kindProblems(application),
      ...purposeProblems(settings, application),
      ...countryProblems(settings, application),
      ...throttleProblems(settings, application),
    ]);
  }),
  ...sharedProblems(settings),
];

/** One mode per deployment: a credential of another mode would never be asked for. */
const credentialProblems = (settings: Settings, application: Application): readonly Problem[] => {
  const mode = modeOf(settings);
  const wanted = credentials[mode];
  const others = Object.values(credentials).filter((each) => each !== wanted && application[each] !== undefined);
  return [
    ...others.map((path) => ({
      path,
      sentence: `The access of this deployment is "${mode}", which takes no ${path}. Remove them${mode === 'api-key' ? '' : `, and write ${wanted}`}.`,
    })),
    ...(mode !== 'api-key' && application[wanted] === undefined
      ? [
          {
            path: wanted,
            sentence: `The application has no credentials, so that it could never call. Add ${wanted}, for example ${wanted}: ["${exampleOf[mode]}"].`,
          },
        ]
      : []),
  ];
};

/** The names of the applications that call for their end users. */
export const backEndsOf = ({ applications = {} }: Pick<Settings, 'applications'>): readonly string[] =>
  Object.entries(applications).flatMap(([name, { kind }]) => (kind === 'back-end' ? [name] : []));

/** The ranges of IPs of all back ends that name them. */
export const sourceIpsOf = ({ applications = {} }: Pick<Settings, 'applications'>): readonly string[] => [
  ...new Set(Object.values(applications).flatMap(({ sourceIps = [] }) => sourceIps)),
];

const exampleOf = { iam: 'arn:aws:iam::111122223333:role/web', cognito: '1h57kf5cpq17m0eml12EXAMPLE' } as const;

/** Browsers and phones are in the hands of end users, and so is every credential in them. */
const kindProblems = ({ kind, origins = [], sourceIps }: Application): readonly Problem[] => [
  ...(kind === 'back-end' && origins.length > 0
    ? [
        {
          path: 'origins',
          sentence:
            'A back end has no origins, because no browser may hold its credentials. Remove them, or write kind: "public".',
        },
      ]
    : []),
  ...(kind === 'public' && sourceIps !== undefined
    ? [
        {
          path: 'sourceIps',
          sentence:
            'A public application has no IPs of its own, because its end users call from theirs. Remove sourceIps, or write kind: "back-end".',
        },
      ]
    : []),
];

const purposeProblems = ({ purposes: all }: Settings, { purposes = [] }: Application): readonly Problem[] =>
  purposes
    .filter((purpose) => !all.includes(purpose))
    .map((purpose) => ({
      path: 'purposes',
      sentence: `"${purpose}" is not in purposes of the deployment. Add it there, or write some of ${all.join(', ')}.`,
    }));

const countryProblems = ({ countries: all }: Settings, { countries = [] }: Application): readonly Problem[] =>
  countries
    .filter((country) => all[country] === undefined)
    .map((country) => ({
      path: 'countries',
      sentence: `No SMS goes to ${country}. Add it to countries of the deployment, or write some of ${Object.keys(all).join(', ')}.`,
    }));

/** The stage has the throttle of all, above which no usage plan lets anything through. */
const throttleProblems = ({ throttle: all }: Settings, { throttle: own }: Application): readonly Problem[] =>
  (['ratePerSecond', 'burst'] as const).flatMap((name) =>
    own === undefined || own[name] <= all[name]
      ? []
      : [
          {
            path: `throttle.${name}`,
            sentence: `The application may ask for more than the whole API passes, ${all[name]}. Write ${all[name]} or less, or raise throttle.${name}.`,
          },
        ],
  );

/** A credential names one application. */
const sharedProblems = ({ applications = {} }: Settings): readonly Problem[] => {
  const owners = new Map<string, string>();
  return Object.entries(applications).flatMap(([name, { principals = [], clientIds = [] }]) =>
    [...principals, ...clientIds].flatMap((credential) => {
      const owner = owners.get(credential);
      owners.set(credential, owner ?? name);
      if (owner === undefined) return [];
      const path = `applications.${name}.${principals.includes(credential) ? 'principals' : 'clientIds'}`;
      return [
        { path, sentence: `"${credential}" is a credential of ${owner} as well. Give each application its own.` },
      ];
    }),
  );
};
