import { SignatureV4 } from '@smithy/signature-v4';
import { usage } from '../exits.ts';
import type { Line } from './api.ts';
import { explainAws } from './aws-errors.ts';
import { isThisMachine, urlOf } from './local.ts';
import type { DeployedStack } from './stack.ts';

type Choice = {
  /** In place of the one that the stack tells. */
  readonly endpoint: string | undefined;
  /** For one answer. */
  readonly patienceMs: number;
};

/** Numbers go there: by TLS, or to this machine. */
const checkedEndpoint = (written: string): string => {
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (
    url !== undefined &&
    (url.protocol === 'https:' || isThisMachine(url)) &&
    url.username === '' &&
    url.search === ''
  )
    return `${url.origin}${url.pathname}`;
  throw usage('Write --endpoint as the output OperatorEndpoint of the stack has it, with https://.');
};

/** The API of a deployed stack: each request is signed with the credentials of the person (AWS Signature Version 4). */
export const signedLine = async (stack: DeployedStack, { endpoint, patienceMs }: Choice): Promise<Line> => {
  const base = checkedEndpoint(endpoint ?? (await stack.output('OperatorEndpoint'))).replace(/\/+$/, '');
  const { credentials, sha256 } = stack.client.config;
  const signer = new SignatureV4({ service: 'execute-api', region: stack.region, credentials, sha256 });
  return {
    where: base,
    fetch: async ({ method, path, query, body }) => {
      const url = new URL(urlOf(base, path, query));
      const request = {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port === '' ? {} : { port: Number(url.port) }),
        path: url.pathname,
        query: { ...query },
        headers: { host: url.host, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        ...(body === undefined ? {} : { body }),
      };
      const { headers } = await stack.ask('the credentials', () => signer.sign(request));
      // fetch sets Host itself.
      const { host: _, ...sent } = headers;
      const signal = AbortSignal.timeout(patienceMs);
      return fetch(url, { method, headers: sent, ...(body === undefined ? {} : { body }), redirect: 'error', signal });
    },
    noConnection: (cause) =>
      explainAws(rootOf(cause), { action: 'the API', stack: stack.name, region: stack.region }).message,
  };
};

/** `fetch` wraps the error of the socket. */
const rootOf = (cause: unknown): unknown => (cause instanceof Error && cause.cause !== undefined ? cause.cause : cause);
