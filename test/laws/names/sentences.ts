/** Tells a sentence from a fragment, by its words alone. */

/** Never a subject. A sentence names its actor or its thing first. */
const neverFirst = [
  ...['about', 'above', 'after', 'against', 'at', 'before', 'behind', 'below', 'between', 'by', 'despite', 'during'],
  ...['for', 'from', 'in', 'inside', 'into', 'of', 'off', 'on', 'over', 'through', 'till', 'to', 'under', 'until'],
  ...['upon', 'with', 'within', 'without'],
  ...[
    'also',
    'and',
    'as',
    'because',
    'but',
    'how',
    'if',
    'lest',
    'never',
    'not',
    'once',
    'or',
    'so',
    'than',
    'that',
    'then',
  ],
  ...['though', 'unless', 'what', 'when', 'where', 'whether', 'which', 'while', 'who', 'whoever', 'whose', 'why'],
];

/** Verbs in the forms in which a rule has them, and no noun's. A rule with another verb adds it here. */
const auxiliaries = [
  ...['are', 'can', 'cannot', 'could', 'did', 'do', 'does', 'had', 'has', 'have', 'is', 'may', 'must', 'should'],
  ...['was', 'were', 'will', 'would'],
];
const verbs = new Set([
  ...auxiliaries,
  ...['add', 'adds', 'agree', 'agrees', 'allows', 'answers', 'arrive', 'arrives', 'ask', 'asks', 'attack', 'attacks'],
  ...['beat', 'beats', 'become', 'becomes', 'begin', 'begins', 'belongs', 'blocks', 'brings', 'calls', 'caps'],
  ...['carries', 'change', 'changes', 'clears', 'closes', 'come', 'comes', 'commits', 'contains', 'converts', 'cost'],
  ...[
    'costs',
    'counts',
    'cover',
    'covers',
    'creates',
    'cries',
    'cuts',
    'deletes',
    'denies',
    'depends',
    'deploys',
    'dies',
  ],
  ...[
    'differs',
    'draws',
    'drops',
    'encrypts',
    'end',
    'ends',
    'enter',
    'enters',
    'equal',
    'equals',
    'escapes',
    'explains',
  ],
  ...['fail', 'fails', 'falls', 'feeds', 'fill', 'finds', 'fit', 'fits', 'follow', 'follows', 'forbids', 'forgets'],
  ...['get', 'gets', 'give', 'gives', 'goes', 'grows', 'guesses', 'happen', 'happens', 'hears', 'hides', 'hold'],
  ...['holds', 'imports', 'keep', 'keeps', 'knows', 'lacks', 'leads', 'leak', 'leaks', 'leave', 'leaves', 'let'],
  ...[
    'lets',
    'lies',
    'lifts',
    'links',
    'lists',
    'lives',
    'load',
    'loads',
    'look',
    'looks',
    'loses',
    'make',
    'makes',
    'means',
  ],
  ...[
    'meet',
    'meets',
    'misses',
    'mistypes',
    'move',
    'moves',
    'multiplies',
    'name',
    'names',
    'need',
    'needs',
    'offers',
    'open',
  ],
  ...['opens', 'outlives', 'passes', 'pays', 'plays', 'prepares', 'prints', 'publishes', 'puts', 'quotes', 'reach'],
  ...['reaches', 'reads', 'refuses', 'registers', 'renews', 'repeats', 'returns', 'reveals', 'rings', 'run', 'runs'],
  ...['say', 'says', 'seals', 'see', 'seen', 'sees', 'send', 'sends', 'serves', 'share', 'shares', 'show', 'shows'],
  ...[
    'shuffles',
    'shuts',
    'signs',
    'skips',
    'speaks',
    'spends',
    'spread',
    'stand',
    'stands',
    'starts',
    'states',
    'stay',
  ],
  ...['stays', 'stop', 'stops', 'succeed', 'survives', 'synthesizes', 'takes', 'tells', 'throw', 'throws', 'touches'],
  ...['tries', 'trusts', 'turn', 'turns', 'unfolds', 'uses', 'verifies', 'vouches', 'waits', 'wakes', 'wants'],
  ...['warns', 'watch', 'watches', 'weighs', 'writes'],
]);

/** After a word that ends in s, these show that it is a verb: `replaces the code`. */
const determiners = [
  'a',
  'all',
  'an',
  'any',
  'each',
  'every',
  'its',
  'no',
  'nobody',
  'nothing',
  'the',
  'their',
  'what',
];

const isVerb = (word: string, next: string): boolean =>
  (verbs.has(word) && !verbs.has(next)) || (/[^s]s$/.test(word) && determiners.includes(next));

const minWords = 4;

const wordsOf = (name: string): readonly string[] =>
  name
    .toLowerCase()
    .split(/[\s,:;()]+/)
    .filter((word) => word !== '');

/** Whether the verb at this place is the sentence's own, and not that of `codes that expired`. */
const isOwn = (words: readonly string[], place: number): boolean =>
  place > 0 && !['that', 'to', 'which', 'who', 'whoever'].includes(words[place - 1] ?? '');

/**
 * Why a name is no sentence that says a rule; nothing if it seems to be one. A placeholder may be its subject: the rows
 * of a table say what it stands for.
 */
export const fragmentIn = (name: string): string | undefined => {
  const words = wordsOf(name);
  const [first = '', second = ''] = words;
  if (words.length < minWords) return `has fewer than ${minWords} words`;
  if (neverFirst.includes(first)) return `begins with "${first}"`;
  if (isVerb(first, second)) return `begins with the verb "${first}"`;
  if (!words.some((word, place) => verbs.has(word) && isOwn(words, place))) return 'has no verb that the law knows';
  return undefined;
};
