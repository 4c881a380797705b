/**
 * Countries that the Basic tier of Notify reaches, as of 2026-11-30:
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-countries.html
 */
export const basicTierCountries: readonly string[] = [
  ...['AS', 'AU', 'BE', 'BR', 'CA', 'CH', 'CO', 'DE', 'DK', 'ES'],
  ...['FI', 'FR', 'GB', 'GU', 'HK', 'IE', 'IN', 'IT', 'JP', 'KR'],
  ...['MP', 'MX', 'NL', 'NZ', 'PR', 'PT', 'SE', 'SG', 'US', 'VI'],
];
