/** Whether a number is still its holder's: for which purposes that matters, and which operators say so. */

import * as v from 'valibot';
import { failModes, riskOutcomes, riskQuestions } from '../../../lambdas/policy.ts';
import { countryCode } from './countries.ts';
import { isPublicHost, secretArn } from './hosts.ts';
import { object, refused, text, usd, wholeOr } from './values.ts';

const outcomeAllowed =
  'Outcome for a swapped SIM or a ported number: "allow" (sent; the proof tells), "step-up" (sent; the proof is no whole one) or "refuse" (403, nothing is sent).';
const failModeAllowed =
  'Outcome if the operator cannot say: "open" (as if there was no swap), or "closed" (as for a swap).';
const rule = object(
  {
    ifSwapped: v.picklist(riskOutcomes, refused(outcomeAllowed)),
    failMode: v.picklist(failModes, refused(failModeAllowed)),
  },
  { ifSwapped: outcomeAllowed, failMode: failModeAllowed },
);

const purposesAllowed =
  'Purposes that mind a swapped SIM: at least one, for example purposes: { login: { ifSwapped: "step-up", failMode: "open" } }.';
const purposes = v.pipe(
  v.record(v.string(), rule, refused(purposesAllowed)),
  v.check((value) => Object.keys(value).length > 0, refused(purposesAllowed)),
);

/** An `https` URL of a host with a public name, without credentials, query, fragment and dot segments. */
const isPublicUrl = (value: string): boolean => {
  if (!/^https:\/\/[a-z0-9.-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~-]+)*$/.test(value) || !URL.canParse(value)) return false;
  const { hostname, href } = new URL(value);
  return isPublicHost(hostname) && href.replace(/\/$/, '') === value;
};
const publicUrl = (allowed: string) =>
  v.pipe(
    v.string(refused(allowed)),
    v.check((value) => isPublicUrl(value), refused(allowed)),
  );

const hostWords = 'https and a public host name, no IP, no credentials, no query and no slash at its end';
const apiRootAllowed = `Root of the operator's API, before /sim-swap/v2: ${hostWords}, for example https://api.operator.com/camara.`;
const tokenUrlAllowed = `Endpoint of access tokens: ${hostWords}, for example https://auth.operator.com/oauth2/token.`;

const nameAllowed = 'Name of the provider: 1 to 30 small letters, digits and hyphens, for example operator-de.';
const clientIdAllowed =
  'Client id at the operator: 1 to 200 visible characters without spaces, for example otp-service.';
const scopeAllowed = 'Scope of access tokens: words with one space between them, for example "sim-swap:check".';
const secretAllowed =
  'ARN of the secret that holds the private key (a JWK), with its six random characters: for example arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp/operator-de-AbCdEf.';
const priceWords = 'Price of a look-up in USD, which the caps count';
const listAllowed = 'Countries of the provider: at least one, each once, for example countries: ["DE"].';
const isSet = (list: readonly unknown[]): boolean => list.length > 0 && new Set(list).size === list.length;

const provider = object(
  {
    name: text(/^[a-z0-9]([a-z0-9-]{0,28}[a-z0-9])?$/, nameAllowed),
    countries: v.pipe(
      v.array(countryCode, refused(listAllowed)),
      v.check((value) => isSet(value), refused(listAllowed)),
    ),
    apiRoot: publicUrl(apiRootAllowed),
    question: v.optional(
      v.picklist(
        riskQuestions,
        refused(
          'Question to the operator: "check" (whether there was a swap; the default), or "retrieve-date" (when the last one was).',
        ),
      ),
      'check',
    ),
    priceUsd: usd(priceWords, { min: 0, max: 1, example: 0.01 }),
    tokenUrl: publicUrl(tokenUrlAllowed),
    clientId: text(/^[\x21-\x7e]{1,200}$/, clientIdAllowed),
    scope: v.optional(text(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/, scopeAllowed), 'sim-swap'),
    secret: text(secretArn, secretAllowed),
  },
  {
    name: nameAllowed,
    countries: listAllowed,
    apiRoot: apiRootAllowed,
    priceUsd: `${priceWords}, for example priceUsd: 0.01.`,
    tokenUrl: tokenUrlAllowed,
    clientId: clientIdAllowed,
    secret: secretAllowed,
  },
);

const providersAllowed =
  'Operators or aggregators with the CAMARA SIM Swap API: a list of up to 30. Without one, only porting notices count.';

/** CAMARA SIM Swap 2.1: `maxAge` is 1 to 2400 hours, 240 by default. */
export const defaultMaxAgeHours = 240;

/** Without it, no operator is asked, and porting notices have no effect. */
export const numberRisk = v.exactOptional(
  object(
    {
      maxAgeHours: wholeOr('Hours after a swap in which it minds', {
        min: 1,
        max: 2400,
        byDefault: defaultMaxAgeHours,
      }),
      purposes,
      providers: v.optional(
        v.pipe(v.array(provider, refused(providersAllowed)), v.maxLength(30, refused(providersAllowed))),
        [],
      ),
    },
    { purposes: purposesAllowed },
  ),
);
