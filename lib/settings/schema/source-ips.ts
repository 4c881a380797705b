/** The ranges of IPs from which a back end calls. */

import ipaddr from 'ipaddr.js';
import * as v from 'valibot';
import { ipRangesNotPublic } from '../../../lambdas/contract.ts';
import { refused } from './values.ts';

const example = '["203.0.113.7/32", "2001:db8:42::/48"]';
const sourceIpsAllowed = `IPs of the back end: a list of ranges (CIDR), each once, for example ${example}. A single IPv4 ends in /32, a single IPv6 in /128.`;

/** A wider range would be that of a whole provider, and most of the world shares such ranges. */
const minBits = { ipv4: 8, ipv6: 32 } as const;

/** IPv6 that stands for an IPv4, under which no connection arrives. */
const translated: ReadonlySet<string> = new Set(['ipv4Mapped', 'rfc6052', 'rfc6145']);

type Judged = { readonly kind: 'fine' } | { readonly kind: 'wrong'; readonly sentence: string };
const wrong = (sentence: string): Judged => ({ kind: 'wrong', sentence });

const judge = (text: string): Judged => {
  const [ip = '', bits = '', ...rest] = text.split('/');
  const isWritten = ip.includes(':') ? ipaddr.IPv6.isValid(ip) : ipaddr.IPv4.isValidFourPartDecimal(ip);
  if (!isWritten || ip.includes('%') || rest.length > 0) return wrong(sourceIpsAllowed);
  const parsed = ipaddr.parse(ip);
  const family = parsed.kind();
  const allBits = family === 'ipv4' ? 32 : 128;
  if (bits === '') return wrong(`Write the length of the range behind the IP, for example ${ip}/${allBits}.`);
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > allBits) return wrong(sourceIpsAllowed);
  if (Number(bits) < minBits[family])
    return wrong(
      `The range is too wide: anyone could be in it. Write the IPs of your own servers, /${minBits[family]} at the widest, for example ${example}.`,
    );
  const range = parsed.range();
  if (translated.has(range)) return wrong('This IPv6 stands for an IPv4. Write the IPv4, for example 203.0.113.7/32.');
  // API Gateway sees the public side of a connection.
  if (ipRangesNotPublic.has(range))
    return wrong(
      `API Gateway sees public IPs, and nobody calls from this one. Write the public IP of your NAT gateway or server, for example ${example}.`,
    );
  const network = networkOf(family, text);
  return network === parsed.toString()
    ? { kind: 'fine' }
    : wrong(`The IP is inside of its range. Write the range as ${network}/${bits}.`);
};

const networkOf = (family: 'ipv4' | 'ipv6', range: string): string =>
  (family === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6).networkAddressFromCIDR(range).toString();

const sourceIp = v.pipe(
  v.string(refused(sourceIpsAllowed)),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const judged = judge(dataset.value);
    if (judged.kind === 'wrong') addIssue({ message: refused(judged.sentence)({ input: dataset.value }) });
  }),
);

export const sourceIpList = v.pipe(
  v.array(sourceIp, refused(sourceIpsAllowed)),
  v.minLength(1, refused(sourceIpsAllowed)),
  v.check((list) => new Set(list).size === list.length, refused(sourceIpsAllowed)),
);
