import type { SettingsInput } from '../lib/settings/settings.ts';

/**
 * Your settings: the one file to edit before you deploy. `npm run synth` checks it and says what to write instead of
 * whatever is wrong. What is not named here has a safe default. The optional settings are shown as comments, with their
 * defaults; a line that ends by "for example" shows a value that is none.
 */
export default {
  // The name that every SMS shows, up to 20 characters of the SMS alphabet (GSM-7).
  brand: 'Example',

  // Who your proofs are for (the token's `aud`): your own back end, which checks for exactly this.
  audience: 'https://api.example.com',

  // Where SMS may go, by ISO 3166-1 code. THESE THREE ARE AN EXAMPLE: list the countries that your users live in and no
  // others. Every country on this list is one that fraudsters can make you send to, at your cost.
  countries: {
    // Without a registered sender, SMS to India use international routes. To use a local one, register entity, sender
    // and texts (DLT), then write { senderId: 'EXMPLE', entityId: '…' } and add the registered texts to `templates`.
    IN: {},
    // The US and Canada have no sender ids: set originationNumber in smsRoutes to a number of your own.
    US: {},
    GB: { senderId: 'Example' },
  },

  // The most that one SMS may cost, in USD; a country above can set its own. An SMS that costs more is not delivered.
  // maxPriceUsd: 0.1,

  // The most that all SMS together may cost per hour and day (UTC), by estimate, in USD. At the cap nothing is sent; the
  // last fifth is kept for numbers that have verified before. Every country has caps of its own below that, and a price
  // that is counted (lib/settings/prices.ts has estimates). To set them, give a country above priceUsd and
  // caps: { hourUsd, dayUsd }.
  // caps: { hourUsd: 20, dayUsd: 100 },

  // Countries where hardly anybody verifies: fewer than so many, yesterday and today together. There only so many SMS a
  // day may stay without a verification.
  // lowVolume: { verifications: 100, unverifiedSendsPerDay: 50 },

  // What the detector of bursts does, by level, rule and country: 'enforce' blocks, 'record-only' finds and tells, 'off'
  // looks away; the mildest that applies wins. In its first days it blocks no prefix and no country.
  // bursts: {
  //   levels: { phone: 'enforce', ip: 'enforce', range: 'enforce', prefix: 'enforce', country: 'enforce' },
  //   rules: {},
  //   countries: {}, // { IN: 'record-only' } blocks nothing in India
  //   coldStartDays: 7,
  //   criticalUsdPerHour: 50,
  //   findingDays: 400,
  //   auditDays: 90,
  // },

  // What codes may be asked for. A purpose of your own needs a text in `templates`.
  // purposes: ['verify-number', 'login', 'transaction', 'account-change'],

  // Texts that replace or join the shipped ones (lib/settings/templates.ts: en, de, es, fr, it, nl, pt).
  // templates: [
  //   { purpose: 'login', locale: 'en', text: '{{code}} signs you in to {{brand}}. Keep it to yourself.' },
  // ], // for example

  // The language of people whose own is not known or has no text.
  // defaultLocale: 'en',

  // Web pages whose browsers may fill the code in by themselves (WebOTP).
  // origins: ['https://app.example.com'], // for example

  // Ways to the SMS network, tried in order: the Region whose SNS sends (none: the Region of the deployment), and a
  // number of your own to send from.
  // smsRoutes: [{}, { region: 'eu-west-1', originationNumber: '+12065550100' }], // for example

  // A code: its digits, how long it lives, how long a verification lives with its resends (docs/limits.md has the ranges).
  // A number at which others guess gets fewer attempts for its next verifications, never fewer SMS. While codes are
  // guessed at over many numbers of a country, its new codes have more digits and fewer attempts.
  // code: {
  //   digits: 6,
  //   lifetimeSeconds: 300,
  //   maxLifetimeSeconds: 600,
  //   maxAttempts: 5,
  //   afterWrongGuesses: [{ wrong: 8, maxAttempts: 1 }, { wrong: 5, maxAttempts: 3 }],
  //   duringCodeSpraying: { extraDigits: 3, maxAttempts: 3 },
  // },

  // How many SMS one phone may get: the wait after the first, second, … one, and sliding windows.
  // sends: {
  //   cooldownSeconds: [30, 60, 120],
  //   cooldownWindowSeconds: 600,
  //   windows: [
  //     { name: 'phone-10m', windowSeconds: 600, sends: 5 },
  //     { name: 'phone-24h', windowSeconds: 86400, sends: 10 },
  //   ],
  // },

  // How many SMS one IP may ask for (an IPv4 address, or an IPv6 /64): before anybody has verified from it,
  // and after. A back end of yours that calls for all of your users does so from one IP: name it in
  // exemptApplications, by the id of its API key, the ARN of its IAM principal or its Cognito client id.
  // ips: {
  //   untrusted: { sends: 10, windowSeconds: 600 },
  //   trusted: { sends: 240, windowSeconds: 600 },
  //   trustedAfter: 3,
  //   countriesPerDay: 3,
  //   exemptApplications: [],
  // },

  // Numbers for app-store review and automated tests, with a fixed code: no SMS is sent, and their proofs are for the
  // audience with /test at its end, so that no back end takes them for real. Only name numbers that nobody can have.
  // testNumbers: [
  //   { number: '+12025550123', code: '123456', expires: '2027-03-31', uses: 1000 },
  //   { from: '+12025550100', to: '+12025550119', code: '123456', expires: '2027-03-31', uses: 1000 },
  // ], // for example

  // How long a proof is good for.
  // proofLifetimeSeconds: 300,

  // The base URL, if you put a domain of your own before the API; it is the proofs' issuer.
  // endpoint: 'https://otp.example.com', // for example

  // How client apps show who they are: 'api-key', 'iam', or { cognito: { userPoolArns: ['arn:…'], scopes: ['otp/send'] } }.
  // access: 'api-key',

  // '1.3' shuts out phones older than Android 10.
  // minimumTls: '1.2',

  // Requests per second and at once, and requests per API key and day (none: no quota).
  // throttle: { ratePerSecond: 20, burst: 40 },
  // dailyQuota: 100000, // for example

  // A firewall (AWS WAF) before the API, at about $10 a month and $0.6 per million requests, and how many requests one
  // IP may make in five minutes. Where a back end calls for many users, that has to be more.
  // firewall: true,
  // firewallRequestsPerIp: 3000,

  // One HMAC key per generation, named by a small letter; the last one makes new codes. To rotate, add a letter and
  // deploy; ten minutes later take the old letter out and deploy again.
  // codeKeyGenerations: ['a'],

  // API Gateway writes logs by one role per account and Region. 'existing' if yours has been set: 'create' replaces it.
  // apiGatewayLogsRole: 'create',

  // Who gets the alarms. AWS sends a mail there after the deployment, with a link to confirm; until somebody follows it,
  // nobody is told. Without an address, subscribe whom you like to the topic that the stack names (AlarmTopicArn).
  // securityEmail: 'security@example.com', // for example

  // From what cost of the SMS of a month on, in USD, staff are told. SNS counts all SMS of the account and Region, also
  // those of other teams. Write less than the spending quota of the account, at which SNS stops sending by itself.
  // monthlySpendAlarmUsd: 50,

  // From how many KMS calls in five minutes on staff are told: whoever takes the check function over can try codes with it.
  // AWS counts all of the account and Region, also those of other teams. Each request here makes two at most.
  // kmsCallsAlarm: 25000,

  // logRetentionDays: 30,
  // tracing: false,
  // stackName: 'OtpService',
} satisfies SettingsInput;
