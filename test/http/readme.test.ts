import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LocalStack } from '../../local/stack.ts';
import { openStack } from './client.ts';

let stack: LocalStack;
beforeAll(async () => {
  stack = await openStack(inject('bundles'));
});
afterAll(() => stack.stop());

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** Each curl of README, and the answer that is printed below it. */
const examples = [...readme.matchAll(/^ {4}(curl (?:.*\\\n)*.*)\n\n((?: {4}.*\n)+)/gm)].map(
  ([, curl = '', printed = '']) => ({ curl, printed }),
);
const printedId = /"id":"([^"]+)"/.exec(readme)?.[1] ?? '';
const printedCode = /"text":"(\d+)/.exec(readme)?.[1] ?? '';

const send = async (curl: string) => {
  const [, url = ''] = /(http:[^\s']+)/.exec(curl) ?? [];
  const headers = [...curl.matchAll(/-H '([^:']+): ([^']+)'/g)].map(([, name = '', value = '']) => [name, value]);
  const body = /-d '([^']+)'/.exec(curl)?.[1];
  const response = await fetch(url, {
    headers: Object.fromEntries(headers),
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  return await response.text();
};

const fieldsOf = (json: string) => [...json.matchAll(/"(\w+)":/g)].map(([, name]) => name);
/** Words and numbers that are the same at every run. */
const constantsOf = (json: string) =>
  [...json.matchAll(/"(?:status|purpose|codeLength|attemptsRemaining|delivery|title|code|to)":("[^"]+"|\d+)/g)].map(
    ([pair]) => pair,
  );

describe('the curls of README', () => {
  test('the curls of README get answers with the fields and the words that are printed below them', async () => {
    expect(examples).toHaveLength(5);
    let [id, code] = [printedId, printedCode];
    for (const { curl, printed } of examples) {
      const answer = await send(
        curl
          // The inbox is local mode's own, outside of the stage.
          .replace('http://127.0.0.1:4000/_local', `${stack.origin}/_local`)
          .replace('http://127.0.0.1:4000', stack.url)
          .replace("'x-api-key: local'", `'x-api-key: ${stack.apiKey}'`)
          .replace(printedId, id)
          .replace(printedCode, code),
      );
      const shown = fieldsOf(printed);
      expect(fieldsOf(answer).slice(0, shown.length)).toEqual(shown);
      expect(constantsOf(answer)).toEqual(constantsOf(printed));
      id = /"id":"([^"]+)"/.exec(answer)?.[1] ?? id;
      code = /"text":"(\d+)/.exec(answer)?.[1] ?? code;
    }
    expect([id, code]).not.toEqual([printedId, printedCode]);
  });
});
