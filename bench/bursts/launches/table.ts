/** The table of attacks in launches, as docs/bursts.md has it. */

import type { Family } from '../traffic/calendar.ts';
import type { Played } from './plays.ts';

/** Attacks that the page shows, and what they are. */
export const shownAttacks: readonly { readonly family: Family; readonly is: string }[] = [
  { family: 'A1', is: 'a burst into one range' },
  { family: 'A3', is: 'a burst from one IP' },
  { family: 'A17', is: 'a ramp over the prefixes of a carrier' },
  { family: 'A8', is: '30 SMS an hour into fresh ranges of one prefix' },
  { family: 'A7', is: 'fraudsters of one range who enter most codes' },
];

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

const cellsOf = (played: Played | undefined): readonly string[] => {
  const [attack] = played?.score.attacks ?? [];
  if (attack === undefined) throw new Error('The attack was not played.');
  const seconds =
    attack.refusedAtMs === undefined ? 'never' : `${whole((attack.refusedAtMs - attack.startMs) / 1000)} s`;
  return [`${whole(attack.sent)} of ${whole(attack.asked)}`, seconds];
};

export const lineOf = (is: string, unannounced: Played | undefined, announced: Played | undefined): string => {
  const [[sent, after], [sentInLaunch, afterInLaunch]] = [cellsOf(unannounced), cellsOf(announced)] as [
    readonly string[],
    readonly string[],
  ];
  return `| ${is} | ${sent} | ${sentInLaunch} | ${after} | ${afterInLaunch} |`;
};
