/** Receipts as the settings ask for them. */

import { receiptSetOf } from '../../lambdas/contract.ts';
import type { ReceiptPolicy, SmsRoute } from '../../lambdas/policy.ts';
import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';

/** Undefined if the settings ask for none. */
export const receiptsOf = ({ receipts }: Pick<Settings, 'receipts'>): ReceiptPolicy | undefined =>
  receipts.sources.length === 0 ? undefined : receipts;

export const hasReceipts = (settings: Pick<Settings, 'receipts'>): boolean => receiptsOf(settings) !== undefined;

/** Whether a stack of these settings has a configuration set of its own. */
const hasReceiptSet = ({ receipts }: Pick<Settings, 'receipts'>): boolean =>
  receipts.sources.includes('configuration-set');

type AnyRoute = Pick<SmsRoute, 'sender' | 'region'> & { readonly configurationSet?: string };

/** The set that the stack makes, if a route can name it. */
export const ownSetFor = (
  { sender, region }: AnyRoute,
  settings: Pick<Settings, 'receipts' | 'stackName'>,
): string | undefined =>
  sender === 'sns' || region !== '' || !hasReceiptSet(settings) ? undefined : receiptSetOf(settings.stackName);

/** Whether a route has the set that the stack makes. */
export const namesOwnSet = (route: AnyRoute, settings: Pick<Settings, 'receipts' | 'stackName'>): boolean =>
  route.configurationSet === undefined && ownSetFor(route, settings) !== undefined;

/** A route of the Region of the deployment that names no configuration set takes that of the stack. SNS knows none. */
export const withReceiptSet = <Route extends AnyRoute>(
  route: Route,
  settings: Pick<Settings, 'receipts' | 'stackName'>,
): Route => {
  const configurationSet = ownSetFor(route, settings);
  return configurationSet === undefined ? route : { configurationSet, ...route };
};

/** Calls have receipts as SMS have them. */
export const receiptProblems = (settings: Settings): readonly Problem[] => {
  const { sources, noteMessageIds } = settings.receipts;
  const calls = settings.voice?.routes ?? [];
  if (sources.length === 0) return withoutSources(settings);
  if ([...settings.smsRoutes, ...calls].every(({ sender }) => sender === 'sns')) return [noSender];
  return [
    ...(sources.includes('configuration-set')
      ? [
          ...setNameProblems(settings),
          ...farRoutes('smsRoutes', settings.smsRoutes),
          ...farRoutes('voice.routes', calls),
        ]
      : []),
    ...(sources.includes('event-bus') && !sources.includes('configuration-set') && !noteMessageIds ? [noNotes] : []),
    ...(noteMessageIds && !sources.includes('event-bus') ? [needlessNotes] : []),
  ];
};

const feedbackWithout: Problem = {
  path: 'receipts.feedback',
  sentence:
    'Feedback needs the ids of messages, which receipts tell. Write sources: ["configuration-set"], or remove feedback.',
};

const withoutSources = ({ receipts: { noteMessageIds, feedback } }: Settings): readonly Problem[] => [
  ...(feedback ? [feedbackWithout] : []),
  ...(noteMessageIds
    ? [
        {
          path: 'receipts.noteMessageIds',
          sentence:
            'Nothing reads these notes without receipts. Write sources: ["event-bus"], or remove noteMessageIds.',
        },
      ]
    : []),
];

const noSender: Problem = {
  path: 'receipts.sources',
  sentence:
    'No route has receipts: whether AWS tells of the SMS of SNS is not known. Add a route by another sender, for example smsRoutes: [{ sender: "end-user-messaging" }], or remove sources.',
};

const noNotes: Problem = {
  path: 'receipts.noteMessageIds',
  sentence:
    'Events of the bus name a message, and nothing of this deployment, in all samples of AWS. Write noteMessageIds: true, or add "configuration-set" to sources.',
};

const needlessNotes: Problem = {
  path: 'receipts.noteMessageIds',
  sentence: 'Events of a configuration set say what they are of. Remove noteMessageIds, or add "event-bus" to sources.',
};

/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_CreateConfigurationSet.html */
const maxSetName = 64;

const setNameProblems = ({ stackName }: Settings): readonly Problem[] => {
  const over = receiptSetOf(stackName).length - maxSetName;
  if (over <= 0) return [];
  const sentence = `The configuration set ${receiptSetOf(stackName)} would have ${over} letters too many for AWS. Write a name of ${stackName.length - over} letters or fewer, or sources: ["event-bus"].`;
  return [{ path: 'stackName', sentence }];
};

/** A configuration set is of one Region, and its topic as well. */
const farRoutes = (path: string, routes: readonly AnyRoute[]): readonly Problem[] =>
  routes.flatMap((route, index) =>
    route.sender !== 'sns' && route.region !== '' && route.configurationSet === undefined
      ? [
          {
            path: `${path}.${index}.configurationSet`,
            sentence: `The route sends from ${route.region}, where the stack has no configuration set. If that is the Region of the stack, remove region. Else name a set of that Region, and bring its events here (docs/deploy.md, “Did it arrive?”).`,
          },
        ]
      : [],
  );
