import ipaddr from 'ipaddr.js';

/** Top-level names that no public resolver knows, and that a network may give a meaning of its own. */
const privateNames = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home', 'corp', 'arpa', 'onion'];

/**
 * Whether a URL may be called at all, before its host is looked up: https, port 443, a name with a dot, no credentials. A URL
 * writes each spelling of an IPv4 as four numbers, so that hexadecimal and octal ones are found as well.
 */
export const isPublicUrl = ({ protocol, port, username, password, hostname }: URL): boolean => {
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false;
  const labels = hostname.split('.');
  // A name that ends with a dot is the same to a resolver, and not to a certificate.
  if (labels.length < 2 || labels.includes('')) return false;
  const isLiteral = hostname.startsWith('[') || ipaddr.isValid(hostname);
  return !isLiteral && !privateNames.includes(labels.at(-1) ?? '');
};
