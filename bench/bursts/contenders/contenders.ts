/** Who enters: our own detector, the rules that others have published, and nobody at all. */

import { worldOf } from '../traffic/world.ts';
import { authgear } from './authgear.ts';
import { awsSample } from './aws-sample.ts';
import type { Entry } from './contender.ts';
import { noGuard } from './no-guard.ts';
import { ours } from './ours.ts';
import { plivoStyle } from './plivo.ts';
import { slidingWindow } from './sliding-window.ts';
import { vonageVolumetric } from './vonage.ts';
import { wafAcfp } from './waf-acfp.ts';

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
