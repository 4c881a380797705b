import { type OperatorRole, operatorRoutes } from '../../../lambdas/contract.ts';
import { DeskError, exits } from '../exits.ts';
import { fieldsOf, listOf, textOf } from '../print/json.ts';

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** A request as it goes out, before anybody signs it. */
export type Ask = {
  readonly method: Method;
  /** Behind the base URL. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string | undefined;
};

/** Sends requests of operators to one place. */
export type Line = {
  /** For people. */
  readonly where: string;
  readonly fetch: (ask: Ask) => Promise<Response>;
  /** @returns the sentence for a connection that failed. */
  readonly noConnection: (cause: unknown) => string;
};

export type Api = {
  /**
   * @returns the JSON of the answer; `undefined` if there is none.
   * @throws DeskError with a sentence, for everything that is no success.
   */
  readonly send: (
    method: Method,
    path: string,
    more?: { readonly query?: Readonly<Record<string, string | undefined>>; readonly body?: unknown },
  ) => Promise<unknown>;
};

/** Bytes. An answer of the API has 10 MB at most. */
const maxAnswer = 16 * 1024 * 1024;

const notOurs = (where: string): string =>
  `The answer from ${where} is none of the API of operators. Check the name of the stack, or the URL behind --local.`;

export const apiOf = (line: Line): Api => ({
  send: async (method, path, { query = {}, body } = {}) => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const ask = {
      method,
      path,
      query: Object.fromEntries(given),
      body: body === undefined ? undefined : JSON.stringify(body),
    };
    const { response, text } = await answerOf(line, ask);
    const answer =
      text === '' ? undefined : parsedOr(text, () => new DeskError(notOurs(line.where), exits.unreachable));
    if (response.ok) return answer;
    throw problemOf(response, answer, { method, path, where: line.where });
  },
});

const answerOf = async (line: Line, ask: Ask): Promise<{ readonly response: Response; readonly text: string }> => {
  try {
    const response = await line.fetch(ask);
    const text = await response.text();
    if (text.length > maxAnswer) throw new DeskError(notOurs(line.where), exits.unreachable);
    return { response, text };
  } catch (cause) {
    if (cause instanceof DeskError) throw cause;
    throw new DeskError(line.noConnection(cause), exits.unreachable, { cause });
  }
};

const parsedOr = (text: string, error: () => Error): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw error();
  }
};

const roleNames: Readonly<Record<OperatorRole, string>> = {
  analyst: 'analyst (output SecurityAnalystPolicyArn)',
  auditor: 'auditor (output AuditorPolicyArn)',
  'privacy-officer': 'privacy officer (output PrivacyOfficerPolicyArn)',
};

/** The roles that may call a route, in words. */
const rolesOf = (method: Method, path: string): string => {
  const parts = path.split('/');
  const route = operatorRoutes.find(
    (each) =>
      each.method === method &&
      each.path.split('/').length === parts.length &&
      each.path.split('/').every((part, at) => part.startsWith('{') || part === parts[at]),
  );
  return (route?.roles ?? []).map((role) => roleNames[role]).join(' or ');
};

type Asked = { readonly method: Method; readonly path: string; readonly where: string };

const problemOf = (response: Response, problem: unknown, asked: Asked): DeskError => {
  const { detail, code, title } = fieldsOf(problem);
  const fields = fieldErrorsOf(problem);
  // With errors of fields, the detail repeats them with pointers into the JSON.
  const says = fields.length > 0 ? fields : [textOf(detail) || textOf(title) || `The API answered ${response.status}.`];
  const [hint, exit] = hintOf(response, textOf(code), textOf(detail), asked);
  return new DeskError([...says, ...hint].join(' '), exit, { problem });
};

/** Options by the fields that they fill. WHAT needs no name. */
const optionOfField: Readonly<Record<string, string>> = {
  '/reason': '--reason: ',
  '/note': '--note: ',
  '/order': '--order: ',
  '/until': '--until: ',
  '/forMinutes': '--for: ',
  '/allowMinutes': '--allow: ',
  '/expected': '--expected: ',
  '/application': '--application: ',
  '/from': '--from: ',
  '/to': '--to: ',
};

/** Which field is wrong, as the API says it. */
const fieldErrorsOf = (problem: unknown): readonly string[] =>
  listOf(fieldsOf(problem)['errors']).map(
    ({ pointer, detail }) => `${optionOfField[textOf(pointer)] ?? ''}${textOf(detail)}`,
  );

const hintOf = (
  { status, headers }: Response,
  code: string,
  detail: string,
  { method, path, where }: Asked,
): readonly [readonly string[], DeskError['exit']] => {
  if (status === 401 || /expired|signature|security token/i.test(status === 403 ? detail : ''))
    return [['Sign in again (aws sso login), and check the clock of this machine.'], exits.unreachable];
  if (status === 403) {
    const roles = rolesOf(method, path);
    const may = roles === '' ? '' : ` The role of the ${roles} may.`;
    return [
      [`Your role may not do this.${may} If the settings name operatorRoles, yours has to be among them.`],
      exits.failed,
    ];
  }
  if (status === 404 && code === 'not-found')
    return [[`The API at ${where} has no such route. Deploy the version of this otp-desk.`], exits.failed];
  if (status === 429) return [[`Try again in ${textOf(headers.get('retry-after')) || 'a few'} seconds.`], exits.failed];
  return [[], exits.failed];
};
