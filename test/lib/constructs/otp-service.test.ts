import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { expect, test } from 'vitest';
import { OtpService } from '../../../lib/constructs/otp-service.ts';
import { parseSettings } from '../../../lib/settings/settings.ts';
import { resourcesOf } from '../template/permissions.ts';
import { minimalSettings } from '../template/synthesized.ts';

/** The service beside other things, in the stack of a team. */
const stack = new Stack(new App(), 'TeamStack');
new OtpService(stack, 'Otp', {
  settings: parseSettings(minimalSettings),
  name: 'signup',
  codeOf: () => Code.fromInline('exports.handler = async () => ({ statusCode: 204 });'),
});
const resources = Object.values(resourcesOf(Template.fromStack(stack).toJSON()));
const namesOf = (type: string, property: string) =>
  resources.filter(({ Type }) => Type === type).map(({ Properties }) => String(Properties[property]));

test('every fixed name in the stack of a team begins with the name of the service', () => {
  const logs = namesOf('AWS::Logs::LogGroup', 'LogGroupName');
  expect(logs.length).toBeGreaterThan(5);
  expect(logs.filter((name) => !/^(?:\/signup\/[\w-]+|aws-waf-logs-signup)$/.test(name))).toEqual([]);
  const alarms = namesOf('AWS::CloudWatch::Alarm', 'AlarmName');
  expect(alarms.length).toBeGreaterThan(30);
  expect(alarms.filter((name) => !name.startsWith('signup/'))).toEqual([]);
  expect(namesOf('AWS::ApiGateway::RestApi', 'Name')).toEqual(['signup', 'signup-operators']);
  expect(namesOf('AWS::CloudWatch::Dashboard', 'DashboardName')).toEqual(['signup']);
});
