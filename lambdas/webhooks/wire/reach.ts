import { Resolver } from 'node:dns/promises';
import { request } from 'node:https';
import { isPublicUrl } from '../host.ts';
import { isPublicIp } from '../public-ip.ts';
import type { Address, Reach } from './post.ts';

/** Questions of a resolver, which end when it is canceled. */
export type Names = Pick<Resolver, 'resolve4' | 'resolve6' | 'cancel'>;

/** The wait for addresses of the other family, in milliseconds. Some name servers never answer for IPv6. */
const otherFamilyMs = 1000;

/**
 * Looks a host up anew for each call, at the name servers themselves: by the resolver of the system, four slow names would hold up
 * those of all others. Every address must be public, whichever of them would be used.
 */
export const publicReach =
  (resolver: () => Names): Reach['addressesOf'] =>
  async (url, signal) => {
    if (!isPublicUrl(url)) return 'address';
    const names = resolver();
    const cancel = () => names.cancel();
    signal.addEventListener('abort', cancel, { once: true });
    let timer: NodeJS.Timeout | undefined;
    const found = (ips: readonly string[]): readonly string[] => {
      timer ??= setTimeout(cancel, otherFamilyMs);
      return ips;
    };
    const [ipv4, ipv6] = await Promise.all([
      names.resolve4(url.hostname).then(found, () => []),
      names.resolve6(url.hostname).then(found, () => []),
    ]);
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
    const addresses: readonly Address[] = [
      ...ipv4.map((address) => ({ address, family: 4 }) as const),
      ...ipv6.map((address) => ({ address, family: 6 }) as const),
    ];
    if (addresses.length === 0) return 'dns';
    return addresses.every(({ address }) => isPublicIp(address)) ? addresses : 'address';
  };

/** Deployed, deliveries go by https to public addresses. The bundler of local mode puts `loopback.ts` in place of this file. */
export const reach: Reach = {
  addressesOf: publicReach(() => new Resolver({ timeout: 1500, tries: 2 })),
  request,
};
