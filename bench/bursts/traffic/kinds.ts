/** Kinds of traps, families of attacks, and units of time. */

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Legitimate traffic that looks like an attack to one rule or another. */
export const trapKinds = [
  'spike',
  'launch',
  'onboarding in an hour',
  'onboarding in minutes',
  'outage',
  'retry bug',
  'DST',
  'holiday',
  'TV ad',
  'CGNAT campaign',
  'spike under attack',
  'outage under attack',
  'new office',
  'marketing day',
  'provider outage',
  'code bug',
  'gateway merge',
] as const;

export type TrapKind = (typeof trapKinds)[number];

export const families = [
  'A1',
  'A2',
  'A3',
  'A4',
  'A5',
  'A6',
  'A7',
  'A8',
  'A9',
  'A10 guess',
  'A10 spray',
  'A11',
  'A12',
  'A13',
  'A14',
  'A15',
  'A16',
  'A17',
  'A18',
  'A19',
  'A20',
  'A21',
] as const;

export type Family = (typeof families)[number];

/** Messages that the attackers who give up places want to send. All others ask for each of theirs. */
export const plannedMessages: Readonly<Partial<Record<Family, number>>> = { A11: 4000, A20: 4000 };
