/** The prose rules that a machine can check, as a pure function of a Markdown text. */

const maxWords = 25;

const opener = /^\W*(?:who|whom|whose|whoever|what|whatever|where|wherever)\b/i;
const phrases = /\b(?:lest|but for|so many|nothing tells|(?:am|are|be|been|is|was|were) told)\b/gi;
/** British spellings. */
const british =
  /\b(?:behaviours?|cancelled|cancelling|catalogue|centre|colours?|defence|favour\w*|grey|honour\w*|labelled|learnt|licences?|neighbours?|organis\w+|recognis\w+|serialis\w+|travell\w+|whilst)\b/gi;

/** Without code blocks, comments and generated parts; links and inline code as single words. */
const plain = (text: string): string =>
  text
    .replace(/<!-- (\w+): begin -->.*?<!-- \1: end -->/gs, '')
    .replace(/<!--.*?-->/gs, '')
    .replace(/^```.*?^```/gms, '')
    .replace(/^(?: {4}|\t).*$/gm, '')
    .replace(/`[^`]*`/g, 'code')
    .replace(/\]\([^)\s]*\)/g, ']');

/** Paragraphs, list items, headings and table cells. */
const partsOf = (text: string): readonly string[] =>
  plain(text)
    .split(/\n\s*\n|\n(?=\s*(?:[-*] |\d+\. |#|\|))/)
    .flatMap((block) => (/^\s*\|/.test(block) ? block.split('|') : sentencesOf(block)))
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter((part) => part !== '');

/** The sign before a list item ends no sentence. */
const sentencesOf = (block: string): readonly string[] =>
  block.replace(/^\s*(?:[-*]|\d+\.) /, '').split(/(?<=[.!?][*)”"]*)\s+/);

const wordsOf = (part: string): number => part.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;

/** Each breach as a sentence; none if all is well. */
export const proseBreaches = (text: string): readonly string[] =>
  partsOf(text).flatMap((part) => [
    ...(wordsOf(part) > maxWords ? [`${wordsOf(part)} words, at most ${maxWords} are allowed: ${part}`] : []),
    ...(opener.test(part) ? [`Begin with the subject: ${part}`] : []),
    ...(part.match(phrases) ?? []).map((phrase) => `Write another word than "${phrase}": ${part}`),
    ...(part.match(british) ?? []).map((word) => `Spell "${word}" the American way: ${part}`),
  ]);
