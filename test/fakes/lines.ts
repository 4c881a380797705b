import { vi } from 'vitest';
import { stackNameVariable } from '../../lambdas/contract.ts';

/** The lines that a function writes meanwhile, in a stack of some name. */
export const linesDuring = (act: () => void): readonly Readonly<Record<string, unknown>>[] => {
  const said: string[] = [];
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, method).mockImplementation((...texts: unknown[]) => void said.push(texts.join(' ')));
  // Powertools has a console of its own.
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  vi.stubEnv(stackNameVariable, 'OtpService');
  act();
  vi.restoreAllMocks();
  return said
    .flatMap((text) => text.split('\n'))
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
};
