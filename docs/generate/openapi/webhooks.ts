/** The events that a deployment publishes, as the bus and webhooks bring them. From the schemas of the function. */

import { toJsonSchema } from '@valibot/to-json-schema';
import { envelopes } from '../../../lambdas/events/envelope.ts';
import { type EventType, eventTypes } from '../../../lambdas/policy.ts';

const words: Readonly<Record<EventType, string>> = {
  'verification.requested':
    'A code was requested, and its record was written. A limit or a number at risk may still refuse it.',
  'verification.delivered': 'A receipt says that a message arrived. Only with receipts.',
  'verification.failed':
    'Nothing was sent, the message did not arrive, or the last attempt was wrong. After `not-delivered` a resend may arrive.',
  'verification.approved': 'The right code was entered. With `hint`, the code alone is not enough for the purpose.',
  'verification.refused': 'A limit, a block, a cap, the destination or a number at risk refused a send.',
};

/** `VerificationApprovedEvent` of `verification.approved`. */
const schemaName = (type: EventType): string =>
  `${type.replaceAll(/(?:^|\.)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Event`;

export const eventSchemas = () =>
  Object.fromEntries(
    eventTypes.map((type) => {
      const { $schema: _, ...schema } = toJsonSchema(envelopes[type], { errorMode: 'ignore' });
      return [schemaName(type), { description: words[type], ...schema }];
    }),
  );

export const webhooks = () =>
  Object.fromEntries(
    eventTypes.map((type) => [
      type,
      {
        post: {
          operationId: `on${schemaName(type)}`,
          summary: words[type],
          description: 'It comes at least once, in no certain order. Drop duplicates by `id`.',
          tags: ['Events'],
          security: [],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: { $ref: `#/components/schemas/${schemaName(type)}` } } },
          },
          responses: {
            '204': { description: 'The consumer took the event.' },
            '4XX': { description: 'The consumer did not take it. It comes again.' },
          },
        },
      },
    ]),
  );
