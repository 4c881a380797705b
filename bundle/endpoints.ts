/**
 * Writes the endpoint of an AWS client without the rules of its service.
 *
 * The SDK decides each endpoint by a diagram for FIPS, dual stack, account ids and ARNs. A function gets none of these.
 * Then each of these services has its endpoint at its name, its Region and the suffix of the partition, which a test compares
 * with the SDK in all Regions.
 */

/** The name of the host of a service, by its client. S3 is not among them: its endpoints depend on the bucket. */
export const hosts = {
  cloudwatch: 'monitoring',
  dynamodb: 'dynamodb',
  eventbridge: 'events',
  kms: 'kms',
  lambda: 'lambda',
  'pinpoint-sms-voice-v2': 'sms-voice',
  sns: 'sns',
} as const;

/** The module of the endpoint of a client, in short. */
export const shortEndpoint = (host: string): string => `
  import { partition } from '@aws-sdk/core/client';
  let known = {};
  export const defaultEndpointResolver = ({ Endpoint, Region, UseFIPS, UseDualStack }) => {
    if (UseFIPS || UseDualStack) throw new Error('FIPS and dual stack are not part of this bundle: see bundle/endpoints.ts.');
    if (!Region) throw new Error('Invalid Configuration: Missing Region');
    if (known.Region === Region && known.Endpoint === Endpoint) return known.endpoint;
    const url = new URL(Endpoint ?? \`https://${host}.\${Region}.\${partition(Region).dnsSuffix}\`);
    known = { Region, Endpoint, endpoint: { url, properties: {}, headers: {} } };
    return known.endpoint;
  };`;

/** A line of the original that describes a Region, such as `"eu-west-1": {\n"description": "Europe (Ireland)"\n},`. */
const described = /^ {16}"([\w-]+)": \{\n {20}"description": "[^"\n]*"\n {16}\},?\n/gm;

/** The partitions without the Regions that their expressions find. Nobody reads the descriptions. */
export const shortPartitions = (original: string): string => {
  const expressions = [...original.matchAll(/"regionRegex": ("[^\n]*"),\n/g)].map(
    ([, text = '""']) => JSON.parse(text) as string,
  );
  const isFound = (region: string) => expressions.some((expression) => new RegExp(expression).test(region));
  const short = original.replace(described, (line, region: string) => (isFound(region) ? '' : line));
  if (expressions.length === 0 || short.length > original.length / 2)
    throw new Error('The partitions are spelled in another way: see shortPartitions in bundle/endpoints.ts.');
  return short;
};
