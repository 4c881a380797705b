/** The page for coding agents, in the form of https://llmstxt.org: the routes and rules in one short text. */

import { problems, type Route, routes } from '../../../lambdas/contract.ts';
import { problemWords, routeWords } from '../api-words.ts';
import { problemsOf } from './answers.ts';
import { routeExamples } from './examples.ts';
import { plain } from './words.ts';

const routeLines = (route: Route): readonly string[] => {
  const { title } = routeWords[route.function];
  const [request] = Object.values(routeExamples[route.function].requests);
  const [answer] = Object.values(routeExamples[route.function].answers);
  const own = problemsOf(route).filter(({ code }) => problemWords[code].from.some((name) => name === route.function));
  return [
    `- \`${route.method} ${route.path}\`: ${title}.`,
    ...(request === undefined ? [] : [`  - Body: \`${JSON.stringify(request)}\``]),
    ...(answer === undefined ? [] : [`  - Answer: \`${JSON.stringify(answer)}\``]),
    `  - Problems: ${own.map(({ status, code }) => `${status} \`${code}\``).join(', ')}`,
  ];
};

const advice = [
  'Send `x-api-key`, or the credentials that the setting `access` names. Local mode takes `local`.',
  'Pass on numbers and codes as the person typed them, as strings. A JSON number loses leading zeros.',
  'Send a fresh random UUID as `Idempotency-Key` with each new request, check and resend. Repeat it when an answer was lost.',
  'Program against `code` of a problem. `title` and `detail` may change.',
  'After `409`, `429`, `502` and `503`, wait for the seconds of `Retry-After`. Do not retry other problems.',
  'A wrong code is `200` with `"status": "pending"`. Ask again until `attemptsRemaining` is used up.',
  'Take the number of digits from `codeLength` of the answer.',
  'Treat `id` like a session id. Whoever has it may check codes.',
  'Check the proof in your own back end, and never in the browser. See the section on proofs.',
  'Refuse a proof with `"phone_number_verified": false`, unless you ask for something else as well.',
  'Compare `typ`, `iss`, `aud`, `exp`, `purpose` and the number of the proof. Accept each `jti` once.',
];

/** The page as it has to be. */
export const renderLlms = async (): Promise<string> =>
  `${[
    '# OTP service',
    '> A self-hosted service that sends one-time passcodes by SMS. It answers a right code with a signed proof (a JWT) that your back end checks by itself.',
    'The base URL is the output `Endpoint` of the stack, or `http://127.0.0.1:4000` in local mode (`npm start`).',
    advice.map((each) => `- ${each}`).join('\n'),
    '## Routes',
    routes
      .filter(({ method }) => method !== 'HEAD')
      .flatMap(routeLines)
      .join('\n'),
    '## Problems',
    Object.entries(problemWords)
      .filter(([code]) => routes.some((route) => problemsOf(route).some((each) => each.code === code)))
      .map(([code, { remedy }]) => `- ${problems[code as keyof typeof problems].status} \`${code}\`: ${plain(remedy)}`)
      .join('\n'),
    '## Operators',
    'Security staff call another API, at the output `OperatorEndpoint`, with requests signed by AWS Signature Version 4. Clients do not need it. The routes with the tag `Operators` in the document are that API.',
    '## Documents',
    [
      '- [OpenAPI 3.1](openapi.json): every route, field, answer and problem',
      '- [HTTP API](api.md): credentials, input, limits, and how to check a proof in TypeScript and Python',
      '- [Limits](limits.md): every limit with its default and setting',
      '- [SIM swap](number-risk.md): what a proof says of a swapped SIM, and what a back end does then',
    ].join('\n'),
    '## Optional',
    '- [Deployment](deploy.md): from an AWS account to the first code',
  ].join('\n\n')}\n`;
