import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import settings from '../../bin/settings.ts';
import { bundle } from '../../bundle/bundle.ts';
import { parseSettings, policyOf, type SettingsInput } from '../../lib/settings/settings.ts';
import { roomySettings } from '../fakes/settings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Without limits that tests, which send a lot from one IP, would run into. */
    bundles: string;
    /** With all limits, small caps for GB, a test number, firm rules for IPs, and a back end beside the public application. */
    strictBundles: string;
  }
}

/** Bundles the functions once, as they are deployed, for all tests that run the whole product. */
export default async (project: TestProject) => {
  const out = await mkdtemp(join(tmpdir(), 'otp-bundles-'));
  const make = async (name: 'bundles' | 'strictBundles', more: Partial<SettingsInput>) => {
    const folder = join(out, name);
    await bundle({ out: folder, policy: policyOf(parseSettings({ ...settings, ...more })) });
    project.provide(name, folder);
  };
  await make('bundles', roomySettings);
  await make('strictBundles', {
    applications: {
      default: { kind: 'public', origins: ['https://app.example.com'] },
      'back-end': { kind: 'back-end' },
      shop: { kind: 'back-end', sourceIps: ['198.51.100.0/24', '2001:db8:42::/48'] },
      ios: { kind: 'public', origins: ['https://ios.example.com'] },
    },
    countries: { ...settings.countries, GB: { priceUsd: 0.05, caps: { hourUsd: 0.2, dayUsd: 1 } } },
    // So that one may fail, and another take the message.
    smsRoutes: [{}, { region: 'eu-west-1' }],
    // Every burst is grave, and a trickle is none: what is sent here is hardly ever typed in.
    bursts: { criticalUsdPerHour: 0.01 },
    lowVolume: { unverifiedSendsPerDay: 1000 },
    testNumbers: [{ number: '+12025550123', code: '271828', expires: nextYear(), uses: 3 }],
  });
  return () => rm(out, { recursive: true });
};

const nextYear = (): string => new Date(Date.now() + 300 * 86_400_000).toISOString().slice(0, 10);
