/**
 * OpenAuth's code provider with its own pages, and storage in memory. A browser makes three requests until the code is sent,
 * and one with the code, which ends in a signed token. The state of a login is in encrypted cookies, which are the id here.
 *
 * https://openauth.js.org/docs/provider/code
 */

import { issuer } from '@openauthjs/openauth';
import { CodeProvider } from '@openauthjs/openauth/provider/code';
import { MemoryStorage } from '@openauthjs/openauth/storage/memory';
import { createSubjects } from '@openauthjs/openauth/subject';
import { CodeUI } from '@openauthjs/openauth/ui/code';
import { checked, outbox, type PeerAnswer, type PeerEvent, sent, unlessFailed } from './peer.ts';

const codes = outbox();
const origin = 'https://auth.example.com';

type Properties = { readonly phoneNumber: string };

/** Takes every value: https://standardschema.dev */
const anything = {
  '~standard': { version: 1, vendor: 'bench', validate: (value: unknown) => ({ value: value as Properties }) },
} as const;

const app = issuer({
  subjects: createSubjects({ user: anything }),
  storage: MemoryStorage(),
  providers: {
    code: CodeProvider(CodeUI({ mode: 'phone', sendCode: async ({ phone = '' }, code) => codes.keep(phone, code) })),
  },
  success: async (context, { claims }) => context.subject('user', { phoneNumber: claims['phone'] ?? '' }),
});

/** A browser, as far as a login needs one: it keeps the cookies. */
const browser = (cookies: Map<string, string>) => async (path: string, form?: Readonly<Record<string, string>>) => {
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const posted = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form) };
  const request = new Request(`${origin}${path}`, { ...posted, headers: { cookie } });
  const response = await unlessFailed(await app.fetch(request));
  for (const line of response.headers.getSetCookie()) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '') cookies.delete(name);
    else cookies.set(name, value);
  }
  await response.text();
  return response;
};

const authorize = `/authorize?${new URLSearchParams({
  provider: 'code',
  client_id: 'bench',
  response_type: 'token',
  redirect_uri: 'https://app.example.com/callback',
})}`;

export const handler = async (event: PeerEvent): Promise<PeerAnswer> => {
  if (event.flow === 'send') {
    const cookies = new Map<string, string>();
    const go = browser(cookies);
    await go(authorize);
    await go('/code/authorize');
    await go('/code/authorize', { action: 'request', phone: event.phoneNumber });
    return sent(JSON.stringify([...cookies]), codes.take(event.phoneNumber));
  }
  const go = browser(new Map<string, string>(JSON.parse(event.id)));
  const response = await go('/code/authorize', { action: 'verify', code: event.code });
  return checked(response.headers.get('location')?.includes('#access_token=') === true);
};
