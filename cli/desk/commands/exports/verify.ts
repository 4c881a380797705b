import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type DeskCommand, optionOf } from '../../command.ts';
import { DeskError, exits } from '../../exits.ts';
import type { Session } from '../../session.ts';
import { contentOf, type ExportFiles, filesIn } from '../../verify-export/files.ts';
import { readPublicKey } from '../../verify-export/key.ts';
import { verifyExport } from '../../verify-export/verify-export.ts';
import { verdictLines } from '../../verify-export/words.ts';

/** Of the stack. One that lies beside the files proves nothing. */
const keyOfStack = async (session: Session): Promise<Uint8Array> => {
  const stack = await session.stack();
  const KeyId = await stack.output('ExportSigningKeyArn');
  const client = new KMSClient(stack.options);
  const { PublicKey } = await stack.ask('kms:GetPublicKey', () => client.send(new GetPublicKeyCommand({ KeyId })));
  if (PublicKey === undefined) throw new DeskError('KMS answered without a key. Try again.', exits.failed);
  return PublicKey;
};

const read = async <Content>(what: string, reading: Promise<Content>): Promise<Content> => {
  try {
    return await reading;
  } catch (cause) {
    throw new DeskError(`The ${what} cannot be read. Write a path that is there.`, exits.usage, { cause });
  }
};

const keyOf = (content: Uint8Array) => {
  try {
    return readPublicKey(content);
  } catch (cause) {
    throw new DeskError(cause instanceof Error ? cause.message : String(cause), exits.usage, { cause });
  }
};

export const verifyExportCommand: DeskCommand = {
  name: 'verify-export',
  takes: [['<folder>', 'the files of one export, as they were downloaded']],
  options: [['--key <file>', 'the public key, in place of asking the stack for it']],
  says: 'Checks a downloaded export: its signature, the hash of each part, and that none is missing or added.',
  examples: ['verify-export ./export', 'verify-export ./export --key exports.pub'],
  needs: ['kms:GetPublicKey'],
  run: async (session, given) => {
    const files: ExportFiles = await read('folder', filesIn(given.words[0] ?? ''));
    const file = optionOf(given, 'key');
    const content = file === undefined ? await keyOfStack(session) : await read('key', contentOf(file));
    const verdict = await verifyExport(files, keyOf(content));
    session.show(verdict, () => verdictLines(verdict));
    return verdict.problems.length === 0 ? exits.ok : exits.failed;
  },
};
