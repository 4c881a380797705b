/** Writes modules of data and of old JavaScript in short. Each is made from the original, and fails if that has changed. */

/** A currency as `dinero.js` spells it. */
const currency = /^const ([A-Z]{3}) = \{\n\tcode: "([A-Z]{3})",\n\tbase: (\d+),\n\texponent: (\d+)\n\};$/gm;

/** @throws Error when the module exports anything else. */
export const shortCurrencies = (original: string): string => {
  const found = [...original.matchAll(currency)].filter(([, name, code]) => name === code);
  const exported = /^export \{ ([A-Z, ]+) \};$/m.exec(original)?.[1]?.split(', ') ?? [];
  if (found.length === 0 || found.map(([, name]) => name).join() !== exported.join())
    throw new Error('The currencies are spelled in another way: see shortCurrencies in bundle/packed.ts.');
  const lines = found.map(([, , code, base, exponent]) => {
    const values = `"${code}"${exponent === '2' && base === '10' ? '' : `, ${exponent}, ${base}`}`;
    return `export const ${code} = /* @__PURE__ */ make(${values});`;
  });
  return `const make = (code, exponent = 2, base = 10) => ({ code, base, exponent });\n${lines.join('\n')}`;
};

/** @throws Error when the class does more than it did. */
export const shortParseError = (original: string): string => {
  const isKnown =
    /\n {4}_this = _callSuper\(this, ParseError, \[code\]\);\n(?: {4}\/\/[^\n]*\n)* {4}Object\.setPrototypeOf\(_this, ParseError\.prototype\);\n {4}_this\.name = _this\.constructor\.name;\n {4}return _this;\n/.test(
      original,
    );
  if (!isKnown) throw new Error('ParseError is spelled in another way: see shortParseError in bundle/packed.ts.');
  return `export default class ParseError extends Error {
    constructor(code) {
      super(code);
      this.name = this.constructor.name;
    }
  }`;
};
