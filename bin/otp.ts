import { join } from 'node:path';
import { Annotations, App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { isForEmulator } from '../lib/emulator.ts';
import { OtpStack } from '../lib/otp-stack.ts';
import { parseSettings } from '../lib/settings/settings.ts';
import rawSettings from './settings.ts';

const bundle = join(import.meta.dirname, '..', 'bundle', 'bundle.ts');
const bundles = join(import.meta.dirname, '..', 'build', 'stack');

const app = new App();
const emulator = isForEmulator(app);
// Without the variable the CLI deploys to AWS, which would accept this template.
if (emulator && !process.env['AWS_ENDPOINT_URL'])
  throw new Error(
    'With -c emulator=true the firewall protects nothing. Set AWS_ENDPOINT_URL to your emulator, for example http://localhost:4566, or leave the context out.',
  );

// A violation without a reason at its resource fails the synthesis.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const settings = parseSettings(rawSettings);
const stack = new OtpStack(app, settings.stackName, {
  settings,
  emulator,
  codeOf: (name) =>
    Code.fromCustomCommand(join(bundles, name), [process.execPath, bundle, '--out', bundles, '--function', name]),
});
if (emulator)
  Annotations.of(stack).addWarningV2('otp:emulator', 'The firewall protects nothing. Do not deploy this to AWS.');
