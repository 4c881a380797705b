/** What a send concerns, for limits, blocks and detector: keyed hashes and groups, never a number. */
export type Subject = {
  readonly phoneKey: string;
  readonly range: string;
  readonly prefix: string;
  readonly country: string;
  /** Keyed hash of the end user's IP. */
  readonly ip: string;
  /** Keyed hash of its network: IPv4 by /24, IPv6 by /48. */
  readonly network: string;
  readonly application: string;
  /** The IP is that of a back end, which named no end user's: all of its users share it, and it says nothing of them. */
  readonly sharedIp?: true | undefined;
};

/** The subject of a record, without the rest of it. */
export const subjectOf = ({
  phoneKey,
  range,
  prefix,
  country,
  ip,
  network,
  application,
  sharedIp,
}: Subject): Subject => ({
  phoneKey,
  range,
  prefix,
  country,
  ip,
  network,
  application,
  ...(sharedIp ? { sharedIp } : {}),
});
