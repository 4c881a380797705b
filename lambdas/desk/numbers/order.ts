import { createHash } from 'node:crypto';

/** Most digits of an order number. A telephone number with its calling code has more, except in a few small countries. */
const maxDigits = 8;

/** Whether a text is an order number, and surely no telephone number. */
export const isOrder = (text: string): boolean =>
  /^[A-Za-z][A-Za-z0-9-]{2,39}$/.test(text) && text.replaceAll(/\D/g, '').length <= maxDigits;

/** No vowels, so that no word comes of it, and no digits, so that no number does. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';
const drawnLength = 8;

/** An order number for an erasure that brought none, made of the id of its request, which is drawn at random. */
export const drawOrder = (requestId: string, atMs: number): string => {
  const bytes = createHash('sha256').update(`order\n${requestId}`).digest().subarray(0, drawnLength);
  const drawn = [...bytes].map((byte) => letters[byte % letters.length]).join('');
  return `ERASE-${new Date(atMs).getUTCFullYear()}-${drawn}`;
};
