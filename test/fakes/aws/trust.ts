import { getCACertificates, setDefaultCACertificates } from 'node:tls';

/**
 * Makes all connections of this process believe a certificate, beside the usual ones. The rest of their checks stays.
 *
 * @returns what ends it.
 */
export const trust = (cert: string): (() => void) => {
  const before = getCACertificates('default');
  setDefaultCACertificates([...before, cert]);
  return () => setDefaultCACertificates(before);
};
