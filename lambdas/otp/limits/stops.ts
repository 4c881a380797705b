/** What a stop holds: all SMS, those of one application, or those to one country. */
export type StopWhat =
  | { readonly kind: 'all' }
  | { readonly kind: 'application'; readonly application: string }
  | { readonly kind: 'country'; readonly country: string };

/**
 * Staff have stopped sending. A stop is no block: it spares nobody, does not expire, and holds until staff resume. Codes that
 * are out stay good.
 */
export type Stop = {
  readonly what: StopWhat;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** Who stopped it, such as the ARN of a principal. */
  readonly by: string;
  readonly reason: string;
  /** The item of the stops cannot be read as one: that counts as a stop of everything. */
  readonly isUnreadable?: true;
};

export type StopFacts = { readonly stops: readonly Stop[] };

/** In place of what cannot be read. Only staff can tell what it was to stop, so it stops everything. */
export const unreadableStop: Stop = {
  what: { kind: 'all' },
  atMs: 0,
  by: 'unknown',
  reason: 'The item of the stops cannot be read.',
  isUnreadable: true,
};

/** How long to tell a caller to wait, in seconds. A stop has no end that anybody knows. */
const retryAfterSeconds = 300;

/** A send that a stop refuses, as its caller sees it. */
export type StopHit = {
  readonly kind: 'stopped';
  /** For the log. It names no application and no country. */
  readonly limit: `stop-${StopWhat['kind'] | 'unreadable'}`;
  readonly retryAfterSeconds: number;
};

/** The stop that holds for a send. Of several, the widest is named, and one that cannot be read before all others. */
export const stopFor = (stops: readonly Stop[], application: string, country: string): Stop | undefined => {
  const holding = stops.filter(({ what }) => {
    if (what.kind === 'application') return what.application === application;
    return what.kind === 'all' || what.country === country;
  });
  return (
    holding.find(({ isUnreadable }) => isUnreadable) ?? holding.find(({ what }) => what.kind === 'all') ?? holding[0]
  );
};

/** The refusal of a send by a stop, if one holds for it. Nothing is counted, and nothing is noted for the stream (ADR 85). */
export const stopHitOf = (
  { stops }: StopFacts,
  { application, country }: { readonly application: string; readonly country: string },
): StopHit | undefined => {
  const stop = stopFor(stops, application, country);
  if (stop === undefined) return undefined;
  return {
    kind: 'stopped',
    limit: stop.isUnreadable ? 'stop-unreadable' : `stop-${stop.what.kind}`,
    retryAfterSeconds,
  };
};
