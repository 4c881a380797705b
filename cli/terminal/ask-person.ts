import { createInterface } from 'node:readline/promises';

/** Asks on the terminal. @returns `undefined` if the person ended the input, or pressed Ctrl-C. */
export const askPerson = async (question: string): Promise<string | undefined> => {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new AbortController();
  reader.once('close', () => ended.abort());
  reader.once('SIGINT', () => reader.close());
  try {
    return await reader.question(question, { signal: ended.signal });
  } catch {
    process.stderr.write('\n');
    return undefined;
  } finally {
    reader.close();
  }
};
