import type { Deployment } from '../../../lambdas/bursts/findings/commands.ts';

/** The deployment that findings of the tests speak of. */
export const sampleDeployment: Deployment = { stackName: 'OtpService', runbookUrl: 'https://example.com/runbook' };
