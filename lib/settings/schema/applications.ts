/** The client apps, by name. What an application does not set, it takes from the settings of all. */

import * as v from 'valibot';
import { dailyQuota, ratePerSecond, requestsAtOnce } from './access.ts';
import { countryCode, lowerCaps } from './countries.ts';
import { appHashList, audience, brand, originList, purposeList, templateList } from './messages.ts';
import { sourceIpList } from './source-ips.ts';
import { locale, object, refused, text, whole } from './values.ts';

/** The name of an application that calls if the settings name none. */
export const onlyApplication = 'default';

/** Parts of a name begin with a letter, so that two names never become one. */
export const pascalCase = (name: string): string =>
  name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const nameAllowed =
  'Name of an application: up to 32 lower-case letters and digits, in parts that begin with a letter and are joined by hyphens, for example web or back-office.';
const kindAllowed =
  'Kind of the application: "public" (in the hands of end users: a web page or an app) or "back-end" (a server that calls for its end users).';
const keysAllowed =
  'Names of the API keys of the application: a list of lower-case letters, each once, for example ["a"]. To rotate, add a letter, deploy, move the app to the new key, and remove the old letter.';
const principalsAllowed =
  'IAM principals of the application: a list of ARNs of roles (without a path) or users, for example ["arn:aws:iam::111122223333:role/web"].';
const clientIdsAllowed =
  'Cognito app clients of the application: a list of client ids, for example ["1h57kf5cpq17m0eml12EXAMPLE"].';

const countriesAllowed =
  'Countries of the application, of those in countries: a list of codes, each once, for example ["IN", "GB"]. Or leave it out for all.';

const distinct = (each: ReturnType<typeof text> | typeof countryCode, allowed: string) =>
  v.pipe(
    v.array(each, refused(allowed)),
    v.minLength(1, refused(allowed)),
    v.check((list) => new Set(list).size === list.length, refused(allowed)),
  );

const application = object(
  {
    kind: v.picklist(['public', 'back-end'], refused(kindAllowed)),
    keys: v.exactOptional(distinct(text(/^[a-z]$/, keysAllowed), keysAllowed)),
    principals: v.exactOptional(
      distinct(
        text(/^arn:[a-z-]+:iam::[0-9]{12}:(role\/[\w+=,.@-]{1,64}|user\/[\w+=,.@/-]{1,64})$/, principalsAllowed),
        principalsAllowed,
      ),
    ),
    clientIds: v.exactOptional(distinct(text(/^\w{1,128}$/, clientIdsAllowed), clientIdsAllowed)),
    brand: v.exactOptional(brand),
    audience: v.exactOptional(audience),
    purposes: v.exactOptional(purposeList),
    templates: v.exactOptional(templateList),
    defaultLocale: v.exactOptional(locale),
    origins: v.exactOptional(originList),
    appHashes: v.exactOptional(appHashList),
    countries: v.exactOptional(distinct(countryCode, countriesAllowed)),
    caps: v.exactOptional(lowerCaps),
    sourceIps: v.exactOptional(sourceIpList),
    throttle: v.exactOptional(
      object({
        ratePerSecond: whole('Requests per second', { ...ratePerSecond, example: 20 }),
        burst: whole('Requests at once', { ...requestsAtOnce, example: 40 }),
      }),
    ),
    dailyQuota,
  },
  { kind: kindAllowed },
);

/** As many metrics have a dimension at most, and one variable holds all keys. */
export const maxApplications = 20;
const applicationsAllowed = `Applications: 1 to ${maxApplications}, by name, for example { web: { kind: "public" }, shop: { kind: "back-end" } }. Or leave applications out.`;

export const applications = v.exactOptional(
  v.pipe(
    v.record(
      text(/^(?=.{1,32}$)[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/, nameAllowed),
      application,
      refused(applicationsAllowed),
    ),
    v.check((all) => {
      const count = Object.keys(all).length;
      return count >= 1 && count <= maxApplications;
    }, refused(applicationsAllowed)),
  ),
);
