import type { NumberRiskPolicy } from '../../policy.ts';
import { secretsClient } from '../sdk-clients.ts';
import { secretReader } from '../secrets.ts';
import { type CamaraNumberRisk, type CamaraPorts, camaraNumberRisk } from './camara.ts';
import { providersAt, reach } from './roots.ts';
import { httpWire } from './wire.ts';

/** Look-ups, if the settings ask for them. The bundler puts `none.ts` in place of this file if they do not. */
export const riskInUse = (
  policy: NumberRiskPolicy | undefined,
  ports: Omit<CamaraPorts, 'secrets' | 'wire'>,
): CamaraNumberRisk | undefined =>
  policy === undefined
    ? undefined
    : camaraNumberRisk(
        { ...policy, providers: providersAt(policy.providers) },
        { ...ports, secrets: secretReader(secretsClient(), ports.now), wire: httpWire(reach) },
      );
