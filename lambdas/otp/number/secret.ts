/**
 * A text that cannot be logged in clear: whatever prints it, serialises it or joins it gets `[redacted]`.
 * Only `reveal` gives the text, and only the few places that must send or hash it call that.
 */
export type Secret = {
  readonly reveal: () => string;
  readonly toString: () => string;
  readonly toJSON: () => string;
};

const redacted = () => '[redacted]';

export const secret = (text: string): Secret =>
  Object.freeze({
    reveal: () => text,
    toString: redacted,
    toJSON: redacted,
    [Symbol.toPrimitive]: redacted,
    [Symbol.for('nodejs.util.inspect.custom')]: redacted,
  });
