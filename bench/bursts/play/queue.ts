/** A queue by time, then by order of planning. A binary heap. */

export type Queue<Value> = {
  readonly add: (atMs: number, value: Value) => void;
  /** Time of the next value, or Infinity. */
  readonly nextAt: () => number;
  readonly take: () => Value | undefined;
};

type Planned<Value> = { readonly atMs: number; readonly order: number; readonly value: Value };

export const queue = <Value>(): Queue<Value> => {
  const heap: Planned<Value>[] = [];
  let planned = 0;

  const isBefore = (one: Planned<Value>, other: Planned<Value>) =>
    one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

  const rise = (added: Planned<Value>) => {
    let at = heap.length;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || !isBefore(added, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = added;
  };

  const sink = (moved: Planned<Value>) => {
    let at = 0;
    for (;;) {
      const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
      const goesRight = left !== undefined && right !== undefined && isBefore(right, left);
      const child = goesRight ? right : left;
      if (child === undefined || !isBefore(child, moved)) break;
      heap[at] = child;
      at = 2 * at + (goesRight ? 2 : 1);
    }
    heap[at] = moved;
  };

  return {
    add: (atMs, value) => {
      planned += 1;
      rise({ atMs, order: planned, value });
    },
    nextAt: () => heap[0]?.atMs ?? Number.POSITIVE_INFINITY,
    take: () => {
      const [first, last] = [heap[0], heap.pop()];
      if (heap.length > 0 && last !== undefined) sink(last);
      return first?.value;
    },
  };
};
