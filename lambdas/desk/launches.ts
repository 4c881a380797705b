import { type AnnouncedLaunch, idOfLaunch, type Launch, type LaunchLevel } from '../bursts/evidence/launches.ts';
import { invalid, type Parsed, parsed } from '../otp/input/typed.ts';
import { type Action, actionOf, type Operator } from './actions.ts';
import { labelOf, type What } from './what.ts';

export type LaunchName = { readonly level: LaunchLevel; readonly of: string };

export type LaunchDesk = {
  /** All that are kept, and how many cannot be read. */
  readonly all: () => Promise<{ readonly launches: readonly AnnouncedLaunch[]; readonly unreadable: number }>;
  /** Writes the launch and its action, or nothing. It takes the place of an earlier one of the same name. */
  readonly announce: (launch: Launch, action: Action) => Promise<void>;
  /** Deletes the launch and writes the action, or does nothing. @returns false: there is none, or it is over. */
  readonly cancel: (name: LaunchName, action: Action) => Promise<boolean>;
};

export type LaunchRequest = {
  readonly what: What;
  readonly untilMs: number;
  /** Requests in total. */
  readonly expected: number;
  readonly reason: string;
};

/** Reads the id of a launch, such as `country:IN` or `prefix:919876`. */
export const readLaunchId = (id: string): LaunchName | undefined => {
  const [, country, prefix] = /^(?:country:([A-Z]{2})|prefix:(\d{3,9}))$/.exec(id) ?? [];
  if (country !== undefined) return { level: 'country', of: country };
  return prefix === undefined ? undefined : { level: 'prefix', of: `+${prefix}` };
};

/** A launch is of a country or of a prefix: staff do not know its ranges, numbers and IPs beforehand. */
const nameOf = (what: What): Parsed<LaunchName> =>
  what.kind === 'country' || what.kind === 'prefix'
    ? parsed({ level: what.kind, of: what.of })
    : invalid('A launch is of a country or of a prefix, such as {"country": "IN"}.');

/** Announces a burst of one's own. */
export const announceLaunch =
  (desk: Pick<LaunchDesk, 'announce'>) =>
  async ({ what, untilMs, expected, reason }: LaunchRequest, operator: Operator): Promise<Parsed<Launch>> => {
    const name = nameOf(what);
    if (name.kind === 'invalid') return name;
    const country = what.kind === 'prefix' ? what.country : undefined;
    const { atMs: fromMs, principal: author } = operator;
    const launch: Launch = { ...name.value, country, fromMs, untilMs, expected, reason, author };
    const heeded = { ...name.value, untilMs, expected };
    await desk.announce(launch, actionOf(operator, 'announce-launch', { about: labelOf(what), reason, ...heeded }));
    return parsed(launch);
  };

/** Ends a launch before its time. @returns false: there is none of this name. */
export const cancelLaunch =
  (desk: Pick<LaunchDesk, 'cancel'>) =>
  async (name: LaunchName, operator: Operator): Promise<boolean> =>
    desk.cancel(
      name,
      actionOf(operator, 'cancel-launch', { about: `launch ${idOfLaunch(name)}`, reason: '', ...name }),
    );
