import { recordKey } from '../../lambdas/otp/number/pseudonyms.ts';
import { secret } from '../../lambdas/otp/number/secret.ts';
import type { Verification } from '../../lambdas/otp/record/verification.ts';
import type { World } from './world.ts';

type Change = {
  readonly id: string;
  readonly dueMs: number;
  readonly before: Verification | undefined;
  readonly after: Verification | undefined;
};

/**
 * The stream of a world, which brings each change after a lag. `Infinity`: the detector stands still, and nothing comes.
 * Changes whose time has come are delivered before the next step, those of later checks first if their lag is shorter.
 */
export const laggingStream = (here: World, usualLagMs: number) => {
  let waiting: Change[] = [];
  let changes = 0;
  const catchUp = async (): Promise<void> => {
    const due = waiting.filter(({ dueMs }) => dueMs <= here.state.nowMs).toSorted((a, b) => a.dueMs - b.dueMs);
    waiting = waiting.filter(({ dueMs }) => dueMs > here.state.nowMs);
    for (const { id, before, after } of due) await here.stream(id, before, after);
  };
  return {
    check: async (id: string, code: string, lagMs = usualLagMs) => {
      const key = recordKey('app', id);
      const before = here.ledger.records.get(key);
      const outcome = await here.check({ id, code: secret(code), application: 'app' });
      changes += 1;
      waiting.push({
        id: `change ${changes}`,
        dueMs: here.state.nowMs + lagMs,
        before,
        after: here.ledger.records.get(key),
      });
      await catchUp();
      return outcome;
    },
    pass: async (seconds: number) => {
      here.pass(seconds);
      await catchUp();
    },
  };
};
