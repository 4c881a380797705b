export type Faults<Mode extends string, Subject> = {
  /** Arms a fault for the next `times` calls that match, 1 by default. */
  readonly arm: (mode: Mode, options?: { times?: number; matches?: (subject: Subject) => boolean }) => void;
  /** The fault of this call, if any. Each call of this function uses one up. */
  readonly strike: (subject: Subject) => Mode | undefined;
  readonly clear: () => void;
};

/** The switches by which a test, or a developer at the page, makes a stand-in misbehave. Armed first, used first. */
export const createFaults = <Mode extends string, Subject>(): Faults<Mode, Subject> => {
  let armed: { mode: Mode; left: number; matches: (subject: Subject) => boolean }[] = [];
  return {
    arm: (mode, { times = 1, matches = () => true } = {}) => {
      armed.push({ mode, left: times, matches });
    },
    strike: (subject) => {
      const fault = armed.find(({ matches }) => matches(subject));
      if (fault === undefined) return undefined;
      fault.left -= 1;
      armed = armed.filter(({ left }) => left > 0);
      return fault.mode;
    },
    clear: () => {
      armed = [];
    },
  };
};
