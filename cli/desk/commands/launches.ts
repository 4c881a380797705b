import { type DeskCommand, optionOf } from '../command.ts';
import { usage } from '../exits.ts';
import { whatText } from '../print/finding.ts';
import { type Fields, fieldsOf, listOf, numberOf, textOf } from '../print/json.ts';
import { table } from '../print/table.ts';
import { both } from '../print/times.ts';
import { idOf, minutesOf } from '../words/lengths.ts';
import { readWritten } from '../words/what.ts';
import { reasonOf, reasonOption } from './blocks/acts.ts';

const expectedOf = (text: string | undefined): number => {
  const count = Number(text);
  if (text !== undefined && /^\d{1,9}$/.test(text) && count >= 1) return count;
  throw usage('Write how many requests you expect in total, as a whole number, such as --expected 5000.');
};

export const launch: DeskCommand = {
  name: 'launch',
  takes: [
    ['<kind>', 'country or prefix'],
    ['[of...]', 'which one'],
  ],
  options: [
    ['--for <length>', 'how long: 24h; 72h at most'],
    ['--expected <requests>', 'how many requests you expect in total'],
    reasonOption,
  ],
  says: 'Announces a burst of your own: numbers alone are then no evidence of an attack.',
  more: [
    'Wrong codes and codes that nobody enters count as always, and caps hold. It rings at three times the expected requests.',
  ],
  examples: ['launch country IN --for 24h --expected 5000 --reason "TV spot"'],
  needs: ['POST /v1/launches'],
  run: async (session, given) => {
    const [kind = '', ...rest] = given.words;
    const written = readWritten(kind, rest, ['country', 'prefix']);
    if (written.kind !== 'named') throw usage('Write a country or a prefix.');
    const length = optionOf(given, 'for');
    if (length === undefined) throw usage('Write how long it lasts, such as --for 24h.');
    const [forMinutes, expected] = [
      minutesOf(length, { option: '--for', max: '72h' }),
      expectedOf(optionOf(given, 'expected')),
    ];
    const reason = await reasonOf(session, given);
    const { what, text } = written;
    await session.confirm(`Announce a launch for ${text}, for ${length}, with ${expected} requests expected.`);
    const answer = await session.api.send('POST', '/v1/launches', { body: { what, reason, forMinutes, expected } });
    const { id, until } = fieldsOf(answer);
    session.show(answer, () => [
      `Announced: ${text}, until ${both(until, session.now())}.`,
      `otp-desk cancel-launch ${textOf(id)} ends it before.`,
    ]);
    return undefined;
  },
};

const rowOf = (each: Fields, nowMs: number): readonly string[] => [
  textOf(each['id']),
  whatText(each['what']),
  both(each['from'], nowMs),
  both(each['until'], nowMs),
  `${textOf(each['requests']) || '?'} of ${textOf(each['expected'])}${each['isExceeded'] === true ? ', EXCEEDED' : ''}`,
  textOf(each['author']) || textOf(each['by']),
  textOf(each['reason']),
];

export const launches: DeskCommand = {
  name: 'launches',
  says: 'Lists the launches that are announced.',
  examples: ['launches'],
  needs: ['GET /v1/launches'],
  run: async ({ api, show, columns, now }) => {
    const answer = await api.send('GET', '/v1/launches');
    show(answer, () => {
      const { launches: list, unreadable } = fieldsOf(answer);
      const rows = listOf(list).map((each) => rowOf(each, now()));
      const broken = numberOf(unreadable) ?? 0;
      return [
        ...(rows.length === 0
          ? ['No launch is announced.']
          : table(['id', 'what', 'from', 'until', 'requests', 'by', 'reason'], rows, columns)),
        ...(broken === 0 ? [] : ['', `${broken} more cannot be read, and do not hold. Announce them again.`]),
      ];
    });
    return undefined;
  },
};

export const cancelLaunch: DeskCommand = {
  name: 'cancel-launch',
  takes: [['<id>', 'of the launch, as launches lists it']],
  says: 'Ends an announced launch: numbers are evidence again.',
  examples: ['cancel-launch country:IN'],
  needs: ['DELETE /v1/launches/{id}'],
  run: async ({ api, confirm, show }, { words: [written = ''] }) => {
    const id = idOf(written, 'otp-desk cancel-launch country:IN');
    await confirm(`End the launch ${id}.`);
    const answer = await api.send('DELETE', `/v1/launches/${id}`);
    show(answer ?? {}, () => [`The launch ${id} is over.`]);
    return undefined;
  },
};
