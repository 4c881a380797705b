import { exceededTimes, idOfLaunch } from '../evidence/launches.ts';
import type { Explanation, NamedLaunch } from '../judge/ruling.ts';

const timeOf = (ms: number): string => new Date(ms).toISOString();

/** The launch by its id, as staff see it in the list of launches. It never has their free text. */
const nameOf = (launch: NamedLaunch): string => `the launch ${idOfLaunch(launch)}`;

/** Why a launch was exceeded. */
export const launchReasons = ({ launch, requests }: Explanation): readonly string[] =>
  launch === undefined
    ? []
    : [
        `Staff announced ${nameOf(launch)}: ${launch.expected} requests from ${timeOf(launch.fromMs)} until ${timeOf(launch.untilMs)}.`,
        `${requests} came so far, more than ${exceededTimes} times as many.`,
        'From now on, numbers are evidence here again.',
      ];

/** Why nothing was restricted, if a launch is the reason. */
export const sparedText = (launch: NamedLaunch): string =>
  `Nothing was restricted: by numbers alone it would have been, but ${nameOf(launch)} holds until ${timeOf(launch.untilMs)}. Wrong codes and codes that nobody enters count as always.`;
