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
export const hasReceiptSet = ({ receipts }: Pick<Settings, 'receipts'>): boolean =>
  receipts.sources.includes('configuration-set');

type AnyRoute = Pick<SmsRoute, 'sender' | 'region'> & { readonly configurationSet?: string };

/** A route of the Region of the deployment that names no configuration set takes that of the stack. SNS knows none. */
export const withReceiptSet = <Route extends AnyRoute>(
  route: Route,
  settings: Pick<Settings, 'receipts' | 'stackName'>,
): Route => {
  if (route.sender === 'sns' || route.region !== '' || !hasReceiptSet(settings)) return route;
  return { configurationSet: receiptSetOf(settings.stackName), ...route };
};

/** @param routes as the policy has them. */
export const receiptProblems = (settings: Settings, routes: readonly SmsRoute[]): readonly Problem[] => {
  const { sources, noteMessageIds } = settings.receipts;
  const telling = routes.filter(({ sender }) => sender !== 'sns');
  if (sources.length === 0) return withoutSources(settings);
  if (telling.length === 0) return [noSender];
  return [
    ...(sources.includes('configuration-set') ? farRoutes(routes) : []),
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

/** A configuration set is of one Region, and its topic as well. */
const farRoutes = (routes: readonly SmsRoute[]): readonly Problem[] =>
  routes.flatMap((route, index) =>
    route.sender !== 'sns' && route.region !== '' && route.configurationSet === undefined
      ? [
          {
            path: `smsRoutes.${index}.configurationSet`,
            sentence: `The route sends from ${route.region}, where the stack has no configuration set. Name one of that Region, whose events go to a topic that you forward, or remove the region.`,
          },
        ]
      : [],
  );
