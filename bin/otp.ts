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

const settings = parseSettings(rawSettings);
const app = new App();
// A violation without a reason at its resource fails the synthesis.
Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
const emulator = isForEmulator(app);
const stack = new OtpStack(app, settings.stackName, {
  settings,
  emulator,
  codeOf: (name) =>
    Code.fromCustomCommand(join(bundles, name), [process.execPath, bundle, '--out', bundles, '--function', name]),
});
// AWS would accept this template, and without the variable the CLI deploys to AWS.
if (emulator && !process.env['AWS_ENDPOINT_URL'])
  throw new Error(
    'With -c emulator=true the firewall protects nothing. Set AWS_ENDPOINT_URL to your emulator, such as http://localhost:4566, or leave the context out.',
  );
if (emulator)
  Annotations.of(stack).addWarningV2('otp:emulator', 'The firewall protects nothing. Do not deploy this to AWS.');
