/** A play as data: who asks for a code, when, from which IP, and what becomes of the code. Pure. */

/** What somebody does with a code that came. */
export type CodeUse =
  | { readonly kind: 'nothing' }
  /** Types it in, so long after it came. */
  | { readonly kind: 'enter'; readonly afterSeconds: number }
  /** Types in so many wrong codes. */
  | { readonly kind: 'guess'; readonly times: number; readonly afterSeconds: number }
  /** Has the code sent again, so often. */
  | { readonly kind: 'resend'; readonly times: number; readonly afterSeconds: number };

/** Somebody asks for a code. */
export type Visit = {
  /** Seconds after the attack begins; negative before it. */
  readonly atSeconds: number;
  readonly phone: string;
  readonly ip: string;
  readonly use: CodeUse;
};

export type Outcome = 'sent' | 'refused';

/** Visits in the order of their times. It learns of each whether its SMS was sent. */
export type Visits = Generator<Visit, void, Outcome>;

/** In the words of the desk: `{ "range": "+91 98765 4xxxx" }`, `{ "prefix": "+919876" }`, `{ "country": "IN" }`. */
export type Where = { readonly range?: string; readonly prefix?: string; readonly country?: string };

export type Script = {
  readonly where: Where;
  readonly attack: Visits;
  /** Honest people, in the order of their times. */
  readonly neighbors: readonly Visit[];
};

const nothing: CodeUse = { kind: 'nothing' };

/** Visits at an even pace, whatever becomes of them. */
export function* evenly(
  { count, perSecond, fromSeconds = 0 }: { count: number; perSecond: number; fromSeconds?: number },
  visitOf: (nth: number) => Pick<Visit, 'phone' | 'ip'> & Partial<Visit>,
): Visits {
  for (let nth = 0; nth < count; nth += 1)
    yield { atSeconds: fromSeconds + nth / perSecond, use: nothing, ...visitOf(nth) };
}

/** No attack. */
export function* nobody(): Visits {}
