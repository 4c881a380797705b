/** The sentences of a finding on a number whose SIM was swapped, or which was ported. */

import type { AtRisk, Explanation } from '../../judge/ruling.ts';
import { type commandsOf, type Deployment, liftNoticeCommand } from '../commands.ts';

const whose: Readonly<Record<AtRisk['found'], string>> = {
  swapped: 'whose SIM was swapped recently',
  ported: 'which was ported, as staff noted',
};

const became: Readonly<Record<AtRisk['outcome'], string>> = {
  refused: 'it was refused',
  'step-up': 'its proof asks for more',
};

export const riskHeadline = (atRisk: AtRisk | undefined): string =>
  atRisk === undefined
    ? 'Somebody requests a code for a number at risk'
    : `Somebody requests a code for one number ${whose[atRisk.found]}, and ${became[atRisk.outcome]}: the purpose is ${atRisk.purpose}`;

const sources: Readonly<Record<AtRisk['found'], string>> = {
  swapped: 'The mobile operator says that the SIM of the number was swapped within the hours of the settings.',
  ported: 'A porting notice of staff holds for the number.',
};

const outcomes: Readonly<Record<AtRisk['outcome'], string>> = {
  refused: 'The request was refused, and no SMS was sent.',
  'step-up':
    'The code was sent. Its proof says that the number is at risk, and the service tells client apps to ask for more.',
};

export const riskReasons = ({ found, outcome, purpose }: AtRisk): readonly string[] => [
  sources[found],
  `The purpose of the request was ${purpose}.`,
  outcomes[outcome],
  'Each number has one finding a day. Later requests of that day change nothing about it.',
];

/** A thief with the number gets its calls as well. */
const callFirst = 'Reach the customer by another way than this number. Look for recent changes of the account.';

type Told = { readonly explanation: Explanation; readonly commands: ReturnType<typeof commandsOf> };

/** The lines that other findings have otherwise. */
export const riskLines = ({ commands, explanation: { atRisk } }: Told, isClosed: boolean, deployment: Deployment) => {
  if (atRisk === undefined) return undefined;
  const isPorted = atRisk.found === 'ported';
  const lift = isPorted ? liftNoticeCommand(deployment) : commands.lift;
  const seen = isClosed
    ? `Details: ${commands.show}`
    : `Show your colleagues that you look after it (this stops no mail): ${commands.acknowledge}`;
  return {
    so_far: 'It cost next to nothing. The danger is that a thief gets the codes of a customer.',
    refused_text: `${outcomes[atRisk.outcome]}${isClosed ? '' : ` ${callFirst}`}`,
    if_legitimate: isPorted
      ? `If the holder ported the number, or the notice is wrong, lift it: ${lift}`
      : `If the holder has a new SIM, wait: the swap counts for no longer than the settings say. Details: ${commands.show}`,
    if_attack: `If it is a theft, lock the account in your own systems, and tell the mobile operator. ${seen}`,
    lift_command: lift,
  };
};
