import { type DeskCommand, type Given, optionOf } from '../../command.ts';
import { exits, usage } from '../../exits.ts';
import { fieldsOf, textOf } from '../../print/json.ts';
import { plainLines } from '../../print/plain.ts';
import type { Session } from '../../session.ts';
import { idOf, timeOf } from '../../words/lengths.ts';
import { reasonOf, reasonOption } from '../blocks/acts.ts';

/** How to get the files of an export that is done. */
const nextLines = (answer: unknown, { isLocal }: Session): readonly string[] => {
  const { bucket, manifest, state } = fieldsOf(answer);
  const [place, folder] = [textOf(bucket), textOf(manifest).replace(/[^/]*$/, '')];
  if (state !== 'done' || place === '' || folder === '') return [];
  // The AWS CLI would ask AWS for this bucket.
  if (isLocal)
    return ['', 'Local mode keeps the files in its memory. An export of a deployment can be downloaded and checked.'];
  return [
    '',
    'Get its files, and check them:',
    `  aws s3 cp --recursive s3://${place}/${folder} ./export`,
    '  otp-desk verify-export ./export',
  ];
};

const pollMs = 3000;

const started = async (session: Session, given: Given): Promise<unknown> => {
  const [from, to] = [optionOf(given, 'from'), optionOf(given, 'to')];
  if (from === undefined || to === undefined)
    throw usage('Write the time of the export, such as --from 2026-11-01 --to 2026-12-01.');
  const body = { from: timeOf(from, '--from'), to: timeOf(to, '--to') };
  if (body.from >= body.to) throw usage('--from has to be before --to.');
  const reason = await reasonOf(session, given);
  await session.confirm(
    `Export the events from ${body.from} to ${body.to}. It reads the whole table, which costs money.`,
  );
  return session.api.send('POST', '/v1/exports', { body: { ...body, reason } });
};

/** Waits for the end. Ctrl-C ends the waiting, and the export goes on. */
const followed = async (session: Session, first: unknown): Promise<unknown> => {
  const id = idOf(textOf(fieldsOf(first)['id']), 'otp-desk export --id ID');
  const interrupted = session.untilInterrupted();
  session.progress(`Export ${id} runs. Ctrl-C ends the waiting, and not the export.`);
  let [answer, told] = [first, ''];
  while (fieldsOf(answer)['state'] === 'running' && !interrupted.aborted) {
    const { progress, estimate } = fieldsOf(answer);
    const line = plainLines(progress ?? estimate ?? {}, session.now()).join(', ');
    if (line !== told && line !== '') session.progress(line);
    told = line;
    await session.sleep(pollMs, interrupted);
    if (!interrupted.aborted) answer = await session.api.send('GET', `/v1/exports/${id}`);
  }
  if (interrupted.aborted) session.progress(`The export goes on. otp-desk export --id ${id} waits for it again.`);
  return answer;
};

export const exportEvents: DeskCommand = {
  name: 'export',
  options: [
    ['--from <time>', 'a day or a time'],
    ['--to <time>', 'a day or a time; that moment is no longer in it'],
    reasonOption,
    ['--id <id>', 'in place of these: wait for an export that runs'],
    ['--no-wait', 'do not wait for its end'],
  ],
  says: 'Exports findings, audit trail and actions as JSON Lines with a signed manifest, for auditors.',
  examples: ['export --from 2026-11-01 --to 2026-12-01 --reason "audit 2026"', 'export --id 5f0c9c6a'],
  needs: ['POST /v1/exports', 'GET /v1/exports/{id}'],
  run: async (session, given) => {
    const id = optionOf(given, 'id');
    const first =
      id === undefined
        ? await started(session, given)
        : await session.api.send('GET', `/v1/exports/${idOf(id, 'otp-desk export --id 5f0c9c6a')}`);
    const answer = given.options['wait'] === false ? first : await followed(session, first);
    session.show(answer, () => [...plainLines(answer, session.now()), ...nextLines(answer, session)]);
    return fieldsOf(answer)['state'] === 'failed' ? exits.failed : exits.ok;
  },
};
