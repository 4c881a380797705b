import type { Entry } from './contender.ts';

/** Sends everything: what each attack costs when nobody looks. */
export const noGuard: Entry = {
  name: 'no guard',
  enter: () => ({ ask: () => 'sent', resend: () => 'sent', verified: () => {}, wrong: () => {} }),
};
