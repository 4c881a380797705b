import { expect, test } from 'vitest';
import { blocksOf, passageOf, wordsIn } from './page.ts';

const page = `# A page

It has words.

## First

Do [this](https://example.com/a/b):

    npm ci

    added 1 package
    in 2 s

### Inside

\`\`\`python
# main.py
print(1)

print(2)
\`\`\`

## Second

| a | b |
`;

test('a passage ends at the next heading of its level, and a comment of code is no heading', () => {
  expect(passageOf(page)).toBe('# A page\n\nIt has words.\n');
  expect(passageOf(page, 'First')).toMatch(/^## First\n[\s\S]*print\(2\)\n```\n$/);
  expect(passageOf(page, 'Second')).toBe('## Second\n\n| a | b |\n');
  expect(() => passageOf(page, 'main.py')).toThrow('no heading "main.py"');
});

test('an indented block ends at an empty line, and a fenced one at its fence', () => {
  expect(blocksOf(passageOf(page, 'First'))).toEqual([
    { language: undefined, text: 'npm ci' },
    { language: undefined, text: 'added 1 package\nin 2 s' },
    { language: 'python', text: '# main.py\nprint(1)\n\nprint(2)' },
  ]);
});

test('marks and addresses of links are no words, and each part of code and JSON is', () => {
  expect(wordsIn('| a | b |\n\nRead [the page](https://example.com/a): `npm ci`.')).toBe(7);
  expect(wordsIn('{"purpose":"login","codeLength":6} http://127.0.0.1')).toBe(9);
});
