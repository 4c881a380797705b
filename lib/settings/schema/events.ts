/** The events that the customer's own systems get, and the webhooks that bring them. */

import * as v from 'valibot';
import { eventTypes } from '../../../lambdas/policy.ts';
import { isPublicHost, secretArn } from './hosts.ts';
import { object, refused, text } from './values.ts';

const typesAllowed = `Types of events: a list, each once, out of ${eventTypes.join(', ')}, for example ["verification.approved"]. Or leave types out for all.`;
const types = v.exactOptional(
  v.pipe(
    v.array(v.picklist(eventTypes, refused(typesAllowed)), refused(typesAllowed)),
    v.minLength(1, refused(typesAllowed)),
    v.check((list) => new Set(list).size === list.length, refused(typesAllowed)),
  ),
);

const urlAllowed =
  'URL of a webhook: https, a public DNS name, no port but 443, no credentials and no fragment, for example https://shop.example.com/hooks/otp.';

/** The function looks at the addresses of the name as well, at each delivery. */
const isPublicUrl = (value: string): boolean => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  // A URL is written as it is read, so that nobody reads another host than the function.
  if (url === undefined || !(url.href === value || url.href === `${value}/`)) return false;
  const isPlain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
  return isPlain && !value.includes('#') && isPublicHost(url.hostname);
};

const applicationAllowed = 'Application of a webhook: the name of one, for example "shop".';
const secretAllowed =
  'Secret of a webhook: the ARN of a secret of AWS Secrets Manager, for example "arn:aws:secretsmanager:eu-central-1:111122223333:secret:otp-webhook-AbCdEf".';

const webhook = object(
  {
    application: text(/^[a-z][a-z0-9-]{0,31}$/, applicationAllowed),
    url: v.pipe(
      v.string(refused(urlAllowed)),
      v.maxLength(500, refused(urlAllowed)),
      v.check(isPublicUrl, refused(urlAllowed)),
    ),
    types,
    secret: text(secretArn, secretAllowed),
  },
  { application: applicationAllowed, url: urlAllowed, secret: secretAllowed },
);

/** Without it, there are no events. */
export const events = v.exactOptional(
  object({
    types,
    webhooks: v.optional(
      v.array(
        webhook,
        refused(
          'Webhooks: a list, one of an application at most, for example [{ application: "shop", url: "https://shop.example.com/hooks/otp", secret: "arn:aws:secretsmanager:…" }].',
        ),
      ),
      [],
    ),
  }),
);
