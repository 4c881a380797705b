/**
 * Estimated price of one SMS part in USD, by country (ISO 3166-1 alpha-2). The caps count with it.
 *
 * Estimates of 2026-11-21, not quotes. NONE is checked against the list of AWS, which could not be read, and which changes
 * without notice. Correct a price with `countries.X.priceUsd`, from https://aws.amazon.com/end-user-messaging/pricing/ or
 * from `priceInUSD` in your SNS delivery logs. The estimates lean high: a high price stops sending early, and a low one
 * lets the service spend more than its cap.
 */

/**
 * The highest price of these lists, rounded up to a cent, or more: Tencent Cloud's international SMS (2021, with excerpts
 * of June 2022), Alibaba Cloud's notice of changed SMS prices (March 2025), and Google Identity Platform (AD to AT).
 */
const listed: Readonly<Record<string, number>> = {
  AD: 0.08,
  AO: 0.08,
  AR: 0.1,
  AT: 0.13,
  AU: 0.09,
  BE: 0.12,
  BG: 0.1,
  CH: 0.08,
  CY: 0.08,
  CZ: 0.09,
  DE: 0.12,
  DK: 0.07,
  EC: 0.22,
  EE: 0.12,
  EG: 0.38,
  ES: 0.1,
  FI: 0.14,
  FR: 0.09,
  GB: 0.06,
  GR: 0.11,
  HK: 0.09,
  HR: 0.12,
  HT: 0.35,
  HU: 0.12,
  ID: 0.47,
  IE: 0.1,
  IS: 0.08,
  IT: 0.1,
  JO: 0.41,
  JP: 0.09,
  KG: 0.33,
  KR: 0.06,
  LT: 0.06,
  LU: 0.08,
  LV: 0.08,
  MG: 0.5,
  ML: 0.22,
  MO: 0.06,
  MT: 0.08,
  MZ: 0.11,
  NL: 0.16,
  NO: 0.1,
  NZ: 0.12,
  PA: 0.11,
  PH: 0.27,
  PL: 0.06,
  PT: 0.06,
  RO: 0.1,
  RS: 0.32,
  RW: 0.09,
  SE: 0.11,
  SG: 0.06,
  SK: 0.11,
  TW: 0.08,
  UY: 0.11,
};

/**
 * Above every list above: carriers are said to charge international senders more by now, or (US, CA) add fees of their
 * own. No list confirms these prices.
 */
const unconfirmed: Readonly<Record<string, number>> = {
  AE: 0.13,
  BD: 0.35,
  BR: 0.08,
  CA: 0.02,
  CL: 0.09,
  CO: 0.08,
  CR: 0.09,
  DO: 0.12,
  DZ: 0.32,
  GE: 0.2,
  GH: 0.3,
  GT: 0.22,
  IL: 0.27,
  // Over international routes. A registered entity, sender and texts (DLT) cost far less: set priceUsd.
  IN: 0.09,
  IQ: 0.3,
  KE: 0.25,
  KH: 0.25,
  KW: 0.25,
  KZ: 0.3,
  LK: 0.36,
  MA: 0.15,
  MM: 0.3,
  MX: 0.11,
  MY: 0.25,
  NG: 0.42,
  NP: 0.22,
  OM: 0.17,
  PE: 0.19,
  PK: 0.48,
  QA: 0.17,
  RU: 0.75,
  SA: 0.2,
  SI: 0.21,
  SN: 0.24,
  TH: 0.04,
  TN: 0.3,
  TR: 0.05,
  TZ: 0.32,
  UA: 0.16,
  UG: 0.25,
  US: 0.02,
  UZ: 0.35,
  VN: 0.17,
  ZA: 0.12,
};

export const smsPricesUsd: Readonly<Record<string, number>> = { ...listed, ...unconfirmed };

/** The price for a country without an estimate. */
export const unknownPriceUsd = 0.25;

/** The estimate for a country, in USD per SMS part. */
export const priceOf = (country: string): number => smsPricesUsd[country] ?? unknownPriceUsd;
