import { type DeskCommand, optionOf } from '../command.ts';
import { fieldsOf, listOf, textOf } from '../print/json.ts';
import { moreLine, table } from '../print/table.ts';
import { absolute, both } from '../print/times.ts';
import { sinceOf } from '../words/lengths.ts';

export const actions: DeskCommand = {
  name: 'actions',
  says: 'Lists what operators did: who, when, what about, until when and why.',
  options: [
    ['--since <time>', 'only later ones: 24h, or a day or time'],
    ['--cursor <cursor>', 'the next page, as the last one says'],
  ],
  examples: ['actions --since 24h'],
  needs: ['GET /v1/actions'],
  run: async ({ api, show, columns, now, askNow }, given) => {
    const since = optionOf(given, 'since');
    const query = {
      since: since === undefined ? undefined : sinceOf(since, await askNow()),
      cursor: optionOf(given, 'cursor'),
    };
    const answer = await api.send('GET', '/v1/actions', { query });
    show(answer, () => {
      const { actions: list, cursor } = fieldsOf(answer);
      const rows = listOf(list).map((each) => [
        both(each['at'], now()),
        textOf(each['action']),
        textOf(each['about']),
        absolute(each['until']),
        textOf(each['reason']),
        textOf(each['principal']),
      ]);
      return rows.length === 0
        ? ['No operator did anything in this time.']
        : [...table(['when', 'action', 'about', 'until', 'reason', 'who'], rows, columns), ...moreLine(cursor)];
    });
    return undefined;
  },
};
