import { type MetricName, type OperatorProblemCode, type ProblemCode, problems } from '../contract.ts';
import type { AnswerFacts } from '../telemetry.ts';

/** The answer of a route, before it is rendered. */
export type Reply = {
  readonly status: number;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Path under the endpoint. The handler renders it as `Location`, an absolute URL. */
  readonly location?: string;
  readonly code?: ProblemCode | OperatorProblemCode;
  readonly facts?: AnswerFacts;
  readonly metrics?: readonly MetricName[];
};

type Problem = { readonly detail: string } & Partial<Omit<Reply, 'code' | 'body' | 'status'>> & {
    readonly extra?: Readonly<Record<string, unknown>>;
  };

/** An answer that is not a success (RFC 9457). The handler adds `type` and `requestId`. */
export const problem = (code: ProblemCode, { detail, extra, ...rest }: Problem): Reply => ({
  ...rest,
  status: problems[code].status,
  code,
  contentType: 'application/problem+json',
  body: { title: problems[code].title, status: problems[code].status, detail, code, ...extra },
});

/** Thrown while a request is read, before a flow has begun. */
export class Refused extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(`Refused: ${reply.code ?? reply.status}`);
    this.name = 'Refused';
    this.reply = reply;
  }
}
