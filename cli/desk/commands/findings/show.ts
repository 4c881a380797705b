import type { DeskCommand } from '../../command.ts';
import { findingLines } from '../../print/finding.ts';
import { idOf } from '../../words/lengths.ts';

export const show: DeskCommand = {
  name: 'show',
  takes: [['<id>', 'of the finding']],
  says: 'Explains a finding: what happens, what it costs, who is refused, what to do, and what happened so far.',
  examples: ['show 5f0c9c6a'],
  needs: ['GET /v1/findings/{id}'],
  run: async ({ api, show: print, columns, now }, { words: [id = ''] }) => {
    const answer = await api.send('GET', `/v1/findings/${idOf(id, 'otp-desk show 5f0c9c6a')}`);
    print(answer, () => findingLines(answer, columns, now()));
    return undefined;
  },
};
