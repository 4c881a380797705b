/** By what a browser's request says of the page that sends it. Other clients say nothing. */

import type { IncomingMessage } from 'node:http';

/** A page may reach this machine by a name of its own (DNS rebinding). */
export const isThisMachine = ({ headers }: IncomingMessage): boolean =>
  /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(headers.host ?? '');

/** Browsers name the origin of the page with each call that may change something. */
export const isOfAnotherOrigin = ({ headers: { origin, host } }: IncomingMessage): boolean =>
  origin !== undefined && origin !== `http://${host}`;
