/** The applications of the settings: whose credentials, from which IPs, and for pages of which origins. */

import { BlockList, isIP } from 'node:net';
import { browserOriginsOf, type Policy } from '../policy.ts';

export type Applications = {
  /** Names the application of a credential, if it has one. */
  readonly nameOf: (credential: string) => string | undefined;
  /** The origins whose pages may read answers to an application; without a name, answers to credentials of none. */
  readonly originsOf: (name: string | undefined) => readonly string[];
  /** Whether the credentials of an application are good from an IP. */
  readonly takesFrom: (name: string, ip: string) => boolean;
  /** Whether the deployment has more than one. */
  readonly areSeveral: boolean;
};

/** Any credential that the gateway lets in is this application's. */
const anyCredential = '*';

/** @param credentials of each application: those that the stack made, or that the settings name. */
export const applicationsOf = (
  credentials: Readonly<Record<string, readonly string[]>>,
  policy: Pick<Policy, 'origins' | 'applications'>,
): Applications => {
  const names = new Map(Object.entries(credentials).flatMap(([name, own]) => own.map((each) => [each, name] as const)));
  const sources = new Map(
    Object.entries(policy.applications).flatMap(([name, { sourceIps }]) =>
      sourceIps === undefined ? [] : [[name, rangesOf(sourceIps)] as const],
    ),
  );
  return {
    nameOf: (credential) => names.get(credential) ?? names.get(anyCredential),
    originsOf: (name) => browserOriginsOf(policy, name === undefined ? undefined : [name]),
    takesFrom: (name, ip) => {
      const ranges = sources.get(name);
      return ranges === undefined || (isIP(ip) !== 0 && ranges.check(ip, familyOf(ip)));
    },
    areSeveral: Object.keys(credentials).length > 1,
  };
};

const rangesOf = (sourceIps: readonly string[]): BlockList => {
  const ranges = new BlockList();
  for (const range of sourceIps) {
    const [ip = '', bits] = range.split('/');
    ranges.addSubnet(ip, Number(bits), familyOf(ip));
  }
  return ranges;
};

const familyOf = (ip: string): 'ipv4' | 'ipv6' => (isIP(ip) === 6 ? 'ipv6' : 'ipv4');

/** A route without credentials needs no application, and any page may read its answers. */
export const noApplications: Applications = {
  nameOf: () => '',
  originsOf: () => ['*'],
  takesFrom: () => true,
  areSeveral: false,
};
