import type { KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { DeskError, exits, usage } from '../../exits.ts';
import type { Session } from '../../session.ts';
import { type ExportFiles, filesIn } from '../../verify-export/files.ts';
import { readPublicKey } from '../../verify-export/key.ts';

const keyOfStack = async ({ stack: found }: Session): Promise<Uint8Array> => {
  const stack = await found();
  const KeyId = await stack.output('ExportSigningKeyArn');
  const client = new KMSClient(stack.options);
  const { PublicKey } = await stack.ask('kms:GetPublicKey', () => client.send(new GetPublicKeyCommand({ KeyId })));
  return PublicKey ?? new Uint8Array();
};

/** The public key of a file, or that of the stack. */
export const keyOf = async (session: Session, file: string | undefined): Promise<KeyObject> => {
  const content = file === undefined ? await keyOfStack(session) : await readFile(file).catch(() => undefined);
  if (content === undefined) throw usage('The file behind --key cannot be read. Write where the public key is.');
  try {
    return readPublicKey(content);
  } catch (cause) {
    throw new DeskError(cause instanceof Error ? cause.message : 'This is no public key.', exits.usage, { cause });
  }
};

/** Files that cannot be read are no verdict. @param command as it is to be written. */
export const filesOf = async (folder: string, command: string): Promise<ExportFiles> => {
  try {
    return await filesIn(folder);
  } catch {
    throw usage(
      `This folder cannot be read. Write the one to which you downloaded the export: otp-desk ${command} ./export`,
    );
  }
};

export const keyOption = ['--key <file>', 'public key in PEM or DER (default: that of the stack)'] as const;
export const keyNeeds = ['cloudformation:DescribeStacks', 'kms:GetPublicKey'] as const;
