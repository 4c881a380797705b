import { SignatureV4 } from '@smithy/signature-v4';
import type { Answer } from '../../fakes/api-call.ts';
import type { Aws } from '../aws.ts';
import { region } from '../emulator.ts';

export type Request = {
  readonly method: string;
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** What becomes of a request once it is signed. */
export type Tampering = (signed: Required<Request>) => Request;

/** Sends requests that are signed in somebody's name (AWS Signature Version 4), and may be tampered with after that. */
export const signedBy =
  ({ sts }: Aws, service: string, tampering: Tampering = (signed) => signed) =>
  async ({ method, url: written, headers = {}, body = '' }: Request): Promise<Answer> => {
    const { credentials, sha256 } = sts.config;
    const signer = new SignatureV4({ service, region, credentials, sha256 });
    const { protocol, hostname, port, host, pathname: path, searchParams } = new URL(written);
    const query = Object.fromEntries(searchParams);
    const asked = { method, protocol, hostname, port: Number(port), path, query, headers: { ...headers, host } };
    const { headers: signed } = await signer.sign(body === '' ? asked : { ...asked, body });
    // fetch sets Host itself.
    const { host: _, ...given } = signed;
    const sent = tampering({ method, url: written, headers: given, body });
    return await send(sent);
  };

/** Sends a request as it is. */
export const send = async ({ method, url, headers = {}, body = '' }: Request): Promise<Answer> => {
  const response = await fetch(url, { method, headers, ...(body === '' ? {} : { body }) });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text !== '';
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : {} };
};
