import type { fields, ProblemCode, RouteFunctionName, securityHeaders } from '../../lambdas/contract.ts';

/**
 * The words of the API reference. The facts come from the contract. A route, problem or shape without words here does
 * not compile.
 */

type Field = {
  readonly name: string;
  readonly required: 'yes' | 'no' | string;
  /** The shape in the contract, if the field has one. */
  readonly shape?: keyof typeof fields;
  readonly says: string;
};

type RouteWords = {
  readonly title: string;
  readonly says: string;
  readonly takes: readonly Field[];
  readonly answers: string;
};

const transaction = (required: string): readonly Field[] => [
  {
    name: 'transaction.amount',
    required,
    shape: 'amount',
    says: 'The amount as a decimal text with a point, above zero, in the digits of the currency. Zeros at the end do not count.',
  },
  {
    name: 'transaction.currency',
    required,
    shape: 'currency',
    says: 'ISO 4217 code of a currency in use, in either letter case.',
  },
  {
    name: 'transaction.payee',
    required,
    shape: 'payee',
    says: "The name of the payee: Latin letters, digits, space, `&`, `'` and `-`. No telephone number and no address.",
  },
];

const viewExample = `    {
      "id": "aTfQlOi7QeOYiJ8-5IAIqFD4wrYI",
      "status": "pending",
      "phoneNumber": "+91••••••3210",
      "purpose": "login",
      "codeLength": 6,
      "attemptsRemaining": 5,
      "expiresAt": "2026-11-21T23:28:31.000Z",
      "resendAvailableAt": "2026-11-21T23:24:01.971Z",
      "delivery": "accepted"
    }`;

export const routeWords: Readonly<Record<RouteFunctionName, RouteWords>> = {
  'request-verification': {
    title: 'Send a code',
    says: `Sends a code to a phone and opens a verification. The \`id\` in the answer is the only name that the
verification has. Anyone who knows it may try to check a code, so keep it where you would keep a session id.

With an \`Idempotency-Key\` the request may be repeated. The same key with the same body returns the same verification in
its present state, and sends no second SMS. Two spellings of one number or payment are the same body. While the result of
the SMS is not known, a repeat gets [\`request-in-progress\`](#request-in-progress), for 30 seconds at most. After that,
\`delivery\` is \`unconfirmed\`, and there may have been no SMS.

The service remembers a key for as long as a verification may live with its resends (ten minutes). A key belongs to the
caller that used it: the API key, the IAM principal or role, or the Cognito client. With identity tokens it belongs to the
user. After a \`502\`, or a refusal, it is free.`,
    takes: [
      {
        name: 'phoneNumber',
        required: 'yes',
        shape: 'phoneNumberMaxLength',
        says: 'International with a leading `+`, in any usual spelling; or national, together with `defaultCountry`. A `tel:` URI is a spelling, too.',
      },
      {
        name: 'defaultCountry',
        required: 'for national spellings',
        shape: 'defaultCountry',
        says: 'ISO 3166-1 code of the country that a national number is read in, in either letter case.',
      },
      {
        name: 'purpose',
        required: 'no',
        says: 'One of the purposes in the settings. Shipped: `verify-number` (the default), `login`, `transaction`, `account-change`.',
      },
      {
        name: 'channel',
        required: 'no',
        says: '`sms` (default), or `voice`: a call speaks the code. Only if the settings call its country; never for `transaction` or `account-change`.',
      },
      {
        name: 'locale',
        required: 'no',
        says: 'A hint, such as a BCP 47 tag: the nearest text is taken, or else the default one.',
      },
      ...transaction('with purpose `transaction`, and only then'),
      {
        name: 'endUser.ipAddress',
        required: 'from back ends',
        says: 'The IP of the person who asked your server. Never pass on a header that the visitor can set.',
      },
      {
        name: 'appHash',
        required: 'no',
        shape: 'appHash',
        says: 'Hash of your Android app: the SMS Retriever API then reads the code. It has to be listed in `appHashes` in the settings.',
      },
      {
        name: 'origin',
        required: 'no',
        shape: 'origin',
        says: 'Web origin that may fill the code in (WebOTP). It has to be listed in `origins` in the settings, and has no port.',
      },
    ],
    answers: `\`201\`, with \`Location\`, \`RateLimit-Policy\` and \`RateLimit\`. \`Location\` is the absolute URL of the verification, under
the base URL:

${viewExample}

\`delivery\` is \`accepted\` when the SMS network took the message, which is not yet its arrival. It is \`unconfirmed\` when
the network did not answer: the message may come or not, and the code is alive. A test number gets no SMS, and its
\`delivery\` is \`accepted\`. A deployment that notes receipts says more when you
[look at the verification](#look-at-a-verification).

\`channel\` is \`voice\` if a call speaks the code, and absent otherwise. A call speaks one of the languages that AWS has a voice for,
and else the default language. A voicemail box may answer it: \`delivery\` does not say that a person did.

\`hint\` is \`additional-verification-required\` if the code alone is not enough for the purpose, and absent otherwise. The SIM was
swapped lately, the number was ported, or its operator cannot say. The code works, and its proof says
\`"phone_number_verified": false\`. Ask for something else as well: see [SIM swap](number-risk.md).

In India, a text is as its carriers registered it. If it has no place for the app hash or the origin, the SMS goes out
without, and the person types the code.`,
  },
  'check-verification': {
    title: 'Check a code',
    says: `Judges one guess. A wrong code is an answer and not an error: \`200\` with \`"status": "pending"\`.

With an \`Idempotency-Key\` a check may be repeated after a lost answer. The same key with the same code returns the first
answer again, proof included, and uses no further attempt. Once the proof has expired the answer is
[\`code-already-used\`](#code-already-used). Use a fresh key for every guess.

A code that a resend replaced uses no attempt, and the answer has a \`hint\`. Ask the person for the newest message. Such a
check stores nothing, so a repeat with its key is judged anew.`,
    takes: [
      {
        name: 'code',
        required: 'yes',
        shape: 'code',
        says: 'The code as the person typed it, as a string. A wrong number of digits costs no attempt.',
      },
      ...transaction('for purpose `transaction`, as in the request'),
    ],
    answers: `\`200\` when the code is right. \`proof\` is a signed token: see [Proofs](#proofs).

    {
      "status": "approved",
      "proof": "eyJhbGciOiJFUzI1NiIsInR5cCI6Im90cC1wcm9vZitqd3QiLC…",
      "phoneNumber": "+91••••••3210",
      "purpose": "login",
      "approvedAt": "2026-11-21T23:23:32.249Z"
    }

The answer has \`"hint": "additional-verification-required"\` beside these if the proof is not enough for the purpose.

\`200\` when it is wrong and attempts are left. The guess that uses up the last one gets
[\`attempts-exhausted\`](#attempts-exhausted) itself.

    { "status": "pending", "attemptsRemaining": 4, "expiresAt": "2026-11-21T23:28:31.000Z" }

\`200\` when it is a code that a resend replaced:

    {
      "status": "pending",
      "attemptsRemaining": 4,
      "expiresAt": "2026-11-21T23:28:31.000Z",
      "hint": "superseded-code"
    }`,
  },
  'resend-verification': {
    title: 'Send a fresh code',
    says: `Sends a new code for a verification that is still open, over the next SMS route of the settings. The code before is
worth nothing from then on: a check of it gets a [hint](#check-a-code). Attempts that were used stay used. The code lives as long as a first one, but never beyond the
longest life of the verification. In the last 30 seconds of that life the answer is [\`code-expired\`](#code-expired). Resends
and new requests share all limits. A resend counts for the IP and the caller that asked for the verification.

With an \`Idempotency-Key\` the resend may be repeated. The same key sends nothing, and returns the verification in its
present state, closed or not. While the result of the SMS is not known, a repeat gets
[\`request-in-progress\`](#request-in-progress), for 30 seconds at most. After that, \`delivery\` is \`unconfirmed\`, and there may
have been no SMS. After a \`502\`, or a refusal, the key is free. A key belongs to the caller that used it, and to this
verification. The same key with another channel is the same resend.`,
    takes: [
      {
        name: 'channel',
        required: 'no',
        says: '`sms` or `voice`, as for [a request](#send-a-code). Without it, that of the last send. The body may be left out.',
      },
    ],
    answers: '`200`, with `RateLimit-Policy` and `RateLimit`; the body is that of a request.',
  },
  'get-verification': {
    title: 'Look at a verification',
    says: `Returns the state of a verification. The answer never has the number, not even in part.
\`HEAD\` answers the headers alone.`,
    takes: [],
    answers: `\`200\`; the body is that of a request without \`phoneNumber\`. \`status\` is one of \`pending\`, \`approved\`, \`expired\`,
\`canceled\`, \`failed\`: the SMS was never sent, or all attempts are used (then with \`"attemptsRemaining": 0\`).

\`delivery\` says what became of the last message:

| \`delivery\` | the message | offer the person |
| --- | --- | --- |
| \`accepted\` | is on its way, or nobody says more of it | to wait, then a resend |
| \`unconfirmed\` | may be on its way: the network did not answer | to wait, then a resend |
| \`delivered\` | came to the phone; a call was taken, perhaps by voicemail | to look at the messages |
| \`failed\` | did not arrive, by \`deliveryReason\` | as below |
| \`unknown\` | has no fate that anybody knows | a resend |

The last three come by receipts of carriers. A deployment has them if its settings say so (\`receipts\`), and only for messages that AWS
End User Messaging sends. A receipt may be late or never come. \`failed\` may become \`delivered\`, and nothing else goes back.
The code is good whatever \`delivery\` says. A receipt that comes after the life of the verification changes nothing.

| \`deliveryReason\` | means | offer the person |
| --- | --- | --- |
| \`unreachable\` | The phone is off, or its network does not answer. | a resend, which takes another route if there is one |
| \`blocked-by-carrier\` | The carrier refuses the message. | a resend, or another way to verify |
| \`invalid-number\` | No phone has the number, as this carrier says. | to correct the number, or a resend |
| \`opted-out\` | The holder, the phone or its carrier blocks messages of this sender. | another way to verify |
| \`expired\` | The message was not handed over while its code was good. | a resend |
| \`blocked-by-protect\` | A rule of the deployment's AWS account refuses the number. | another way to verify |`,
  },
  'cancel-verification': {
    title: 'Cancel a verification',
    says: `Makes the code worthless. A verification that is canceled, expired or failed stays so, and the answer is no error. An
approved one stays approved, and the answer is [\`code-already-used\`](#code-already-used). Its SMS still count for the limits of
the number: only an approval frees them. An \`Idempotency-Key\` is accepted and ignored: a cancellation may be repeated without
one.`,
    takes: [],
    answers: '`204` without a body.',
  },
  jwks: {
    title: 'The public key of the proofs',
    says: 'A JSON Web Key Set (RFC 7517). Open to anyone. `HEAD` answers the headers alone.',
    takes: [],
    answers: '`200`, `application/jwk-set+json`, cacheable for ten minutes.',
  },
};

type ProblemWords = {
  /** Functions that answer it. The contract lists the problems that API Gateway answers by itself. */
  readonly from: readonly RouteFunctionName[];
  readonly when: string;
  /** What the caller should do. */
  readonly remedy: string;
};

const withBody: readonly RouteFunctionName[] = ['request-verification', 'check-verification', 'resend-verification'];
const sending: readonly RouteFunctionName[] = ['request-verification', 'resend-verification'];
const judging: readonly RouteFunctionName[] = ['check-verification', 'resend-verification'];
const every: readonly RouteFunctionName[] = [
  'request-verification',
  'check-verification',
  'resend-verification',
  'get-verification',
  'cancel-verification',
  'jwks',
];

export const problemWords = {
  'invalid-request': {
    from: withBody,
    when: 'The body or `Idempotency-Key` does not have its shape, or a field is unknown. For a check: the code has the wrong number of digits, or the transaction is missing. If the function found the faults, `errors` lists each with a JSON pointer (RFC 6901). It costs no attempt.',
    remedy: 'Correct what `errors` names. The same request will fail again.',
  },
  'invalid-phone-number': {
    from: ['request-verification'],
    when: 'No country has numbers like this one, or the text is no single number.',
    remedy: 'Ask the person to correct the number; `detail` says what is wrong with it.',
  },
  unauthorized: {
    from: [],
    when: 'The API key or the token is missing or not known.',
    remedy: 'Send valid credentials; `WWW-Authenticate` names the scheme.',
  },
  forbidden: {
    from: [],
    when: 'The credentials are known but do not reach this route, or have expired; or the firewall takes the request for an attack.',
    remedy: 'Ask the staff of the deployment.',
  },
  'end-user-not-accepted': {
    from: ['request-verification'],
    when: 'The body has `endUser`, and the settings do not say that this application is of kind `back-end`. The IP of a public application is that of its end user. Nothing was sent or counted.',
    remedy: 'Leave `endUser` out. Or call from your server, with the credentials of an application of kind `back-end`.',
  },
  'source-ip-not-allowed': {
    from: every.filter((name) => name !== 'jwks'),
    when: 'The credentials are those of a back end whose IPs the settings list (`sourceIps`), and the request came from another. Nothing was read, sent or counted.',
    remedy: 'Call from one of your servers. If they have a new public IP, ask the staff of the deployment to list it.',
  },
  'destination-not-allowed': {
    from: ['request-verification', 'resend-verification'],
    when: 'The settings do not list the country of the number, or list it without calls, and the channel is `voice`. Or it is not a mobile number. Or it is a test number that has expired or is used up. A resend gets it as well if the settings have dropped the country since. Nothing was sent or counted, and a code that is out stays good.',
    remedy: 'Offer another way to verify. Staff can add a country, or renew a test number.',
  },
  'number-opted-out': {
    from: sending,
    when: 'A sender says that the holder of the number wants no SMS. End User Messaging says so. SNS never does: it takes the SMS, and nothing arrives. The send counts for the number, so that nobody hammers the network. A resend gets it as well if a receipt says so. Then nothing was sent or counted, and the code before stays good.',
    remedy: 'Offer another way to verify. Only the holder can opt in again.',
  },
  'number-at-risk': {
    from: sending,
    when: 'The SIM of the number was swapped lately, the number was ported, or its operator does not know. The settings refuse then, for this purpose (`numberRisk`). Nothing was sent. A request counts for the number and the IP, and its `Idempotency-Key` is free again. A resend counts for nothing: the code before still works, and its proof says `"phone_number_verified": false`.',
    remedy:
      'Offer another way to verify, such as an authenticator app or a passkey. Do not tell the caller of a SIM swap.',
  },
  'not-found': {
    from: [],
    when: 'No route has this method and path.',
    remedy: 'Compare with the [routes](#routes).',
  },
  'verification-not-found': {
    from: ['check-verification', 'resend-verification', 'get-verification', 'cancel-verification'],
    when: 'No verification has this id, or it expired long ago and was deleted. An id that cannot be one gets the same answer.',
    remedy: 'Request a new one.',
  },
  'method-not-allowed': {
    from: [],
    when: 'Not answered by the service: a wrong method is [`not-found`](#not-found), as API Gateway knows no other. Only the controls of local mode use it.',
    remedy: 'Use another method.',
  },
  'request-in-progress': {
    from: sending,
    when: 'A request or resend with this `Idempotency-Key` is still running, or stopped less than 30 seconds ago without saying what became of its SMS. Also when another send to the number was committed at the same moment.',
    remedy: 'Repeat it after `Retry-After`, with the same key.',
  },
  'code-expired': {
    from: judging,
    when: 'The code is too old. No guess was compared.',
    remedy: 'Request a new verification.',
  },
  'code-already-used': {
    from: ['check-verification', 'resend-verification', 'cancel-verification'],
    when: 'The verification is approved. A code is accepted once.',
    remedy:
      'If the answer with the proof was lost: repeat the check with its `Idempotency-Key` while the proof lives. Else request a new verification.',
  },
  'attempts-exhausted': {
    from: judging,
    when: 'All attempts are used. The last wrong guess gets this answer itself, and so does the right code after it.',
    remedy: 'Request a new verification.',
  },
  'verification-canceled': {
    from: judging,
    when: 'The verification was canceled.',
    remedy: 'Request a new one, if the person still wants it.',
  },
  'delivery-failed': {
    from: judging.concat('request-verification'),
    when: '`502`: the SMS surely was not sent, and after a resend the code before is valid again. No limit counts it, unless a route refuses this number or its country: `detail` says so. `410`, for a check or a resend: the SMS of this verification was never sent.',
    remedy:
      '`502`: if `Retry-After` is short, try again after it, with the same `Idempotency-Key` if you like: it is free again. If it is an hour or more, offer another way to verify. `410`: request a new verification.',
  },
  'payload-too-large': {
    from: withBody,
    when: 'The body is larger than any real request. If the firewall sees it first, the problem comes as `application/json` and without `requestId`.',
    remedy: 'Send only the fields of the route.',
  },
  'unsupported-media-type': {
    from: withBody,
    when: '`Content-Type` names something that is not JSON or not UTF-8, or `Content-Encoding` names a compression.',
    remedy: 'Send plain JSON in UTF-8, with `content-type: application/json`.',
  },
  'idempotency-key-reused': {
    from: ['request-verification', 'check-verification', 'resend-verification'],
    when: 'The key was used for another body, for another code, or for a resend by another channel. Nothing was sent or compared.',
    remedy: 'Use a fresh key for every new request; a random UUID is a good one.',
  },
  'resend-too-soon': {
    from: sending,
    when: 'An SMS went to this number only moments ago, or goes there right now. `limit` is `cooldown`.',
    remedy: 'Wait for `Retry-After` seconds. Show the person how long.',
  },
  'too-many-requests': {
    from: sending,
    when: '`limit` is the name of a window: the number had as many SMS as that window allows. `phone-24h-all`: the number had as many SMS in 24 hours as any number gets, approved or not. `ip`: the IP asked for too many SMS. `ip-countries`: the IP sent to too many countries today (UTC). Without `limit`: too many requests for the API key or the deployment, or, by the firewall, from one IP. The answer of the firewall comes as `application/json` and without `requestId`.',
    remedy:
      'Wait for `Retry-After` seconds. A back end that calls for its users should be of kind `back-end` in the settings, and send `endUser.ipAddress`.',
  },
  'destination-suspended': {
    from: sending,
    when: 'A block or restriction holds for the number, its range, prefix or country, or for the IP. Or too few people verify in its country for more SMS today. The answer does not say which. Nothing was sent, and no limit counts it.',
    remedy: 'Wait for `Retry-After` seconds, or offer another way to verify.',
  },
  'spend-cap-reached': {
    from: sending,
    when: 'The SMS of this hour or day (UTC), to this country, of this application or in all, have cost what the settings allow. Nothing was sent, and no limit counts it. The last fifth is reserved for trusted numbers, which have verified within 90 days.',
    remedy: 'Wait for `Retry-After` seconds, or offer another way to verify.',
  },
  'internal-error': {
    from: every,
    when: 'A mistake of ours. The log has a line with the same `requestId`.',
    remedy: 'Try again once. If it comes again, report the `requestId`.',
  },
  'sending-stopped': {
    from: sending,
    when: 'Staff have stopped sending: all of it, that of this application, or that to this country. The answer does not say which. Nothing was sent, no limit counts it, and an `Idempotency-Key` stays free. Codes that are out stay good.',
    remedy:
      'Offer another way to verify. A stop has no end that anybody knows: `Retry-After` is a guess. Do not repeat the call by a program.',
  },
  'temporarily-unavailable': {
    from: every,
    when: 'A part that the service needs did not answer: a limit that cannot be read or counted is one of them. A request for a code sent nothing. A check may have been judged already. For a purpose that fails closed (`numberRisk`), it may be the operator of the number. Such a request counts for the number and the IP, its `detail` says so, and `RateLimit` stands on it.',
    remedy:
      'Repeat after `Retry-After`. With the `Idempotency-Key` of the first try nothing is sent or counted twice. A repeat after a request whose `detail` says that it counts is a new request, which counts again.',
  },
} as const satisfies Record<ProblemCode, ProblemWords>;

export const shapeWords = {
  phoneNumberMaxLength: 'longest spelling of a phone number, invisible characters not counted',
  defaultCountry: 'country',
  code: 'code',
  amount: 'amount',
  currency: 'currency',
  payee: 'payee, as the SMS shows it',
  appHash: 'Android app hash',
  origin: 'web origin',
  idempotencyKey: '`Idempotency-Key`, with or without the quotes of the IETF draft',
  verificationId: 'verification id: the generation of the code key, then 160 bits',
} as const satisfies Record<keyof typeof fields, string>;

export const securityHeaderWords = {
  'cache-control': 'answers are nobody else’s',
  'content-security-policy': 'an answer is never a page',
  'x-frame-options': 'nor part of one',
  'referrer-policy': 'ids do not travel in a referrer',
  'strict-transport-security': 'HTTPS only, for two years',
  'x-content-type-options': 'no guessing of types',
} as const satisfies Record<keyof typeof securityHeaders, string>;
