/** Who enters: our own detector, the rules that others have published, and nobody at all. */

import { authgear } from './baselines/authgear.ts';
import { awsSample } from './baselines/aws-sample.ts';
import { noGuard } from './baselines/no-guard.ts';
import { plivoStyle } from './baselines/plivo.ts';
import { slidingWindow } from './baselines/sliding-window.ts';
import { vonageVolumetric } from './baselines/vonage.ts';
import { wafAcfp } from './baselines/waf-acfp.ts';
import type { Entry } from './contender.ts';
import { ours } from './ours.ts';
import { worldOf } from './world.ts';

/** Name of our own, whose details are told and plotted. */
export const oursName = 'ours';

/** In the order of the table's columns. They serve the countries given. */
export const entriesFor = (countries: readonly string[]): readonly Entry[] => [
  ours(oursName, countries),
  authgear,
  vonageVolumetric,
  plivoStyle,
  awsSample,
  wafAcfp,
  slidingWindow,
  noGuard,
];

const { main, tail, unseen } = worldOf(1, 1);

export const entries = entriesFor([...main, ...tail, ...unseen].map(({ code }) => code));
