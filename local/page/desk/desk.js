// @ts-check
import { find, write } from '../elements.js';
import { poll } from '../poll.js';
import { operatorApi as api, sentenceOf } from './api.js';
import { createFindings } from './findings.js';
import { createBlocks, createLaunches, createStops } from './holds.js';
import { createStatus } from './status.js';

/** The status asks a dozen questions: it comes with each look of so many, and after an act. */
const looksPerStatus = 4;
const maxPauseMs = 15_000;
const longestLaunchMinutes = 72 * 60;

/**
 * The desk of security staff. It calls the API of operators and nothing else, one call at a time, while it is in view.
 *
 * @param {object} world
 * @param {() => number} world.now by the clock of the service
 */
export const createDesk = ({ now }) => {
  const element = find('desk', HTMLElement);
  const error = find('desk-error', HTMLElement);
  let looks = 0;
  const onActed = () => {
    looks = 0;
    void lookNow();
  };
  const desk = { api, now, onActed };
  const [findings, blocks, launches, stops, status] = [
    createFindings(desk),
    createBlocks(desk),
    createLaunches(desk),
    createStops(desk),
    createStatus(),
  ];

  const look = async () => {
    const isFull = looks % looksPerStatus === 0;
    looks += 1;
    await findings.look();
    blocks.show((await api.blocks()).blocks.toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1)));
    if (isFull) {
      launches.show((await api.launches()).launches);
      const shown = await api.status();
      status.show(shown);
      // Left out if nobody can tell.
      if (shown.stops !== undefined) stops.show(shown.stops);
    }
    error.hidden = true;
    write(error, '');
  };
  const { lookNow } = poll({
    look,
    onFailure: (failure, pauseMs) => {
      looks = 0;
      error.hidden = false;
      write(error, `${sentenceOf(failure)} The desk asks again in ${Math.round(pauseMs / 1000)} seconds.`);
    },
    maxPauseMs,
    part: element,
  });

  return {
    lookNow: onActed,
    /**
     * Announces a burst of one's own, for as long as the API takes it, because a play may move the clock to another day.
     *
     * @param {string} country
     * @param {number} expected requests in total
     */
    announce: (country, expected) => {
      const reason = 'a launch, played on the page of local mode';
      return api.announce({ what: { country }, expected, forMinutes: longestLaunchMinutes, reason });
    },
    sentenceOf,
  };
};

/** @param {import('./api.js').Block} block */
const nameOf = ({ level, what }) => `${level} ${JSON.stringify(what)}`;
