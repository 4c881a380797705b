import type { Entry } from './contender.ts';

/** Sends everything: shows what each attack costs without a guard. */
export const noGuard: Entry = {
  name: 'no guard',
  enter: () => ({ ask: () => 'sent', resend: () => 'sent', verified: () => {}, wrong: () => {} }),
};
