import { expect, test } from 'vitest';
import { findingLines } from '../../../cli/desk/print/finding.ts';
import { trafficLines } from '../../../cli/desk/print/traffic.ts';

const point = (requests: number, refused: number) => ({ requests, approved: 0, refused });

test('the traffic of a finding is a bar for each ten minutes, on one scale, with its total', () => {
  expect(trafficLines({ byTenMinutes: [point(0, 0), point(1, 0), point(40, 0), point(2, 80)] })).toEqual([
    'got a code ▁▂▅▂ 43',
    'entered it ▁▁▁▁ 0',
    'refused    ▁▁▁█ 80',
  ]);
});

test('the lines of a finding have its traffic, if the answer has any, whatever its shape', () => {
  const traffic = { byTenMinutes: [point(3, 9)] };
  expect(findingLines({ traffic }, 80, 0)).toContain('  refused    █ 9');
  for (const odd of [undefined, null, [], 'x', { byTenMinutes: 'x' }, { byTenMinutes: [] }])
    expect(findingLines({ traffic: odd }, 80, 0).join('\n')).not.toContain('Traffic');
  expect(trafficLines({ byTenMinutes: [null, { requests: '9', refused: -4 }] })).toEqual([
    'got a code ▁▁ 0',
    'entered it ▁▁ 0',
    'refused    ▁▁ 0',
  ]);
});
