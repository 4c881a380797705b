/**
 * Countries, carriers and people of the hold-out. Numbers are synthetic, in mobile ranges of the real numbering plans.
 * Shares, prices and conversions are assumed.
 */

import { type Random, randomFrom, weighted } from '../play/random.ts';
import { dayMs, hourMs } from '../traffic/calendar.ts';

export type Carrier = {
  /** Unique among all countries. */
  readonly name: string;
  /** First digits of its national numbers. */
  readonly leads: readonly [string, ...string[]];
  /** Share of its visits that end with the code entered, without an outage. */
  readonly conversion: number;
  /** Median time from the request to the handset. */
  readonly deliverySeconds: number;
  /** IPs that its mobile subscribers share. */
  readonly gateways: number;
};

export type Role = 'main' | 'tail' | 'unseen';

export type Land = {
  readonly code: string;
  readonly callingCode: string;
  readonly nationalDigits: number;
  readonly utcOffsetHours: number;
  readonly hasSummerTime: boolean;
  /** Share of all ordinary visits. */
  readonly share: number;
  readonly priceUsd: number;
  /** The largest first. */
  readonly carriers: readonly [Carrier, ...Carrier[]];
  readonly role: Role;
};

export type HoldoutWorld = {
  readonly seed: number;
  readonly startsPerDay: number;
  readonly lands: readonly Land[];
};

export type Digits = { readonly phone: string; readonly range: string; readonly prefix: string };

export type Person = Digits & {
  readonly land: Land;
  readonly carrier: Carrier;
  readonly index: number;
  readonly verifiedBefore: boolean;
};

/** Code, calling code, national digits, hours from UTC, weight, US dollars per SMS, leads of each carrier. */
type Row = readonly [string, string, number, number, number, number, string];

const mainRows: readonly Row[] = [
  ['DE', '49', 11, 1, 14, 0.085, '1511 1512 1514 1515 1516 1517|1520 1522 1523 1525|1573 1575 1577 1578 1579 1590'],
  ['US', '1', 10, -4, 13, 0.008, '212 213 305 312 404 415|206 214 303 512 602 617|313 314 407 503 702 713'],
  ['GB', '44', 10, 0, 12, 0.042, '7402 7415 7473 7485|7711 7712 7740 7786|7400 7477 7846 7877|7401 7445 7950 7984'],
  ['FR', '33', 9, 1, 10, 0.071, '607 608 630 670 671|609 610 612 646 661|650 660 666 698|651 652 695 749'],
  ['BR', '55', 11, -3, 8, 0.028, '119 219 319|419 519 619|719 819 859'],
  ['IN', '91', 10, 5.5, 8, 0.031, '981 987 989 994|700 701 702|961 974 982 995'],
  ['ES', '34', 9, 1, 6, 0.061, '609 616 619 620 629|600 607 610 617|605 615 625 635|602 603 611 640'],
  ['IT', '39', 10, 1, 6, 0.078, '333 334 335 338 339|340 345 347 348|320 327 328|391 392 393 351'],
  ['PL', '48', 9, 1, 4, 0.034, '500 501 502 503|600 602 604 606|601 603 605 607|790 791 792 793'],
  ['MX', '52', 10, -6, 4, 0.037, '55 33|81 222|664 656 477'],
  ['TR', '90', 10, 3, 3, 0.012, '530 532 535 536|541 542 543 545|501 505 506'],
  ['NL', '31', 9, 1, 3, 0.097, '612 613 620 622|611 615 621 625|614 618 624 641'],
  ['PH', '63', 10, 8, 2.5, 0.19, '917 927 995 977|918 919 920 998|991 992 993'],
  ['JP', '81', 10, 9, 2, 0.074, '903 805 704|904 806|801 908'],
];

const tailRows: readonly Row[] = [
  ['PT', '351', 9, 0, 0.6, 0.041, '910 912 913 916|924 925 927|931 933 936'],
  ['SE', '46', 9, 1, 0.6, 0.058, '702 705 706|730 733 735|704 707 737'],
  ['AT', '43', 10, 1, 0.6, 0.074, '664|676|660 699'],
  ['BE', '32', 9, 1, 0.5, 0.084, '470 471 474|480 483|490 493'],
  ['RO', '40', 9, 2, 0.4, 0.066, '72 73|74 75|76 77'],
  ['GR', '30', 10, 2, 0.4, 0.062, '694 695|693 697|690 698'],
  ['UA', '380', 9, 2, 0.4, 0.11, '67 68 97|50 66 95|63 93'],
  ['ZA', '27', 9, 2, 0.4, 0.026, '82 72|83 73|84 74'],
  ['AE', '971', 9, 4, 0.3, 0.094, '50 56|52 55'],
  ['VN', '84', 9, 7, 0.3, 0.14, '96 97 98|90 93|91 94'],
  ['CO', '57', 10, -5, 0.3, 0.021, '310 311 312|300 301|320 321'],
  ['MA', '212', 9, 1, 0.25, 0.22, '661 662 667|612 614 663|600 602 640'],
  ['ID', '62', 11, 7, 0.25, 0.31, '8121 8122 8211 8521|8561 8571 8151|8171 8781 8591'],
  ['PK', '92', 10, 5, 0.2, 0.29, '300 301 304|310 312 314|320 321|340 342 345'],
  ['BD', '880', 10, 6, 0.2, 0.3, '17|18|19|16'],
  ['NG', '234', 10, 1, 0.2, 0.21, '803 806 703|805 705 815|802 808|809 817'],
  ['KE', '254', 9, 3, 0.15, 0.12, '70 71 72|73|77'],
  ['EG', '20', 10, 2, 0.15, 0.24, '10|11|12|15'],
  ['DZ', '213', 9, 1, 0.12, 0.26, '66 67|77 79|55'],
  ['TN', '216', 8, 1, 0.1, 0.23, '20 22 25|50 52 55|90 94'],
  ['LK', '94', 9, 5.5, 0.1, 0.27, '77|71|70|76'],
  ['AZ', '994', 9, 4, 0.08, 0.33, '50 51|55 99|70 77'],
  ['KZ', '7', 10, 5, 0.08, 0.18, '701 702|705 777|707 747'],
  ['UZ', '998', 9, 5, 0.06, 0.28, '901 909|931 936|941 949|993 997'],
  ['IQ', '964', 10, 3, 0.05, 0.25, '770 771|780 781|750 751'],
  ['TJ', '992', 9, 5, 0.03, 0.34, '92 93|90 91|98'],
  ['SN', '221', 9, 0, 0.03, 0.2, '77|76|70 78'],
];

/** Countries without any traffic before. */
const unseenRows: readonly Row[] = [
  ['CL', '56', 9, -4, 0, 0.06, '93 95|98|94'],
  ['GH', '233', 9, 0, 0, 0.2, '24 54 55|20 50|26 27'],
  ['FI', '358', 9, 2, 0, 0.07, '40|45|46'],
];

const withSummerTime = new Set('DE GB FR ES IT PL NL PT SE AT BE RO GR UA FI'.split(' '));

const rows: readonly (readonly [Role, readonly Row[]])[] = [
  ['main', mainRows],
  ['tail', tailRows],
  ['unseen', unseenRows],
];

export const landCodes: readonly string[] = rows.flatMap(([, ofRole]) => ofRole.map(([code]) => code));

const weightOfAll = [...mainRows, ...tailRows].reduce((sum, [, , , , weight]) => sum + weight, 0);

/** Most carriers convert well. A few with poor filters or routes convert half of the codes. */
export const conversions = { min: 0.55, max: 0.97 };

const carrierOf = (code: string, role: Role, leads: string, place: number, random: Random): Carrier => {
  const [first = '', ...others] = leads.split(' ');
  return {
    name: `${code} ${place + 1}`,
    leads: [first, ...others],
    conversion: conversions.max - (conversions.max - conversions.min) * random.unit() ** (role === 'main' ? 3 : 1.3),
    deliverySeconds: random.logNormal(role === 'main' ? 4 : 8, 0.5),
    gateways: Math.round(random.logNormal(role === 'main' ? 180 : 40, 0.4)),
  };
};

const landOf = (seed: number, role: Role, row: Row): Land => {
  const [code, callingCode, nationalDigits, utcOffsetHours, weight, priceUsd, leads] = row;
  const random = randomFrom(seed, 'land', code);
  const [first = '', ...others] = leads.split('|');
  return {
    code,
    callingCode,
    nationalDigits,
    utcOffsetHours,
    hasSummerTime: withSummerTime.has(code),
    share: weight / weightOfAll,
    priceUsd,
    carriers: [
      carrierOf(code, role, first, 0, random),
      ...others.map((other, index) => carrierOf(code, role, other, index + 1, random)),
    ],
    role,
  };
};

export const holdoutWorldOf = (seed: number, startsPerDay: number): HoldoutWorld => ({
  seed,
  startsPerDay,
  lands: rows.flatMap(([role, ofRole]) => ofRole.map((row) => landOf(seed, role, row))),
});

/** The last Sunday of March, 01:00 UTC: summer time begins during the test. */
export const summerTimeMs = Date.UTC(2026, 2, 29, 1);

export const localMs = ({ utcOffsetHours, hasSummerTime }: Land, atMs: number): number =>
  atMs + (utcOffsetHours + (hasSummerTime && atMs >= summerTimeMs ? 1 : 0)) * hourMs;

/** Midnight of the local day. */
export const localMidnightMs = (land: Land, atMs: number): number => {
  const local = localMs(land, atMs);
  return atMs - (((local % dayMs) + dayMs) % dayMs);
};

/** North America gives prefixes by area codes of three digits. Elsewhere four digits name the carrier. */
const prefixDigits = ({ callingCode }: Land): number => (callingCode === '1' ? 3 : 4);

const padded = (value: number, digits: number): string => (digits <= 0 ? '' : String(value).padStart(digits, '0'));

/** Count of the ranges that begin with the lead. */
export const rangesOf = ({ nationalDigits, callingCode }: Land, lead: string): number => {
  const free = 10 ** (nationalDigits - 4 - lead.length);
  return callingCode === '1' ? 0.8 * free : free;
};

/** The number by lead, place of the range, and last four digits, cut as the service cuts it. */
export const digitsOf = (land: Land, lead: string, place: number, last: number): Digits => {
  const free = land.nationalDigits - 4 - lead.length;
  // North American exchanges begin with 2 to 9.
  const middle = land.callingCode === '1' ? place + 2 * 10 ** (free - 1) : place;
  const range = `+${land.callingCode}${lead}${padded(middle, free)}`;
  return {
    phone: `${range}${padded(last, 4)}`,
    range,
    prefix: range.slice(0, 1 + land.callingCode.length + prefixDigits(land)),
  };
};

/** A random number of the carrier, with or without a subscriber. */
export const anyNumber = (land: Land, carrier: Carrier, random: Random): Digits => {
  const lead = random.pick(carrier.leads);
  return digitsOf(land, lead, random.below(rangesOf(land, lead)), random.below(10_000));
};

/** Running sums of the shares of the carriers of a country. */
const carrierSums = (count: number): Float64Array => {
  let sum = 0;
  return Float64Array.from({ length: count }, (_, index) => {
    sum += 0.62 ** index;
    return sum;
  });
};

export const carrierBy = ({ carriers }: Land, unit: number): Carrier =>
  carriers[weighted(carrierSums(carriers.length), unit)] ?? carriers[0];

/** Share of people who changed carriers and kept the number. */
const ported = 0.08;
/** Share of new numbers whose former owner had verified. */
const recycled = 0.02;
/** Share of returning people whose last verification is recent enough to count. */
const remembered = 0.93;

/** Subscribers are not spread evenly: the first ranges of a carrier are full, and new people mostly have new SIMs. */
export const personOf = (world: HoldoutWorld, land: Land, index: number, isReturning: boolean): Person => {
  const random = randomFrom(world.seed, 'person', land.code, index, isReturning ? 'known' : 'new');
  const carrier = carrierBy(land, random.unit());
  const issuer = random.happens(ported) ? random.pick(land.carriers) : carrier;
  const isRecent = random.happens(isReturning ? 0.1 : 0.6);
  const spread = isRecent ? 1 - 0.3 * random.unit() ** 2 : random.unit() ** 1.6;
  const lead = issuer.leads[Math.floor(random.unit() ** 1.5 * issuer.leads.length)] ?? issuer.leads[0];
  const place = Math.min(rangesOf(land, lead) - 1, Math.floor(spread * rangesOf(land, lead)));
  return {
    ...digitsOf(land, lead, place, random.below(10_000)),
    land,
    carrier,
    index,
    verifiedBefore: random.happens(isReturning ? remembered : recycled),
  };
};

/** Count of the people who used the service before the run. */
export const returningPeople = ({ startsPerDay }: HoldoutWorld, { share }: Land): number =>
  Math.max(20, Math.round(startsPerDay * share * 18));

/** Exponent of how unevenly people visit: some daily, most a few times a year. */
const devotion = 1.5;

export const returningPerson = (world: HoldoutWorld, land: Land, random: Random): Person =>
  personOf(world, land, Math.floor(random.unit() ** devotion * returningPeople(world, land)), true);

const offices = 120;
const tunnels = 160;
const peoplePerHome = 2.6;

/** VPN exits: people of many countries share each. */
const tunnelName = 'tunnel';

export const isTunnel = (ip: string): boolean => ip.startsWith(`${tunnelName} `);

export const gatewayOf = ({ name, gateways }: Carrier, random: Random): string =>
  `${name} gateway ${Math.floor(random.unit() ** 2 * gateways)}`;

/** The IP of a person now: of the carrier, a home, an office, a VPN exit, or a carrier abroad. */
export const ipOf = (world: HoldoutWorld, { land, carrier, index }: Person, random: Random): string => {
  const place = random.unit();
  if (place < 0.45) return gatewayOf(carrier, random);
  if (place < 0.87) return `${land.code} home ${Math.floor(index / peoplePerHome)}`;
  if (place < 0.94) return `${land.code} office ${Math.floor(random.unit() ** 2 * offices)}`;
  if (place < 0.98) return `${tunnelName} ${Math.floor(random.unit() ** 1.5 * tunnels)}`;
  const abroad = world.lands[random.below(world.lands.length)] ?? land;
  return gatewayOf(carrierBy(abroad, random.unit()), random);
};
