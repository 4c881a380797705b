import type { providersAt as inUse, reach as reachInUse } from './roots.ts';

/** In place of `roots.ts` in the bundles of local mode: one carrier on this machine plays all providers. */
export const providersAt: typeof inUse = (providers) => {
  if (providers.length === 0) return [];
  const carrier = process.env['LOCAL_CARRIER'];
  if (!carrier) throw new Error('LOCAL_CARRIER is missing: the URL of the carrier that local mode plays.');
  return providers.map((provider) => ({ ...provider, apiRoot: carrier, tokenUrl: `${carrier}/token` }));
};

export const reach: typeof reachInUse = 'this-machine';
