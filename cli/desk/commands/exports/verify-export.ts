import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { type DeskCommand, optionOf } from '../../command.ts';
import { DeskError, exits, usage } from '../../exits.ts';
import { visible } from '../../print/visible.ts';
import type { Session } from '../../session.ts';
import { filesIn } from '../../verify-export/files.ts';
import { readPublicKey } from '../../verify-export/key.ts';
import { verifyExport } from '../../verify-export/verify-export.ts';
import { verdictLines } from '../../verify-export/words.ts';

const keyOfStack = async ({ stack: found }: Session): Promise<Uint8Array> => {
  const stack = await found();
  const KeyId = await stack.output('ExportSigningKeyArn');
  const client = new KMSClient(stack.options);
  const { PublicKey } = await stack.ask('kms:GetPublicKey', () => client.send(new GetPublicKeyCommand({ KeyId })));
  return PublicKey ?? new Uint8Array();
};

const keyOf = async (session: Session, file: string | undefined): Promise<KeyObject> => {
  const content = file === undefined ? await keyOfStack(session) : await readFile(file).catch(() => undefined);
  if (content === undefined) throw usage('The file behind --key cannot be read. Write where the public key is.');
  try {
    return readPublicKey(content);
  } catch (cause) {
    throw new DeskError(cause instanceof Error ? cause.message : 'This is no public key.', exits.usage, { cause });
  }
};

/** Files that cannot be read are no verdict. */
const filesOf = async (folder: string) => {
  try {
    return await filesIn(folder);
  } catch {
    throw usage(
      'This folder cannot be read. Write the one to which you downloaded the export: otp-desk verify-export ./export',
    );
  }
};

export const verifyExportCommand: DeskCommand = {
  name: 'verify-export',
  takes: [['<folder>', 'to which you downloaded the export']],
  options: [['--key <file>', 'public key in PEM or DER (default: that of the stack)']],
  says: 'Checks an export: the signature of its manifest, and that each part is as it was made.',
  more: ['With --key it works offline. Ends with 1 if the export is not genuine, or not whole.'],
  examples: ['verify-export ./export', 'verify-export ./export --key signing-key.pem'],
  needs: ['cloudformation:DescribeStacks', 'kms:GetPublicKey'],
  run: async (session, given) => {
    const files = await filesOf(given.words[0] ?? '');
    const verdict = await verifyExport(files, await keyOf(session, optionOf(given, 'key')));
    session.show(verdict, () => verdictLines(verdict).map(visible));
    return verdict.problems.length === 0 ? exits.ok : exits.failed;
  },
};
