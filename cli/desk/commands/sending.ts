import type { DeskCommand } from '../command.ts';
import { readSending } from '../words/what.ts';
import { reasonOf, reasonOption } from './blocks/acts.ts';

type Act = {
  readonly name: 'stop' | 'resume';
  readonly says: string;
  readonly more: readonly string[];
  readonly reason: string;
  readonly question: (text: string) => string;
  readonly done: (text: string) => string;
};

const actOf = ({ name, says, more, reason: example, question, done }: Act): DeskCommand => ({
  name,
  takes: [
    ['<kind>', 'all, application or country'],
    ['[of...]', 'which application or country'],
  ],
  options: [reasonOption],
  says,
  more,
  examples: [`${name} all --reason "${example}"`, `${name} application web`, `${name} country IN`],
  needs: [`POST /v1/sending/${name}`],
  run: async (session, given) => {
    const [kind = '', ...rest] = given.words;
    const { what, text } = readSending(kind, rest);
    const reason = await reasonOf(session, given);
    await session.confirm(question(text));
    const answer = await session.api.send('POST', `/v1/sending/${name}`, { body: { what, reason } });
    session.show(answer ?? {}, () => [done(text)]);
    return undefined;
  },
});

export const stop: DeskCommand = actOf({
  name: 'stop',
  says: 'Stops sending: all of it, an application, or a country. It spares nobody and holds until resumed.',
  more: ['It takes effect with the next request. Codes that are out can still be checked. It rings every hour.'],
  reason: 'bill explodes',
  question: (text) =>
    `Stop ${text}: nobody gets a code until somebody resumes. Codes that are out can still be checked.`,
  done: (text) => `Stopped: ${text}. otp-desk resume and the same words end it.`,
});

export const resume: DeskCommand = actOf({
  name: 'resume',
  says: 'Ends a stop of sending.',
  more: ['It ends the stop of the same words alone: a stop of all is ended by resume all.'],
  reason: 'attack is over',
  question: (text) => `Resume ${text}: SMS go out again, and cost money.`,
  done: (text) => `Resumed: ${text}.`,
});
