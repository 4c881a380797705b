/** What the page on privacy says of each kind of item, beside what the page on the architecture says: words only. */

import type { guardsAttributes } from '../../../lambdas/aws/tables/guards.ts';
import type { securityAttributes } from '../../../lambdas/aws/tables/security/attributes.ts';
import type { trafficAttributes } from '../../../lambdas/aws/tables/traffic.ts';
import type { verificationsAttributes } from '../../../lambdas/aws/tables/verifications.ts';

export type PrivacyWords = {
  /** What of it is about a person. */
  readonly holds: string;
  readonly why: string;
  /** What an erasure does to it. */
  readonly erasure: string;
};

type WordsOf<Attributes extends Readonly<Record<string, unknown>>> = Readonly<Record<keyof Attributes, PrivacyWords>>;

const nobody = 'nothing: it is about no person';
const stays = 'leaves it';

const verifications: WordsOf<typeof verificationsAttributes> = {
  record: {
    holds:
      'the number as ciphertext; keyed hashes of number, IP and network; range, prefix, country; of purposes that mind, whether its SIM was swapped, and when',
    why: 'to check the code, and to make the proof',
    erasure: 'leaves it: only its secret id finds it',
  },
  refusal: {
    holds:
      'keyed hashes of number, IP and network; range, prefix, country; that a swapped SIM or a ported number was the cause',
    why: 'the detector counts refused sends',
    erasure: 'leaves it: nothing finds it by the number',
  },
  receipt: {
    holds: 'nothing but what became of a message: the key of its record names nobody',
    why: 'to say whether a message arrived',
    erasure: 'leaves it: nothing finds it by the number, and it lives for minutes',
  },
  message: {
    holds: 'nothing but the key of a record, and a country',
    why: 'some receipts name a message and nothing else',
    erasure: 'leaves it: nothing finds it by the number, and it lives for minutes',
  },
};

const guards: WordsOf<typeof guardsAttributes> = {
  guard: { holds: 'keyed hash of the number, times', why: 'limits on SMS to one number', erasure: 'deletes it' },
  reputation: {
    holds: 'keyed hash of the number, times, shortened hashes of networks',
    why: 'trust in numbers that verify, and fewer attempts after wrong guesses',
    erasure: 'deletes it',
  },
  ip: {
    holds: 'keyed hash of the IP, short names of the numbers that asked, countries',
    why: 'limits of one IP',
    erasure: 'leaves it: these names are evidence against the IP',
  },
  'ip-reputation': {
    holds: 'keyed hash of the IP, short names of the numbers that verified',
    why: 'trust in IPs whose users verify',
    erasure: 'takes the name out, at each IP from which an event of the audit trail verified',
  },
  spent: { holds: nobody, why: 'caps, and the limit of low-volume countries', erasure: stays },
  verified: { holds: nobody, why: 'the limit of low-volume countries', erasure: stays },
  network: { holds: 'keyed hash of the network', why: 'one probe of a network in an hour', erasure: stays },
  block: {
    holds: 'keyed hash of the number or IP, if that is blocked',
    why: 'blocks, restrictions and longer codes',
    erasure: 'leaves what staff decided; deletes longer codes of the number',
  },
  idempotency: {
    holds: 'keyed hashes of the key and of the request',
    why: 'a repeated request sends one SMS',
    erasure: 'leaves it: nothing finds it by the number',
  },
  test: { holds: nobody, why: 'test numbers of the settings are used as often as allowed', erasure: stays },
  stop: { holds: 'ARN of the operator, and the reason', why: 'staff hold sending', erasure: stays },
  'sim-swap': {
    holds: 'keyed hash of the number; whether its SIM was swapped, and when',
    why: 'a thief with a new SIM gets no proof; the provider is asked once in ten minutes',
    erasure: 'deletes it',
  },
  'port-notice': {
    holds: 'keyed hash of the number; when it was ported; ARN of the operator, and the reason',
    why: 'a thief who ported the number gets no proof',
    erasure: 'leaves it, as a block of staff: it defends its holder, and ends within days',
  },
  'export-key': { holds: nobody, why: 'names of one export, which no other export has', erasure: stays },
};

const ofNumber = 'keyed hash, if the counts are those of a number or an IP';
const deletesCounts = 'deletes those of the number and of its codes';

const traffic: WordsOf<typeof trafficAttributes> = {
  bucket: { holds: ofNumber, why: 'the detector finds bursts', erasure: deletesCounts },
  history: { holds: ofNumber, why: 'the detector knows the usual traffic', erasure: deletesCounts },
  last: { holds: ofNumber, why: 'a case keeps its name', erasure: deletesCounts },
  parts: { holds: nobody, why: 'an attack on many ranges is found', erasure: deletesCounts },
  running: { holds: nobody, why: 'the detector knows its age', erasure: stays },
  heartbeat: { holds: nobody, why: 'staff see that the detector listens', erasure: stays },
  campaign: { holds: nobody, why: 'an attack on many countries is found', erasure: stays },
  rung: { holds: nobody, why: 'a stop rings once an hour', erasure: stays },
  price: { holds: nobody, why: 'staff compare real prices with those of the caps', erasure: stays },
};

const security: WordsOf<typeof securityAttributes> = {
  finding: {
    holds: 'keyed hash, if it is on a number or an IP; staff who wrote on it',
    why: 'staff see attacks and judge them',
    erasure: 'deletes those on the number and on its codes',
  },
  open: { holds: nobody, why: 'the sweep follows open findings', erasure: 'deletes those of deleted findings' },
  outbox: {
    holds: 'as the finding that it tells of',
    why: 'no notification is lost',
    erasure: 'deletes those of deleted findings',
  },
  action: {
    holds: 'ARN of the operator, and the reason',
    why: 'everybody can be asked about an action',
    erasure: 'leaves it, and adds one: an order number, without number and keyed hash',
  },
  'staff-block': {
    holds: 'keyed hash of the number or IP, and the operator',
    why: 'a list of the blocks of staff',
    erasure: 'leaves it, as the block',
  },
  export: {
    holds: 'ARN of the auditor, and the reason; while it runs, the keyed hash of the number that a reader has reached',
    why: 'an export goes on where it ended',
    erasure: stays,
  },
  'export-part': { holds: nobody, why: 'the manifest lists the files', erasure: stays },
  'export-lock': { holds: nobody, why: 'one export runs at a time', erasure: stays },
  phone: {
    holds:
      'keyed hashes of number, IP and network; range, prefix, country; times; that the SIM was swapped or the number ported',
    why: 'complaints can be answered, and recorded events judged again',
    erasure: 'deletes all of them',
  },
  launch: {
    holds: 'ARN of the operator, and the reason',
    why: 'an announced launch is no attack',
    erasure: stays,
  },
};

export const privacyWords = { verifications, guards, traffic, security } as const;

/** Places beside the tables: what is there, until when, and what an erasure does. */
export const otherPlaces: readonly (readonly string[])[] = [
  [
    'stream of Verifications',
    'changes of records, as in the records',
    '24 hours',
    'leaves it; events that are yet to be read are new data',
  ],
  ['bucket of dead letters', 'records that the detector could not count', '30 days', 'leaves it'],
  [
    'bucket of exports',
    'events, findings and actions; numbers and IPs by names of that export alone',
    '7 days',
    'leaves it: nothing finds a number there',
  ],
  ['backups of Security', 'the table as it was at any second', '35 days', 'leaves it; after a restore, erase again'],
  [
    'logs of functions',
    'no number, code or IP. Lines about a finding on a number have 12 characters of its keyed hash',
    '`logRetentionDays`',
    'leaves it',
  ],
  ['access logs', 'credential of the caller, route, status', '`logRetentionDays`', 'leaves it'],
  ['log of the firewall', 'IPs of blocked requests', '`logRetentionDays`', 'leaves it: it has no number'],
  [
    'event bus and mail',
    'findings, with the keyed hash of a number that one is on; who stopped sending, and why',
    'as your subscribers keep them',
    'does not reach it',
  ],
  [
    'providers of SIM look-ups, if the settings ask them',
    'the whole number, and that its SIM is asked about',
    'as the contract with the provider says',
    'does not reach it',
  ],
  [
    'SNS and the mobile networks',
    'number and text of the SMS',
    'as AWS and the networks say; longer if you switch delivery logs on',
    'does not reach it',
  ],
  [
    'proofs',
    'the number, its keyed hash as `sub`, purpose, time; when its SIM was swapped',
    'as the client app keeps them',
    'does not reach it',
  ],
];
