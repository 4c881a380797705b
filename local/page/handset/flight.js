// @ts-check
import { make } from '../elements.js';

/**
 * Flies the code from its message into the app, for those who want motion and can see both.
 *
 * @param {string} code
 * @param {HTMLElement} from the message
 * @param {HTMLElement} to
 */
export const flyCode = async (code, from, to) => {
  if (matchMedia('(prefers-reduced-motion: reduce)').matches) return;
  const start = (from.querySelector('b') ?? from).getBoundingClientRect();
  const end = to.getBoundingClientRect();
  if (end.bottom < 0 || end.top > innerHeight) return;
  const flyer = make('span', { class: 'flyer digits', 'aria-hidden': 'true' }, code);
  document.body.append(flyer);
  const size = flyer.getBoundingClientRect();
  /** @type {(box: DOMRect, scale: number) => string} */
  const place = ({ left, top, width, height }, scale) =>
    `translate(${left + (width - size.width) / 2}px, ${top + (height - size.height) / 2}px) scale(${scale})`;
  const middle = new DOMRect(
    (start.left + end.left) / 2,
    Math.min(start.top, end.top) - 24,
    end.width / 2,
    start.height,
  );
  const frames = [
    { transform: place(start, 0.7), opacity: 0.6 },
    { transform: place(middle, 1.25), opacity: 1, offset: 0.5 },
    { transform: place(end, 1), opacity: 0.2 },
  ];
  const flight = flyer.animate(frames, { duration: 520, easing: 'cubic-bezier(.45,.05,.25,1)' });
  // A tab in the background plays no animations to their end.
  await Promise.race([flight.finished, new Promise((resolve) => setTimeout(resolve, 700))]).catch(() => {});
  flyer.remove();
};
