/** The permissions of look-ups of SIMs. */

import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Settings } from '../../settings/settings.ts';
import type { Grantee } from './allow.ts';

/** Reads the private key of each provider, by its whole ARN. */
export const grantProviderSecrets = (role: Grantee, { numberRisk }: Pick<Settings, 'numberRisk'>): void => {
  if (numberRisk === undefined || numberRisk.providers.length === 0) return;
  role.addToPrincipalPolicy(
    new PolicyStatement({
      sid: 'ReadProviderSecrets',
      actions: ['secretsmanager:GetSecretValue'],
      resources: [...new Set(numberRisk.providers.map(({ secret }) => secret))],
    }),
  );
};
