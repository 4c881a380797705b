import type { DeskCommand } from '../../command.ts';
import { whatText } from '../../print/finding.ts';
import { type Fields, fieldsOf, listOf, textOf } from '../../print/json.ts';
import { table } from '../../print/table.ts';
import { both } from '../../print/times.ts';

const rowOf = (block: Fields, nowMs: number): readonly string[] => [
  textOf(block['kind']),
  whatText(block['what']),
  both(block['until'], nowMs),
  textOf(block['by']),
  textOf(block['finding']),
  textOf(block['reason']),
];

export const blocks: DeskCommand = {
  name: 'blocks',
  says: 'Lists what is blocked and restricted now: by whom, why and until when.',
  examples: ['blocks'],
  needs: ['GET /v1/blocks'],
  run: async ({ api, show, columns, now }) => {
    const answer = await api.send('GET', '/v1/blocks');
    show(answer, () => {
      const rows = listOf(fieldsOf(answer)['blocks']).map((block) => rowOf(block, now()));
      return rows.length === 0
        ? ['Nothing is blocked.']
        : table(['kind', 'what', 'until', 'by', 'finding', 'reason'], rows, columns);
    });
    return undefined;
  },
};
