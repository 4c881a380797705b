import { type DeskCommand, type Given, optionOf } from '../../command.ts';
import { exits } from '../../exits.ts';
import { fieldsOf } from '../../print/json.ts';
import { plainLines } from '../../print/plain.ts';
import { moreLine } from '../../print/table.ts';
import type { Session } from '../../session.ts';
import { reasonOf, reasonOption } from '../blocks/acts.ts';

const bodyOf = async (session: Session, given: Given) => {
  const number = await session.number();
  const reason = await reasonOf(session, given);
  return { number, reason };
};

/** Reading is an act: the audit trail keeps who read whose history, and why. */
export const history: DeskCommand = {
  name: 'history',
  options: [reasonOption, ['--cursor <cursor>', 'the next page, as the last one says']],
  says: 'Shows what is stored of one number. The number is asked for, or read from standard input.',
  more: ['The audit trail keeps who read it, when and why. The answer shows the number masked.'],
  examples: ['history --reason "complaint 4711"', 'history --yes --reason "complaint 4711" < number.txt'],
  needs: ['POST /v1/numbers/history'],
  asksNumber: true,
  run: async (session, given) => {
    const body = await bodyOf(session, given);
    const cursor = optionOf(given, 'cursor');
    await session.confirm('Read the history of this number. The audit trail keeps that you did.');
    const answer = await session.api.send('POST', '/v1/numbers/history', {
      body: { ...body, ...(cursor === undefined ? {} : { cursor }) },
    });
    session.show(answer, () => {
      const { cursor: next, ...facts } = fieldsOf(answer);
      return [...plainLines(facts, session.now()), ...moreLine(next)];
    });
    return undefined;
  },
};

/** A call ends after some time. Under the same order number the next one goes on. */
const erasedAll = async (
  { api, progress }: Pick<Session, 'api' | 'progress'>,
  body: Readonly<Record<string, string>>,
  calls = 1,
): Promise<unknown> => {
  const answer = await api.send('POST', '/v1/numbers/erase', { body });
  const { isComplete, order } = fieldsOf(answer);
  if (isComplete !== false || typeof order !== 'string' || calls === maxCalls) return answer;
  progress(`Not all is erased yet. Going on with order ${order}.`);
  return erasedAll({ api, progress }, { ...body, order }, calls + 1);
};

const maxCalls = 20;

export const erase: DeskCommand = {
  name: 'erase',
  options: [reasonOption, ['--order <number>', 'order number, such as ERASE-2026-0001 (default: one is drawn)']],
  says: 'Erases what is stored of one number, and says what is still to end, and when.',
  more: ['It cannot be undone. A block of staff on the number stays.'],
  examples: ['erase --reason "request of the holder"', 'erase --yes --reason "request of the holder" < number.txt'],
  needs: ['POST /v1/numbers/erase'],
  asksNumber: true,
  run: async (session, given) => {
    const order = optionOf(given, 'order');
    const body = { ...(await bodyOf(session, given)), ...(order === undefined ? {} : { order }) };
    await session.confirm('Erase all that is stored of this number, except a block of staff. It cannot be undone.');
    session.progress('Erasing. This may take a while.');
    const answer = await erasedAll(session, body);
    session.show(answer, () => plainLines(answer, session.now()));
    return fieldsOf(answer)['isComplete'] === false ? exits.failed : exits.ok;
  },
};
