import { type DeskCommand, optionOf } from '../../command.ts';
import { exits } from '../../exits.ts';
import { visible } from '../../print/visible.ts';
import { verifyExport } from '../../verify-export/verify-export.ts';
import { verdictLines } from '../../verify-export/words.ts';
import { filesOf, keyNeeds, keyOf, keyOption } from './signed.ts';

export const verifyExportCommand: DeskCommand = {
  name: 'verify-export',
  takes: [['<folder>', 'to which you downloaded the export']],
  options: [keyOption],
  says: 'Checks an export: the signature of its manifest, and that each part is as it was made.',
  more: ['With --key it works offline. Ends with 1 if the export is not genuine, or not whole.'],
  examples: ['verify-export ./export', 'verify-export ./export --key signing-key.pem'],
  needs: keyNeeds,
  run: async (session, given) => {
    const files = await filesOf(given.words[0] ?? '', 'verify-export');
    const verdict = await verifyExport(files, await keyOf(session, optionOf(given, 'key')));
    session.show(verdict, () => verdictLines(verdict).map(visible));
    return verdict.problems.length === 0 ? exits.ok : exits.failed;
  },
};
