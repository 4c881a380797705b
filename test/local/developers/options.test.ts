import { describe, expect, test } from 'vitest';
import { help, readOptions } from '../../../local/options.ts';

const read = (args: readonly string[], environment: Record<string, string> = {}) =>
  readOptions(args, environment, '/here');

describe('the command line of npm start', () => {
  test('npm start takes every switch at once', () => {
    const args = [
      '--port',
      '0',
      '--base-path',
      '/otp',
      '--settings',
      '/a/my.ts',
      '--allow-all-countries',
      '--no-limits',
    ];
    const numbers = ['--test-number', '+12025550123=123456', '--test-number=+12025550100-+12025550119=654321'];
    expect(read([...args, ...numbers])).toEqual({
      port: 0,
      stage: 'otp',
      apiKey: 'local',
      settings: '/a/my.ts',
      allCountries: true,
      testNumbers: [
        { from: '+12025550123', to: '+12025550123', code: '123456' },
        { from: '+12025550100', to: '+12025550119', code: '654321' },
      ],
      limits: false,
    });
  });

  test('npm start has the deployed settings and all limits if nothing is asked for', () => {
    expect(read([])).toMatchObject({
      port: 4000,
      settings: undefined,
      allCountries: false,
      testNumbers: [],
      limits: true,
    });
  });

  test('npm start finds a relative path of settings where the person stands, as npm says it', () => {
    const fromNpm = { INIT_CWD: '/person', npm_lifecycle_event: 'start' };
    expect(read(['--settings', 'my.ts'], fromNpm)).toMatchObject({ settings: '/person/my.ts' });
    // Started by a script of another name, the variable is of somebody else.
    for (const environment of [{}, { INIT_CWD: '/person' }, { INIT_CWD: '/person', npm_lifecycle_event: 'test' }])
      expect(read(['--settings', 'my.ts'], environment)).toMatchObject({ settings: '/here/my.ts' });
  });

  test.each([
    [['--limits'], /^Unknown argument: --limits\. Use --port, .*--no-limits/],
    [['-x'], /^Unknown argument: -x\./],
    [['settings.ts'], /^Unknown argument: settings\.ts\./],
    [['--no-port'], /^Unknown argument: --no-port\./],
    [['--toString'], /^Unknown argument: --toString\./],
    [['--settings'], /^--settings needs a value, for example npm start -- --settings my-settings\.ts\.$/],
    [['--settings', '--no-limits'], /^--settings needs a value/],
    [['--settings='], /^--settings needs a value/],
    [['--test-number'], /^--test-number needs a value/],
    [['--no-limits=true'], /^--no-limits takes no value\. Write it alone/],
    [['--allow-all-countries=IN'], /^--allow-all-countries takes no value/],
    [['--no-limits', '--no-limits'], /^--no-limits stands there twice/],
    [['--port', '1', '--port', '2'], /^--port stands there twice/],
    [['--settings', 'a.ts', '--settings', 'b.ts'], /^--settings stands there twice/],
  ])('npm start refuses %j, and says what to write', (args, sentence) => {
    expect(() => read(args)).toThrow(sentence);
  });

  test.each([
    '12025550123=123456',
    '+12025550123',
    '+12025550123=',
    '+12025550123=12a456',
    '+1202=123456',
    '+12025550100-+12025550119',
    '+12025550123=123456=1',
  ])('npm start refuses --test-number %s with an example', (written) => {
    expect(() => read(['--test-number', written])).toThrow(
      `"${written}" is no test number. Write the number with its + and calling code, an equals sign and the code, for example --test-number +12025550123=123456.`,
    );
  });

  test('the help of npm start has an example of each switch', () => {
    for (const line of ['--port 4001', '--base-path /otp', '--settings my-settings.ts', '--allow-all-countries'])
      expect(help).toContain(`npm start -- ${line}`);
    for (const line of ['--test-number +12025550123=123456', '--no-limits', '--help'])
      expect(help).toContain(`npm start -- ${line}`);
    expect(read(['--port', '1', '--help'])).toBe('help');
  });
});
