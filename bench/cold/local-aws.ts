/**
 * The local stack behind TLS, in a process of its own: for the functions whose calls the fake AWS of the flows does not
 * know. Argument: the folder of the bundles. The parent sends `{ lastSms }` with a number, and gets the text.
 */

import { makeCertificate } from '../../test/fakes/aws/certificate.ts';
import { tlsFront } from '../../test/fakes/aws/tls-front.ts';
import { type Stack, startStack } from '../stack.ts';

export type ToLocalAws = { readonly lastSms: string };
export type FromLocalAws =
  | ({ readonly kind: 'ready'; readonly cert: string } & Pick<Stack, 'endpoints' | 'environment'>)
  | { readonly kind: 'sms'; readonly text: string };

const send = (message: FromLocalAws) => process.send?.(message);

const { endpoints, environment, lastSms, stop } = await startStack(process.argv[2] ?? '');
const certificate = makeCertificate(Date.now());
const fronts = {
  dynamodb: await tlsFront(endpoints.dynamodb, certificate),
  kms: await tlsFront(endpoints.kms, certificate),
  sns: await tlsFront(endpoints.sns, certificate),
};
process.on('message', async ({ lastSms: to }: ToLocalAws) => send({ kind: 'sms', text: await lastSms(to) }));
process.on('disconnect', async () => {
  for (const front of Object.values(fronts)) await front.stop();
  await stop();
  process.exit(0);
});
const urls = { dynamodb: fronts.dynamodb.url, kms: fronts.kms.url, sns: fronts.sns.url };
send({ kind: 'ready', cert: certificate.cert, endpoints: urls, environment });
