/** Events of verifications as the settings ask for them. */

import { type EventPolicy, type EventType, eventTypes, type WebhookPolicy } from '../../lambdas/policy.ts';
import { hasReceipts } from './receipts.ts';
import { onlyApplication } from './schema/applications.ts';
import type { Problem } from './schema/values.ts';
import type { Settings } from './schema.ts';

type EventSettings = Pick<Settings, 'events' | 'receipts'>;

/** Undefined if the settings ask for none. */
export const eventsOf = (settings: EventSettings): EventPolicy | undefined => {
  if (settings.events === undefined) return undefined;
  const types = typesOf(settings);
  return {
    types,
    webhooks: settings.events.webhooks.map((each): WebhookPolicy => ({ ...each, types: each.types ?? types })),
  };
};

/** All that there can be, if the settings name none: nothing but a receipt says that a message arrived. */
const typesOf = (settings: EventSettings): readonly EventType[] =>
  settings.events?.types ?? eventTypes.filter((type) => type !== 'verification.delivered' || hasReceipts(settings));

/** Whether events need receipts, and the records that those are of. */
export const readsReceipts = (settings: EventSettings): boolean => {
  const types = eventsOf(settings)?.types ?? [];
  return hasReceipts(settings) && (types.includes('verification.delivered') || types.includes('verification.failed'));
};

export const eventProblems = (settings: Settings): readonly Problem[] => {
  const { events } = settings;
  if (events === undefined) return [];
  return [
    ...(events.types?.includes('verification.delivered') && !hasReceipts(settings) ? [withoutReceipts] : []),
    ...events.webhooks.flatMap((_, index) => webhookProblems(settings, index)),
  ];
};

const withoutReceipts: Problem = {
  path: 'events.types',
  sentence:
    'Only a receipt says that a message arrived. Write receipts: { sources: ["configuration-set"] }, or remove "verification.delivered".',
};

const webhookProblems = (settings: Settings, index: number): readonly Problem[] => {
  const { webhooks = [] } = settings.events ?? {};
  const webhook = webhooks[index];
  if (webhook === undefined) return [];
  const path = `events.webhooks.${index}`;
  const { application } = webhook;
  const known = Object.keys(settings.applications ?? { [onlyApplication]: {} });
  const types = typesOf(settings);
  const sharing = webhooks.slice(0, index).find(({ secret, url }) => secret === webhook.secret && url !== webhook.url);
  const missing = webhook.types?.filter((type) => !types.includes(type)) ?? [];
  return [
    ...(known.includes(application)
      ? []
      : [
          {
            path: `${path}.application`,
            sentence: `There is no application "${application}". Write one of ${known.join(', ')}.`,
          },
        ]),
    ...(webhooks.findIndex((other) => other.application === application) < index
      ? [
          {
            path: `${path}.application`,
            sentence: `"${application}" has a webhook already. Keep one: a webhook of yours can hand events on.`,
          },
        ]
      : []),
    ...(sharing === undefined
      ? []
      : [
          {
            path: `${path}.secret`,
            sentence: `The consumer of "${sharing.application}" has the same secret, and could sign events for this one. Give each URL one secret of its own.`,
          },
        ]),
    ...missing.map((type) => ({
      path: `${path}.types`,
      sentence: `There are no events "${type}". Add it to events.types, or remove it here. The types are ${types.join(', ')}.`,
    })),
  ];
};
