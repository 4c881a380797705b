import ipaddr from 'ipaddr.js';

/**
 * Global unicast addresses begin with these three bits (RFC 4291, section 2.4). Outside are loopback, unique local and link-local
 * addresses, and every form that holds an IPv4 but 6to4 and Teredo, which ipaddr.js names.
 */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP is of the internet, and of no special purpose (IANA's registries). The metadata of AWS are at link-local and
 * unique local addresses. An IP that cannot be read is not public.
 *
 * @param ip as a resolver writes it.
 */
export const isPublicIp = (ip: string): boolean => {
  if (!ipaddr.isValid(ip) || ip.includes('%')) return false;
  const parsed = ipaddr.parse(ip);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv4 ? ipaddr.IPv4.isValidFourPartDecimal(ip) : parsed.match(globalUnicast);
};
