import { anyOrigin, gatewayProblems, type ProblemCode, problems, securityHeaders } from '../../lambdas/contract.ts';
import { asRecord } from '../aws/json.ts';

/** An answer to write. */
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
};

export type GatewayProblem = keyof typeof gatewayProblems;

/** The answer that API Gateway gives by itself, as the stack shapes it. */
export const gatewayAnswer = (
  kind: GatewayProblem,
  { requestId, endpoint, detail }: { requestId: string; endpoint: string; detail?: string },
): Answer => {
  const { code, detail: usual } = gatewayProblems[kind];
  const answer = problemAnswer(code, { requestId, endpoint, detail: detail ?? usual });
  return { ...answer, headers: { ...answer.headers, ...anyOrigin } };
};

/**
 * The answer to a path outside of the stage. The stack's error responses belong to its stage, so that API Gateway answers
 * in a form of its own.
 */
export const outsideStage = (requestId: string): Answer => ({
  status: 403,
  headers: {
    'content-type': 'application/json',
    'x-amzn-errortype': 'ForbiddenException',
    'x-amzn-requestid': requestId,
  },
  body: JSON.stringify({ message: 'Forbidden' }),
});

/** An RFC 9457 problem of the contract. */
export const problemAnswer = (
  code: ProblemCode,
  { requestId, endpoint, detail }: { requestId: string; endpoint: string; detail: string },
): Answer => {
  const { status, title } = problems[code];
  return {
    status,
    headers: {
      ...securityHeaders,
      'content-type': 'application/problem+json',
      'x-request-id': requestId,
      ...hint(status),
    },
    body: JSON.stringify({ type: `${endpoint}/problems/${code}`, title, status, detail, code, requestId }),
  };
};

// RFC 9110: 401 names a scheme (11.6.1); 429 and 503 may say when to come back (10.2.3), and here they always do.
const hint = (status: number): Record<string, string> => {
  if (status === 401) return { 'www-authenticate': 'ApiKey realm="otp"' };
  if (status === 429) return { 'retry-after': '1' };
  if (status === 503) return { 'retry-after': '5' };
  return {};
};

export const jsonAnswer = (value: unknown, status = 200): Answer => ({
  status,
  headers: { ...securityHeaders, 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** The code of a problem; `undefined` for any other answer. */
export const problemCodeOf = ({ headers, body, status }: Answer): string | undefined => {
  if (status < 400 || headers['content-type'] !== 'application/problem+json') return undefined;
  try {
    const { code } = asRecord(JSON.parse(body.toString()));
    return typeof code === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
};
