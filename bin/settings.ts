import type { SettingsInput } from '../lib/settings/settings.ts';

/**
 * Your settings: the one file to edit before you deploy. `npm run synth` checks it, and says what is wrong and what is
 * allowed. Comments show the other settings with their safe defaults. "for example" at the end of a line marks a value that
 * is not the default. docs/limits.md has the range of each number.
 */
export default {
  // The name that every SMS shows, in up to 20 letters of any script. One outside of the SMS alphabet (GSM-7) leaves 70
  // characters of 160.
  brand: 'Example',

  // The audience of the proofs (`aud` of the token): your own back end, which accepts exactly this value.
  audience: 'https://api.example.com',

  // The countries that SMS may go to, by ISO 3166-1 code. THESE THREE ARE AN EXAMPLE: list the countries of your users and
  // no others. Fraudsters can make you send to every country in this list, at your cost.
  countries: {
    // Without a registered sender, SMS to India use international routes. For a local route, register entity, sender and
    // texts (DLT). Then write { senderId: 'EXMPLE', entityId: '…' }, and add the registered texts to `templates`.
    IN: {},
    // The US and Canada have no sender ids: set originationNumber in smsRoutes to a number of your own.
    US: {},
    GB: { senderId: 'Example' },
  },

  // Territories that people take for part of a country above, and that get no SMS on purpose. If your users live there, move
  // them to countries. Synthesis and preflight warn of each that stands in neither.
  excludedCountries: ['AS', 'GU', 'MP', 'PR', 'VI', 'GG', 'IM', 'JE'],

  // The maximum price of one SMS part in USD. SNS does not deliver an SMS that costs more. A country above can set its own.
  // maxPriceUsd: 0.1,

  // The caps: the maximum estimated cost of all SMS per hour and per day (UTC), in USD. No SMS is sent at a cap, and the
  // last fifth of it is for trusted numbers. Each country has lower caps and an estimated price
  // (lib/settings/prices.ts). To set them, give a country above priceUsd and caps: { hourUsd, dayUsd }.
  // Above 750 SMS a second, raise totalShards to up to 4: the cap of all SMS is then written in as many places at once.
  // caps: { hourUsd: 20, dayUsd: 100, totalShards: 1 },

  // A country has low volume with fewer verifications than this, yesterday and today together. There, only this many SMS
  // a day may stay without a verification.
  // lowVolume: { verifications: 100, unverifiedSendsPerDay: 50 },

  // The modes of the burst detector, by level, rule and country: 'enforce' blocks, 'record-only' only notifies, 'off' finds
  // nothing. The least strict mode applies. During the cold start the detector blocks no prefix and no country. It
  // blocks no number: there, 'enforce' only notifies as well.
  // bursts: {
  //   levels: { phone: 'enforce', ip: 'enforce', range: 'enforce', prefix: 'enforce', country: 'enforce' },
  //   rules: {},
  //   countries: {}, // { IN: 'record-only' } blocks nothing in India
  //   coldStartDays: 7,
  //   criticalUsdPerHour: 50, // or 1.6 times the hourly cap, where that is less
  //   findingDays: 400,
  //   auditDays: 90,
  // },

  // The purposes of a code. A purpose of your own needs a text in `templates`.
  // purposes: ['verify-number', 'login', 'transaction', 'account-change'],

  // The languages of the shipped texts (lib/settings/shipped/). There are also ar, bn, hi, id, ja, ko, pl, ru, ta, tr, uk, vi
  // and zh. `npm run preview` shows each text with its parts and prices.
  // languages: ['en', 'de', 'es', 'fr', 'it', 'nl', 'pt'],

  // Texts that replace or extend the shipped ones. The service adds the lines for Android and browsers, except to a text with
  // a templateId, {{appHash}} or {{host}}, which goes out as it is.
  // templates: [
  //   { purpose: 'login', locale: 'en', text: '{{code}} signs you in to {{brand}}. Keep it to yourself.' },
  // ], // for example

  // The language of an SMS if the language of its reader is unknown or has no text.
  // defaultLocale: 'en',

  // The parts of an SMS, each of which has the price of one: in the SMS alphabet (GSM-7), and outside of it, where a line for
  // Android or browsers and a payment may take more. Synthesis refuses longer texts.
  // maxParts: { gsm7: 1, unicode: 1, extraForLines: 1, extraForPayment: 1 },

  // Web pages that may call the API from a browser (CORS), and whose browsers may fill in the code by themselves (WebOTP; not
  // with a port). For development, also http://localhost:5173.
  // origins: ['https://app.example.com'], // for example

  // Android apps whose SMS Retriever may read the code, by their hashes of 11 characters.
  // appHashes: ['FA+9qCX9VSu'], // for example

  // SMS routes, tried in order. Each has a service that sends: Amazon SNS ('sns', which needs no name), AWS End User Messaging
  // ('end-user-messaging'), or its Notify ('notify'), which has numbers and texts of AWS. Each has a Region (none: the Region of
  // the deployment) and what it sends as. The name of a route is its service, with the Region if there is one, unless you give
  // it another. To choose and order the routes of a country, give it routes: ['notify', 'sns']. docs/deploy.md compares them.
  // smsRoutes: [
  //   { originationNumber: '+12065550100' },
  //   { sender: 'end-user-messaging', region: 'eu-west-1', originationIdentity: 'pool-0123456789abcdef0' },
  //   {
  //     sender: 'notify',
  //     configuration: 'nc-0123456789abcdef0',
  //     templates: { en: 'notify-code-verification-english-001' },
  //   },
  // ], // for example

  // Receipts: whether and why messages arrive, for GET, metrics and resends. By a configuration set of the stack, which the routes
  // of End User Messaging and Notify name by themselves, or by the account's bus of events ('event-bus', which needs
  // noteMessageIds: one write more per SMS). With feedback, AWS learns of each code that was used, and takes all others for failed.
  // receipts: { sources: [], noteMessageIds: false, feedback: false },
  // Events of verifications for your own systems, on the bus of findings, and signed webhooks of applications. Read docs/events.md
  // and docs/webhooks.md first. verification.delivered needs receipts.
  // events: {
  //   types: ['verification.requested', 'verification.failed', 'verification.approved', 'verification.refused'],
  //   webhooks: [],
  // }, // for example
  // Calls that speak the code, to countries above. The price is that of a minute, from the list of AWS; the caps count it. A
  // number gets callsPerDay calls at most in 24 hours. Read docs/threat-model.md first: a voicemail box answers a call.
  // voice: {
  //   countries: { US: { priceUsd: 0.013 } },
  //   routes: [{ originationIdentity: '+12065550100' }],
  //   callsPerDay: 3,
  //   texts: { en: { text: 'This is {{brand}}. Your code is: {{code}}.' } },
  // }, // for example
  // Whether a number is still its holder's. For each purpose that minds: 'allow', 'step-up' or 'refuse' for a SIM that was swapped
  // within the hours, or a number that staff noted as ported; and 'open' or 'closed' for one of which nothing is known. Operators
  // have the CAMARA SIM Swap API; the caps count the price of a look-up. Read docs/number-risk.md first.
  // numberRisk: {
  //   maxAgeHours: 240,
  //   purposes: { login: { ifSwapped: 'step-up', failMode: 'open' } },
  //   providers: [
  //     {
  //       name: 'operator-us',
  //       countries: ['US'],
  //       apiRoot: 'https://api.operator.com/camara',
  //       tokenUrl: 'https://auth.operator.com/oauth2/token',
  //       clientId: 'otp-service',
  //       priceUsd: 0.01,
  //       secret: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:otp/operator-us-AbCdEf',
  //     },
  //   ],
  // }, // for example

  // A code: its digits, its lifetime, the lifetime of a verification with its resends, and the guesses. Wrong guesses on a
  // number lower the guesses of its next verifications, never its SMS. While a country is under code spraying, its new codes
  // have additional digits and fewer guesses.
  // code: {
  //   digits: 6,
  //   lifetimeSeconds: 300,
  //   maxLifetimeSeconds: 600,
  //   maxAttempts: 5,
  //   afterWrongGuesses: [{ wrong: 8, maxAttempts: 1 }, { wrong: 5, maxAttempts: 3 }],
  //   duringCodeSpraying: { extraDigits: 3, maxAttempts: 3 },
  // },

  // The SMS that one phone may get: the waits after the first, second, … SMS, such as [30, 60, 120], and sliding windows. The
  // SMS of a verification that was approved count for neither. The hard limit counts all: 10 to 50.
  // sends: {
  //   cooldownSeconds: [30],
  //   cooldownWindowSeconds: 600,
  //   windows: [
  //     { name: 'phone-10m', windowSeconds: 600, sends: 5 },
  //     { name: 'phone-24h', windowSeconds: 86400, sends: 10 },
  //   ],
  //   maxIn24Hours: 30,
  // },

  // The SMS that one IP (IPv4, or an IPv6 /64) may ask for, untrusted and trusted. The IP is that of the end user: a back end
  // sends it with each request.
  // ips: {
  //   untrusted: { sends: 10, windowSeconds: 600 },
  //   trusted: { sends: 240, windowSeconds: 600 },
  //   trustedAfter: 3,
  //   countriesPerDay: 3,
  // },

  // Numbers for app-store reviews and automated tests, with a fixed code. They get no SMS, and their proofs have the audience
  // with /test at its end, so that no back end accepts them. Use only numbers that nobody can have.
  // testNumbers: [
  //   { number: '+12025550123', code: '123456', expires: '2027-03-31', uses: 1000 },
  //   { from: '+12025550100', to: '+12025550119', code: '123456', expires: '2027-03-31', uses: 1000 },
  // ], // for example

  // The lifetime of a proof.
  // proofLifetimeSeconds: 300,

  // The algorithm of the proofs: 'ES256', or 'RS256', which costs a fifth at KMS and makes a proof 256 letters longer. Before
  // you change it, let all back ends accept both. docs/deploy.md has the steps.
  // proofs: { algorithm: 'ES256' },

  // How the numbers in records are sealed: 'per-record' by KMS, or 'hourly' under a key that KMS derives for each hour. Hourly
  // is cheaper and faster, and a function that is taken over can open more (docs/threat-model.md). Payments stay per record.
  // sealing: 'per-record',

  // The base URL, if the API has a domain of your own. It is the issuer of the proofs.
  // endpoint: 'https://otp.example.com', // for example

  // How client apps authenticate: 'api-key', 'iam', or { cognito: { userPoolArns: ['arn:…'], scopes: ['otp/send'] } }.
  // access: 'api-key',

  // The client apps by name: 'public' (a web page or an app) or 'back-end' (a server that calls for its end users). Each has
  // credentials of its own: API keys, IAM principals or Cognito client ids. To rotate an API key, add a letter to keys.
  applications: {
    web: { kind: 'public' },
    'back-end': { kind: 'back-end' },
  },
  // For the rest, an application has what it does not set from the settings of all: brand, audience, purposes, templates,
  // defaultLocale, origins, appHashes, countries (codes out of those above), throttle, dailyQuota. Its caps hold beside those
  // of all. The credentials of a back end with sourceIps (public IPs, as ranges) are good from these IPs alone, and the
  // firewall does not count them for the rate of an IP. Without applications there is one, named default, of kind 'public'.
  // applications: {
  //   web: { kind: 'public', origins: ['https://app.example.com'] },
  //   shop: {
  //     kind: 'back-end',
  //     keys: ['a', 'b'],
  //     sourceIps: ['203.0.113.7/32', '2001:db8:42::/48'],
  //     audience: 'https://shop.example.com',
  //     countries: ['GB'],
  //     caps: { hourUsd: 5, dayUsd: 20 },
  //     throttle: { ratePerSecond: 5, burst: 10 },
  //     dailyQuota: 10000,
  //   },
  // }, // for example

  // '1.3' excludes phones older than Android 10.
  // minimumTls: '1.2',

  // Requests per second and at once, and requests per API key and day (none: no quota).
  // throttle: { ratePerSecond: 20, burst: 40 },
  // dailyQuota: 100000, // for example

  // A firewall (AWS WAF) before the API, at about $10 a month and $0.6 per million requests, and the requests that one IP
  // may make in five minutes: at most a tenth of what the throttle passes, and exactly that if you set nothing. If a back end
  // calls for many users from one IP, list it in the sourceIps of its application, or raise the throttle to ten times its
  // rate.
  // firewall: true,
  // firewallRequestsPerIp: 600, // for example

  // One HMAC key per generation, named by a lower-case letter. The last one makes new codes. To rotate, add a letter and
  // deploy; ten minutes later, remove the old letter and deploy again.
  // codeKeyGenerations: ['a'],

  // API Gateway has one role for its logs per account and Region. 'create' replaces it; 'existing' keeps the one you have.
  // apiGatewayLogsRole: 'create',

  // The recipient of the alarms. AWS mails a link after the deployment, and sends alarms once the recipient has followed it.
  // Without a recipient, subscribe to the topic yourself (output AlarmTopicArn).
  // securityEmail: 'security@example.com', // for example

  // The IAM roles of security staff, by name. Without them, each principal of the account whose policies allow it may call the
  // API of operators.
  // operatorRoles: ['otp-analyst', 'otp-auditor'], // for example

  // The address of your runbook. Findings and their mails add the heading of the alarm to it. Without it they name
  // docs/runbook.md.
  // runbookUrl: 'https://wiki.example.com/otp-runbook', // for example

  // Monthly SMS cost in USD that raises the alarm. SNS counts all SMS of the account and Region, those of other teams
  // included. Stay below the spending quota of the account, at which SNS stops sending.
  // monthlySpendAlarmUsd: 50,

  // KMS calls in five minutes that raise the alarm: an attacker inside the check function can try codes with KMS. AWS counts
  // all calls of the account and Region, those of other teams included. A request here makes at most two.
  // kmsCallsAlarm: 25000,

  // logRetentionDays: 30,
  // tracing: false,
  // The name of the stack begins the names of alarms, logs and dashboard. A second stack of the account needs another name.
  // stackName: 'OtpService',
} satisfies SettingsInput;
