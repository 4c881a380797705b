import { topCaps, useOf } from '../../desk/status/caps.ts';
import type { Asked, CapUse, Receiver } from '../../desk/status/facts.ts';
import type { Status } from '../../desk/status/status.ts';
import { timeText as time } from '../../desk/times.ts';
import type { CapPlace } from '../../otp/limits/caps.ts';
import type { Stop } from '../../otp/limits/stops.ts';
import type { Reply } from '../problem.ts';

const placeBody = (place: CapPlace) => {
  if (place.of === 'total') return { of: place.of };
  return { of: place.of, name: place.of === 'country' ? place.country : place.application };
};

const capBody = (use: CapUse) => ({ ...placeBody(use.place), hour: useOf(use, 'hour'), day: useOf(use, 'day') });

const stopBody = ({ what, atMs, by, reason }: Stop) => {
  const of =
    what.kind === 'all'
      ? 'all'
      : what.kind === 'application'
        ? { application: what.application }
        : { country: what.country };
  return { what: of, at: time(atMs), by, reason };
};

const receiverBody = ({ protocol, endpoint, state }: Receiver) => ({
  protocol,
  ...(endpoint === undefined ? {} : { endpoint }),
  state,
});

/** What is not known is left out: the check of that name says so. */
const known = <Fact, Body extends object>(
  asked: Asked<Fact>,
  body: (fact: Fact) => Body,
): Body | Record<never, never> => (asked.kind === 'known' ? body(asked.fact) : {});

export const answerStatus = ({ state, checkedMs, checks, facts }: Status): Reply => ({
  status: 200,
  body: {
    state,
    checkedAt: time(checkedMs),
    checks: checks.map(({ name, state: of, says, todo }) => ({
      name,
      state: of,
      says,
      ...(todo === undefined ? {} : { todo }),
    })),
    ...known(facts.caps, (caps) => ({ caps: topCaps(caps).map(capBody) })),
    ...known(facts.blocks, ({ blocks, restrictions }) => ({ blocks, restrictions })),
    ...known(facts.stops, (stops) => ({ stops: stops.map(stopBody) })),
    ...known(facts.findings, ({ open, high, critical }) => ({ findings: { open, high, critical } })),
    ...known(facts.receivers, (receivers) => ({ receivers: receivers.map(receiverBody) })),
  },
});
