import { fields } from '../../contract.ts';
import { invalid, maxTypedLength, type Parsed, parsed, tidied } from './typed.ts';

const shape = new RegExp(fields.code);

/** A code as people type or paste it: digits of any script, with spaces, dashes and invisible characters between them. */
export const parseCode = (text: string): Parsed<string> => {
  if (text.length > maxTypedLength) return invalid(notACode);
  const code = tidied(text).replace(/[ -]/g, '');
  return shape.test(code) ? parsed(code) : invalid(notACode);
};

const notACode =
  'Write the code with its 4 to 10 digits, such as "038211". Spaces and dashes between the digits may stay.';
