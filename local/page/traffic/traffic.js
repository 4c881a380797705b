// @ts-check
import { whileBusy } from '../busy.js';
import { find, make, write } from '../elements.js';
import { poll } from '../poll.js';
import { localTraffic } from './player.js';

/**
 * @typedef {import('./player.js').Play} Play
 * @typedef {import('./player.js').Progress} Progress
 */

/** The plays that stand in front. */
const firstPlays = ['A1', 'launch'];
const countryOfLaunch = 'US';
const expectedOfLaunch = 1000;
const maxPauseMs = 15_000;

/**
 * The buttons that make traffic: attacks, and crowds that are none.
 *
 * @param {object} world
 * @param {(country: string, expected: number) => Promise<unknown>} world.announce
 * @param {(error: unknown) => string} world.sentenceOf
 * @param {() => void} world.onChange a play has begun or ended
 */
export const createTraffic = ({ announce, sentenceOf, onChange }) => {
  const progress = createProgress();
  /** @type {readonly Play[]} */
  let plays = [];
  /** @type {Progress | undefined} */
  let current;

  const say = sayer();
  /** @param {unknown} error */
  const sayFailure = (error) => say(localTraffic.sentenceOf(error) ?? sentenceOf(error), true);
  /** @param {Progress} seen */
  const follow = (seen) => {
    const hasEnded = current?.state === 'running' && seen.state !== 'running';
    current = seen;
    progress.show(seen, plays.find(({ play }) => play === seen.play)?.detail ?? '');
    if (!hasEnded) return;
    sayEnd(seen, say);
    onChange();
  };
  /** @param {Play} play */
  const start = async (play) => {
    try {
      const isLaunch = play.play === 'launch';
      if (isLaunch) await announce(countryOfLaunch, expectedOfLaunch);
      follow(await localTraffic.start(play.play));
      say(isLaunch ? `Announced, and started: ${play.title}.` : `Started: ${play.title}.`);
      onChange();
      void lookNow();
    } catch (error) {
      sayFailure(error);
    }
  };

  const stop = find('stop-play', HTMLButtonElement);
  stop.addEventListener('click', () =>
    whileBusy(stop, async () => {
      await localTraffic.stop().catch(sayFailure);
      find('play-title', HTMLElement).focus({ preventScroll: true });
      await lookNow();
    }),
  );

  const look = async () => {
    if (plays.length === 0) {
      const known = await localTraffic.plays();
      plays = known.plays;
      showPlays(plays, start);
      const [running] = known.running;
      if (running !== undefined) follow(running);
    }
    if (current?.state !== 'running') return;
    const seen = await localTraffic.progress(current.id);
    // Local mode was started anew.
    if (seen !== undefined) return follow(seen);
    progress.hide();
    current = undefined;
  };
  const { lookNow } = poll({ look, onFailure: sayFailure, maxPauseMs, part: find('traffic', HTMLElement) });
};

const sayer = () => {
  const status = find('traffic-status', HTMLElement);
  return (/** @type {string} */ text, isBad = false) => {
    status.classList.toggle('bad', isBad);
    write(status, text);
  };
};

/**
 * @param {Progress} seen
 * @param {ReturnType<typeof sayer>} say
 */
const sayEnd = ({ state, error = '' }, say) =>
  say(state === 'failed' ? `The play failed. ${error}` : `The play is ${state}.`, state === 'failed');

/**
 * @param {readonly Play[]} plays
 * @param {(play: Play) => Promise<void>} start
 */
const showPlays = (plays, start) => {
  /**
   * @param {Play} play
   * @param {string} kind
   */
  const buttonOf = (play, kind) => {
    const button = make('button', { type: 'button', class: kind }, labelOf(play));
    button.addEventListener('click', () => whileBusy(button, () => start(play)));
    return button;
  };
  const first = plays.filter(({ play }) => firstPlays.includes(play));
  const others = plays.filter(({ play }) => !firstPlays.includes(play));
  find('first-plays', HTMLElement).replaceChildren(
    ...first.map((play) => buttonOf(play, play.kind === 'attack' ? 'strong' : 'quiet')),
  );
  const items = others.map((play) => {
    const detail = make('p', { class: 'facts', id: `play-${play.play}` }, play.detail);
    const button = buttonOf(play, 'quiet');
    button.setAttribute('aria-describedby', detail.id);
    return make('li', {}, button, detail);
  });
  find('plays', HTMLElement).replaceChildren(...items);
  find('more-plays', HTMLElement).hidden = items.length === 0;
};

/** @param {Pick<Play, 'play' | 'title'>} play */
const labelOf = ({ play, title }) => `${play.charAt(0).toUpperCase()}${play.slice(1)}: ${title}`;

const createProgress = () => {
  const element = find('progress', HTMLElement);
  const counts = find('play-counts', HTMLElement);
  return {
    hide: () => {
      element.hidden = true;
    },
    /**
     * @param {Progress} seen
     * @param {string} detail
     */
    show: ({ play, title, state, where, attack, neighbors, movedSeconds }, detail) => {
      element.hidden = false;
      element.dataset['state'] = state;
      write(find('play-title', HTMLElement), `${labelOf({ play, title })} (${state})`);
      write(find('play-detail', HTMLElement), detail);
      find('stop-play', HTMLElement).hidden = state !== 'running';
      const place = [where.range, where.prefix, where.country].filter((text) => text !== undefined).join(', ');
      const rows = [
        ...(attack.asked === 0
          ? []
          : [
              [
                'Attack',
                `${attack.asked} asked, ${attack.sent} got an SMS, ${attack.refused} refused, ${attack.entered} entered a code`,
              ],
            ]),
        ['Neighbors', `${neighbors.asked} asked, ${neighbors.served} served, ${neighbors.refused} refused`],
        ...(place === '' ? [] : [['Place', place]]),
        ...(movedSeconds > 0 ? [['Clock', `moved forward by ${Math.round(movedSeconds / 60)} minutes`]] : []),
      ];
      while (counts.childElementCount > rows.length) counts.lastElementChild?.remove();
      rows.forEach((texts, nth) => {
        const row =
          counts.children[nth] ?? counts.appendChild(make('div', {}, make('dt'), make('dd', { class: 'digits' })));
        texts.forEach((text, part) => {
          const cell = row.children[part];
          if (cell !== undefined) write(cell, text);
        });
      });
    },
  };
};
