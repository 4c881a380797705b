import { ipSlotOf, networkSlotOf } from '../../bursts/counts/slots.ts';
import { itemKinds } from '../../contract.ts';
import type { ExportRequest, FoundItem, LineKind } from './export.ts';
import { type Rename, renameWithin } from './pseudonyms.ts';

const { security: kinds, traffic } = itemKinds;

/** The fate of an item. */
export type Line =
  | { readonly kind: LineKind; readonly text: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'unreadable'; readonly named: string };

/** The attributes of each kind that an export holds, and how. An attribute that is not among them stays behind. */
export const exportedAttributes = {
  event: {
    times: ['at', 'startedAt', 'judgedAt', 'streamAt'],
    renamed: ['ip', 'network', 'verification'],
    plain: [
      ...['kind', 'country', 'range', 'prefix', 'application', 'sharedIp', 'purpose', 'reason', 'limit'],
      ...['unverified', 'trustedIp', 'pair', 'sincePreviousSendMs', 'sinceFirstSendMs', 'probes', 'sends', 'mistyped'],
      ...['channel', 'risk', 'stepUp', 'batch', 'place', 'records', 'counted'],
    ],
  },
  finding: {
    times: ['firstAt', 'ruledAt', 'updatedAt', 'until'],
    renamed: [],
    plain: [
      ...['level', 'country', 'rule', 'severity', 'action', 'isOpen', 'refused', 'spared', 'parent', 'children'],
      ...['acknowledgedBy', 'label', 'labeledBy', 'note'],
    ],
  },
  action: {
    times: ['at', 'until'],
    renamed: [],
    plain: ['principal', 'action', 'about', 'reason', 'finding', 'order', 'level', 'of', 'expected'],
  },
  history: { times: [], renamed: [], plain: [] },
  running: { times: ['since'], renamed: [], plain: [] },
} as const satisfies Record<LineKind, Readonly<Record<'times' | 'renamed' | 'plain', readonly string[]>>>;

type Attributes = Readonly<Record<string, unknown>>;

/** Thrown for an item that is not as its writer writes it. */
class Unreadable extends Error {}

/** The line of an item, if the export holds it. An item that cannot be read stops nothing. */
export const lineOf = (item: FoundItem, range: Pick<ExportRequest, 'fromMs' | 'toMs'>, rename: Rename): Line => {
  const kind = kindOf(item);
  if (kind === undefined) return { kind: 'other' };
  try {
    if (item.attributes === undefined) throw new Unreadable('its attributes cannot be read');
    if (!isWithin(kind, item.attributes, range)) return { kind: 'other' };
    return { kind, text: JSON.stringify(writers[kind](item, item.attributes, rename)) };
  } catch (cause) {
    const why = cause instanceof Unreadable ? cause.message : 'it cannot be written as JSON';
    return { kind: 'unreadable', named: `${kind} ${nameOf(kind, item, rename)}: ${why}` };
  }
};

/** Of histories, those of groups: two exports name a number or an IP differently, so that theirs would serve no replay. */
const groups = ['country', 'prefix', 'range', 'new-network'] as const;

const kindOf = ({ table, pk, sk }: FoundItem): LineKind | undefined => {
  if (table === 'traffic') {
    if (pk === traffic.running.pk && sk === traffic.running.sk) return 'running';
    return sk === traffic.history.sk && groups.some((level) => pk.startsWith(`${level}#`)) ? 'history' : undefined;
  }
  if (pk.startsWith(kinds.phone.pk)) return 'event';
  if (pk === kinds.finding.pk) return 'finding';
  return pk === kinds.action.pk ? 'action' : undefined;
};

/** The name of an item for a person. The keyed hash of a number has the name that it has in this export. */
const nameOf = (kind: LineKind, { pk, sk }: FoundItem, rename: Rename): string => {
  if (kind === 'history') return `of ${pk}`;
  return kind === 'event' ? `of ${rename(pk.slice(kinds.phone.pk.length))} at ${sk}` : sk;
};

/**
 * An event and an action have one time. A finding belongs to each time between its first and its last change, and what the
 * detector knows of the past to none.
 */
const isWithin = (kind: LineKind, attributes: Attributes, { fromMs, toMs }: Pick<ExportRequest, 'fromMs' | 'toMs'>) => {
  if (kind === 'history' || kind === 'running') return true;
  return kind === 'finding'
    ? timeAt(attributes, 'firstAt') < toMs && timeAt(attributes, 'updatedAt') >= fromMs
    : timeAt(attributes, 'at') >= fromMs && timeAt(attributes, 'at') < toMs;
};

const timeAt = (attributes: Attributes, name: string): number => {
  const value = attributes[name];
  // Beyond this no date can be written.
  if (typeof value === 'number' && Math.abs(value) <= 8.64e15) return value;
  throw new Unreadable(`${name} is no time`);
};

const textAt = (attributes: Attributes, name: string): string => {
  const value = attributes[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new Unreadable(`${name} is no text`);
};

const copied = (kind: LineKind, attributes: Attributes, rename: Rename): Attributes => {
  const { times, renamed, plain } = exportedAttributes[kind];
  const here = (names: readonly string[]) => names.filter((name) => attributes[name] !== undefined);
  return Object.fromEntries([
    ...here(times).map((name) => [name, new Date(timeAt(attributes, name)).toISOString()] as const),
    ...here(renamed).map((name) => [name, rename(textAt(attributes, name))] as const),
    ...here(plain).map((name) => [name, listed(attributes[name])] as const),
  ]);
};

/** A set of DynamoDB is a set of JavaScript, which JSON does not know. */
const listed = (value: unknown): unknown => (value instanceof Set ? [...value].toSorted() : value);

const writers: Readonly<Record<LineKind, (item: FoundItem, attributes: Attributes, rename: Rename) => Attributes>> = {
  event: ({ pk }, attributes, rename) => ({
    record: 'event',
    number: rename(pk.slice(kinds.phone.pk.length)),
    ...copied('event', attributes, rename),
    ...slotsOf(attributes),
  }),
  finding: ({ sk }, attributes, rename) => ({
    record: 'finding',
    id: sk,
    of: renameWithin(textAt(attributes, 'of'), rename),
    ...copied('finding', attributes, rename),
    finding: findingAt(attributes, rename),
  }),
  action: ({ sk }, attributes, rename) => ({
    record: 'action',
    id: sk.slice(sk.indexOf('#') + 1),
    ...copied('action', attributes, rename),
    principal: textAt(attributes, 'principal'),
    action: textAt(attributes, 'action'),
  }),
  history: ({ pk }, attributes) => ({
    record: 'history',
    level: pk.slice(0, pk.indexOf('#')),
    of: pk.slice(pk.indexOf('#') + 1),
    history: jsonAt(attributes, 'history'),
  }),
  running: (_, attributes, rename) => ({ record: 'running', ...copied('running', attributes, rename) }),
};

/** The detector counts IPs and networks by slots of their keyed hashes: a replay needs the slot, and not the hash. */
const slotsOf = ({ ip, network }: Attributes): Attributes => ({
  ...(typeof ip === 'string' ? { ipSlot: ipSlotOf(ip) } : {}),
  ...(typeof network === 'string' ? { networkSlot: networkSlotOf(network) } : {}),
});

/** The finding as staff were notified of it. Its sentences and commands name a number by its keyed hash. */
const findingAt = (attributes: Attributes, rename: Rename): unknown =>
  renameWithin(jsonAt(attributes, 'finding'), rename);

const jsonAt = (attributes: Attributes, name: string): unknown => {
  const text = textAt(attributes, name);
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable(`${name} is no JSON`);
  }
};
