import ipaddr from 'ipaddr.js';
import { ipRangesNotPublic } from '../../contract.ts';
import type { ApplicationKind } from '../../policy.ts';
import type { Parsed } from './typed.ts';

/** The IP of an end user, as a back end names it. `isPublic`: it may tell users apart. */
export type EndUserIp = { readonly ip: string; readonly isPublic: boolean };

const malformed = {
  kind: 'invalid',
  detail:
    'Write the IP of the end user alone, such as "203.0.113.7" or "2001:db8::7": no port, no range, no zone, no list.',
} as const;

/** From here on, IPv4 is reserved (RFC 1112, section 4). */
const firstReservedByte = 240;

/** Accepts IPv4 in four decimal numbers and IPv6. IPv6 that holds an IPv4 of a user is that one. */
export const parseEndUserIp = (text: string): Parsed<EndUserIp> => {
  const ip = text.trim();
  const isWritten = ip.includes(':') ? isPlainIpv6(ip) : ipaddr.IPv4.isValidFourPartDecimal(ip);
  if (!isWritten) return malformed;
  const parsed = withoutTranslation(ipaddr.process(ip));
  const [firstByte = 0] = parsed.toByteArray();
  const isReserved = parsed.kind() === 'ipv4' && firstByte >= firstReservedByte;
  return {
    kind: 'parsed',
    value: { ip: parsed.toString(), isPublic: !isReserved && !ipRangesNotPublic.has(parsed.range()) },
  };
};

/** A zone names an interface of one machine. Leading zeros in an embedded IPv4 are octal to some readers. */
const isPlainIpv6 = (ip: string): boolean => {
  const tail = ip.slice(ip.lastIndexOf(':') + 1);
  const isTailPlain = !tail.includes('.') || ipaddr.IPv4.isValidFourPartDecimal(tail);
  return !ip.includes('%') && isTailPlain && ipaddr.IPv6.isValid(ip);
};

/** Behind NAT64 (RFC 6052), all users of IPv4 would be in one /64. */
const withoutTranslation = (parsed: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 =>
  parsed.range() === 'rfc6052' ? new ipaddr.IPv4(parsed.toByteArray().slice(12)) : parsed;

/** Whose IP a request counts for. `sharedIp`: that of a back end, for all of its users. */
export type Sender =
  | { readonly kind: 'end-user'; readonly ip: string }
  | { readonly kind: 'shared'; readonly ip: string; readonly because: 'missing' | 'private' }
  | { readonly kind: 'not-accepted' };

/** A public application's own IP is that of its end user, and no other is believed. A back end's own says nothing of one. */
export const senderOf = (applicationKind: ApplicationKind, ownIp: string, endUser: EndUserIp | undefined): Sender => {
  if (applicationKind === 'public') {
    return endUser === undefined ? { kind: 'end-user', ip: ownIp } : { kind: 'not-accepted' };
  }
  if (endUser === undefined) return { kind: 'shared', ip: ownIp, because: 'missing' };
  return endUser.isPublic ? { kind: 'end-user', ip: endUser.ip } : { kind: 'shared', ip: ownIp, because: 'private' };
};
