import type { AccountAnswers } from './answers.ts';
import type { Finding, State } from './verdict.ts';

const counts = (findings: readonly Finding[]): Readonly<Record<State, number>> => {
  const count = (state: State) => findings.filter((finding) => finding.state === state).length;
  return { ok: count('ok'), warning: count('warning'), problem: count('problem'), unknown: count('unknown') };
};

/** 1 if a finding is a problem. A question without an answer is no problem. */
export const exitCodeOf = (findings: readonly Finding[]): 0 | 1 => (counts(findings).problem > 0 ? 1 : 0);

export type Place = Pick<AccountAnswers, 'account' | 'region'>;

/** One line per finding in columns, and below it the action. */
export const renderTable = ({ account, region }: Place, findings: readonly Finding[]): string => {
  const heads = findings.map(({ check, about, state }) => [state, check, about] as const);
  const widths = [0, 1, 2].map((column) => Math.max(...heads.map((head) => head[column]?.length ?? 0)));
  const rows = findings.flatMap(({ found, todo }, row) => {
    const head = (heads[row] ?? []).map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
    return [`${head}  ${found}`, ...(todo === '' ? [] : [`${' '.repeat(head.length)}  → ${todo}`])];
  });
  const { ok, warning, problem, unknown } = counts(findings);
  return [
    `Account ${account}, deployment to ${region}`,
    '',
    ...rows,
    '',
    `ok: ${ok}, warnings: ${warning}, problems: ${problem}, unknown: ${unknown}`,
  ].join('\n');
};

/** The same for programs. */
export const renderJson = (place: Place, findings: readonly Finding[]): string =>
  JSON.stringify({ account: place.account, region: place.region, summary: counts(findings), findings }, undefined, 2);
