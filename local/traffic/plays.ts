/** The plays of the player. Pure. */

import type { Places } from './places.ts';
import { bombing, customers, guessing, spray } from './scripts/aimed.ts';
import { launch, spike } from './scripts/legitimate.ts';
import {
  botnet,
  burstAndPause,
  converting,
  lowAndSlow,
  oneIp,
  rampInPrefix,
  sequentialRange,
  trickle,
  weaponized,
} from './scripts/pumping.ts';
import {
  adaptive,
  carrierRamp,
  dailyCurve,
  farm,
  fewEverywhere,
  hopping,
  rampInSpike,
  resends,
  sleeper,
} from './scripts/spread.ts';
import type { Script } from './visit.ts';

export type Play = {
  readonly play: string;
  readonly title: string;
  readonly detail: string;
  readonly kind: 'attack' | 'legitimate';
  /** ISO 3166-1 codes of the countries that it sends to. */
  readonly countries: readonly string[];
  readonly script: (places: Places) => Script;
};

type Told = Omit<Play, 'play' | 'kind'>;

const attack = (play: string, told: Told): Play => ({ play, kind: 'attack', ...told });
const legitimate = (play: string, told: Told): Play => ({ play, kind: 'legitimate', ...told });
const t = (title: string, countries: readonly string[], script: Play['script']): Told => ({
  title,
  detail: '',
  countries,
  script,
});

export const plays: readonly Play[] = [
  attack('A1', t('Fast pumping of one number range', ['US'], sequentialRange)),
  attack('A2', t('ramp', ['IN'], rampInPrefix)),
  attack('A3', t('one ip', ['US', 'IN'], oneIp)),
  attack('A4', t('slow', ['IN'], lowAndSlow)),
  attack('A5', t('botnet', ['US', 'IN'], botnet)),
  attack('A6', t('bombing', ['US'], bombing)),
  attack('A7', t('converting', ['US'], converting)),
  attack('A8', t('bursts', ['IN'], burstAndPause)),
  attack('A9', t('trickle', ['US', 'IN'], trickle)),
  attack('A10-guess', t('guess', ['US'], guessing)),
  attack('A10-spray', t('spray', ['US', 'IN'], spray)),
  attack('A11', t('adaptive', ['IN'], adaptive)),
  attack('A12', t('weap', ['IN'], weaponized)),
  attack('A13', t('ramp in spike', ['IN'], rampInSpike)),
  attack('A14', t('resends', ['IN'], resends)),
  attack('A15', t('sleeper', ['IN'], sleeper)),
  attack('A16', t('farm', ['US'], farm)),
  attack('A17', t('carrier', ['IN'], carrierRamp)),
  attack('A18', t('few', ['US', 'IN'], fewEverywhere)),
  attack('A19', t('customers', ['US'], customers)),
  attack('A20', t('hopping', ['US', 'IN'], hopping)),
  attack('A21', t('daily', ['IN'], dailyCurve)),
  legitimate('launch', t('launch', ['US'], launch)),
  legitimate('spike', t('spike', ['US'], spike)),
];
