import type { TestProject } from 'vitest/node';
import type { SettingsInput } from '../../lib/settings/settings.ts';
import { buildStack, synthesize } from '../lib/template/synthesized.ts';
import { asking, localWebhook, porting, variants, webhookSettings } from '../lib/template/variants.ts';
import { type Template, templateOf } from './deployed.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    template: Template;
    /** With a second generation of the code key. */
    rotatedTemplate: Template;
    /** With X-Ray on. */
    tracedTemplate: Template;
    /** Sealed hourly, with proofs under RS256. */
    hourlyTemplate: Template;
    /** With a webhook. */
    webhookTemplate: Template;
    /** With the webhook of local mode, which gets all events. */
    deliveryTemplate: Template;
    /** With a provider that is asked about SIMs. */
    askingTemplate: Template;
    /** With routes of each sender. */
    routedTemplate: Template;
    /** With purposes that mind porting notices, and no provider. */
    noticesTemplate: Template;
  }
}

const synthesized = (settings: Partial<SettingsInput>): Template => templateOf(synthesize(buildStack(settings).stack));

/** Synthesizes once for all files, which then do without CDK: it takes longer to load than they to run. */
export default (project: TestProject) => {
  project.provide('template', synthesized({}));
  project.provide('rotatedTemplate', synthesized({ codeKeyGenerations: ['a', 'b'] }));
  project.provide('tracedTemplate', synthesized({ tracing: true }));
  project.provide('routedTemplate', synthesized(variants['senders of each kind'] ?? {}));
  project.provide('noticesTemplate', synthesized(porting));
  project.provide('webhookTemplate', synthesized(webhookSettings));
  project.provide('deliveryTemplate', synthesized(localWebhook));
  project.provide('askingTemplate', synthesized(asking));
  project.provide('hourlyTemplate', synthesized({ sealing: 'hourly', proofs: { algorithm: 'RS256' } }));
};
