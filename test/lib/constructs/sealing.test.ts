import type { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, test } from 'vitest';
import {
  type FunctionName,
  functionNames,
  hourlySealKeyVariable,
  sealingFunctionNames,
} from '../../../lambdas/contract.ts';
import { permissionsOf } from '../template/permissions.ts';
import { logicalId, type Synthesized, synthesizedOf } from '../template/synthesized.ts';

const perRecord = synthesizedOf();
const hourly = synthesizedOf({ sealing: 'hourly' });
const withoutPayments = synthesizedOf({ sealing: 'hourly', purposes: ['verify-number', 'login'] });
const rs256 = synthesizedOf({ proofs: { algorithm: 'RS256' } });

const ofFunction = ({ stack, resources, spell }: Synthesized, name: FunctionName) =>
  permissionsOf(resources, logicalId(stack.service.functions[name].role), spell);
const variablesOf = ({ stack, resources }: Synthesized, name: FunctionName) =>
  Object(resources[logicalId(stack.service.functions[name].lambda)]?.Properties['Environment']).Variables as Record<
    string,
    unknown
  >;
const propertiesOf = ({ resources }: Synthesized, key: Key | undefined) =>
  key === undefined ? undefined : resources[logicalId(key)]?.Properties;

const derive = 'kms:GenerateMac on HourlySealKey if StringEquals kms:MacAlgorithm HMAC_SHA_256';
const isOfSealKey = (line: string) => / on SealKey /.test(line);
const seals = (name: FunctionName) => sealingFunctionNames.some((each) => each === name);

describe('sealed hourly', () => {
  test.each(functionNames)('%s may derive keys of hours if it seals or opens, and else no more than before', (name) => {
    const more = name === 'read-status' ? ['kms:DescribeKey on HourlySealKey'] : seals(name) ? [derive] : [];
    expect(ofFunction(hourly, name)).toEqual([...ofFunction(perRecord, name), ...more].toSorted());
  });

  test.each(functionNames)('%s may use SealKey for nothing if there are no payments', (name) => {
    const before = ofFunction(hourly, name);
    expect(before.filter(isOfSealKey)).toHaveLength(seals(name) ? 1 : 0);
    expect(ofFunction(withoutPayments, name)).toEqual(before.filter((line) => !isOfSealKey(line)));
  });

  test('the key is an HMAC key of its own, which exists only if the settings ask for it', () => {
    expect(propertiesOf(hourly, hourly.stack.service.keys.hourlySeal)).toMatchObject({
      KeySpec: 'HMAC_256',
      KeyUsage: 'GENERATE_VERIFY_MAC',
    });
    expect(perRecord.stack.service.keys.hourlySeal).toBeUndefined();
    expect(JSON.stringify(perRecord.template)).not.toContain('HourlySeal');
    expect(JSON.stringify(perRecord.template)).not.toContain(hourlySealKeyVariable);
  });

  test.each(functionNames)('%s knows the key if it seals or opens, and else not', (name) => {
    const [variables, before] = [variablesOf(hourly, name), variablesOf(perRecord, name)];
    const more = seals(name) ? [hourlySealKeyVariable] : [];
    expect(Object.keys(variables).toSorted()).toEqual([...Object.keys(before), ...more].toSorted());
  });
});

describe('proofs under RS256', () => {
  test('only check-verification signs, and only by PKCS #1 with SHA-256', () => {
    const rights = functionNames.filter((name) => ofFunction(rs256, name).some((line) => / on ProofKey /.test(line)));
    expect(rights).toEqual(['check-verification']);
    expect(ofFunction(rs256, 'check-verification')).toContain(
      'kms:Sign on ProofKey if StringEquals kms:SigningAlgorithm RSASSA_PKCS1_V1_5_SHA_256',
    );
  });

  test('the key is another resource than that of ES256: CloudFormation cannot change the spec of a key', () => {
    const [before, after] = [perRecord.stack.service.keys.proof, rs256.stack.service.keys.proof];
    expect(propertiesOf(rs256, after)).toMatchObject({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' });
    expect(propertiesOf(perRecord, before)).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(logicalId(after)).not.toBe(logicalId(before));
    expect(Object.keys(rs256.resources)).not.toContain(logicalId(before));
  });

  test('exports are signed as before', () => {
    const { exportSigning } = rs256.stack.service.keys;
    expect(propertiesOf(rs256, exportSigning)).toMatchObject({ KeySpec: 'ECC_NIST_P256' });
    expect(ofFunction(rs256, 'export-events')).toEqual(ofFunction(perRecord, 'export-events'));
  });
});
