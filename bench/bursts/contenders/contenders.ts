/** All contenders: our detector, published rules of others, and none. */

import { worldOf } from '../traffic/world.ts';
import { authgear } from './authgear.ts';
import { awsSample } from './aws-sample.ts';
import type { Entry } from './contender.ts';
import { noGuard } from './no-guard.ts';
import { ours } from './ours/ours.ts';
import { plivoStyle } from './plivo.ts';
import { slidingWindow } from './sliding-window.ts';
import { vonageVolumetric } from './vonage.ts';
import { wafAcfp } from './waf-acfp.ts';

/** Name of our detector. Its details are shown and plotted. */
export const oursName = 'ours';

/** Contenders in the order of the columns, for these countries. */
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

/** Countries of the world. */
export const codes: readonly string[] = [...main, ...tail, ...unseen].map(({ code }) => code);

export const entries = entriesFor(codes);
