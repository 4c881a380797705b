import { type DeskCommand, optionOf } from '../../command.ts';
import { findingHead, findingRow } from '../../print/finding.ts';
import { fieldsOf, listOf, numberOf } from '../../print/json.ts';
import { moreLine, table } from '../../print/table.ts';
import { sinceOf } from '../../words/lengths.ts';

const linesOf = (answer: unknown, columns: number, nowMs: number): readonly string[] => {
  const { findings: list, cursor, unreadable } = fieldsOf(answer);
  const rows = listOf(list).map((finding) => findingRow(finding, nowMs));
  const broken = numberOf(unreadable) ?? 0;
  return [
    ...(rows.length === 0 ? ['There is no such finding.'] : table(findingHead, rows, columns)),
    ...(broken === 0 ? [] : ['', `${broken} more cannot be read. Tell those who deploy the service.`]),
    ...moreLine(cursor),
  ];
};

export const findings: DeskCommand = {
  name: 'findings',
  says: 'Lists findings, the last changed first. Without --status, the open ones.',
  options: [
    ['--status <status>', 'open, closed, new, acknowledged, resolved, false-positive, lifted or over'],
    ['--severity <severity>', 'low, medium, high or critical'],
    ['--since <time>', 'only those that changed since: 24h, or a day or time'],
    ['--cursor <cursor>', 'the next page, as the last one says'],
  ],
  examples: ['findings', 'findings --status closed --since 24h'],
  needs: ['GET /v1/findings'],
  run: async ({ api, show, columns, now, askNow }, given) => {
    const since = optionOf(given, 'since');
    const query = {
      status: optionOf(given, 'status'),
      severity: optionOf(given, 'severity'),
      since: since === undefined ? undefined : sinceOf(since, await askNow()),
      cursor: optionOf(given, 'cursor'),
    };
    const answer = await api.send('GET', '/v1/findings', { query });
    show(answer, () => linesOf(answer, columns, now()));
    return undefined;
  },
};
