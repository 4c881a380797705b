import { type DeskCommand, optionOf } from '../command.ts';
import { exits } from '../exits.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../print/json.ts';
import { table, wrapped } from '../print/table.ts';
import { absolute } from '../print/times.ts';
import { sinceOf } from '../words/lengths.ts';

const exact = (value: unknown): string => {
  const usd = numberOf(value);
  return usd === undefined ? '' : `$${usd.toFixed(4)}`;
};

const signed = (value: unknown): string => {
  const percent = numberOf(value);
  return percent === undefined ? '' : `${percent > 0 ? '+' : ''}${percent} %`;
};

const pair = (value: unknown, write: (each: unknown) => string): string => {
  const { estimated, real } = fieldsOf(value);
  return estimated === undefined ? '' : `${write(estimated)} : ${write(real)}`;
};

const marks: Readonly<Record<string, string>> = { drift: 'DRIFT' };

const rowOf = ({ country, route, messages, parts, priceUsd, state }: Fields): readonly string[] => [
  textOf(country),
  textOf(route),
  textOf(messages),
  pair(parts, textOf),
  signed(fieldsOf(parts)['driftPercent']),
  pair(priceUsd, exact),
  signed(fieldsOf(priceUsd)['driftPercent']),
  marks[textOf(state)] ?? textOf(state),
];

const head = ['country', 'route', 'messages', 'parts est : real', 'drift', 'USD est : real', 'drift', 'state'];

const changeLine = ({ setting, now, value }: Fields): string =>
  `Write ${textOf(setting)}: ${textOf(value)} in the settings, in place of ${textOf(now)}.`;

const linesOf = (answer: unknown, columns: number): readonly string[] => {
  const { hasReceipts, since, prices: list, changes, unreadable } = fieldsOf(answer);
  if (hasReceipts === false)
    return wrapped(
      'The settings ask for no receipts, so that no real price is known. Write receipts: {} to have them.',
      columns,
    );
  const rows = listOf(list).map(rowOf);
  const todo = listOf(changes).map(changeLine);
  const broken = numberOf(unreadable) ?? 0;
  return [
    ...(rows.length === 0
      ? [`No receipt with a price came since ${absolute(since)}.`]
      : [`Prices since ${absolute(since)}, as the caps counted them and as receipts say.`, '']),
    ...(rows.length === 0 ? [] : table(head, rows, columns)),
    ...(todo.length === 0 ? [] : ['', ...todo.flatMap((line) => wrapped(line, columns))]),
    ...(broken === 0 ? [] : ['', `${broken} sums of a day cannot be read, and are left out.`]),
  ];
};

export const prices: DeskCommand = {
  name: 'prices',
  says: 'Compares what messages cost, as receipts say, with what the caps count. Ends with 3 if they are too far apart.',
  more: [
    'A day (UTC) counts whole. Sums are kept for 90 days, and the last 30 are shown unless --since says otherwise.',
    'DRIFT: over 20 % apart, and the lines below name the settings to change. known: the settings already say what is right, or another route of the country costs more. few: too few messages to say so.',
  ],
  options: [['--since <time>', 'only from that day on: 7d, or a day or time']],
  examples: ['prices', 'prices --since 7d', 'prices --json'],
  needs: ['GET /v1/prices'],
  run: async ({ api, show, columns, askNow }, given) => {
    const since = optionOf(given, 'since');
    const query = { since: since === undefined ? undefined : sinceOf(since, await askNow()) };
    const answer = await api.send('GET', '/v1/prices', { query });
    show(answer, () => linesOf(answer, columns));
    return fieldsOf(answer)['state'] === 'ok' ? exits.ok : exits.red;
  },
};
