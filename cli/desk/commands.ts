import type { DeskCommand } from './command.ts';
import { actions } from './commands/actions.ts';
import { block } from './commands/blocks/block.ts';
import { blocks } from './commands/blocks/blocks.ts';
import { lift } from './commands/blocks/lift.ts';
import { exportEvents } from './commands/exports/export.ts';
import { replay } from './commands/exports/replay.ts';
import { verifyExportCommand } from './commands/exports/verify-export.ts';
import { findings } from './commands/findings/findings.ts';
import { show } from './commands/findings/show.ts';
import { ack, falsePositive, resolve } from './commands/findings/verdicts.ts';
import { watch } from './commands/findings/watch.ts';
import { cancelLaunch, launch, launches } from './commands/launches.ts';
import { erase, history } from './commands/numbers/numbers.ts';
import { portNotice } from './commands/numbers/port-notice.ts';
import { prices } from './commands/prices.ts';
import { resume, stop } from './commands/sending.ts';
import { deadLetters } from './commands/stack/dead-letters.ts';
import { drill } from './commands/stack/drill.ts';
import { rotateCodeKey } from './commands/stack/rotate.ts';
import { status } from './commands/status.ts';
import { webhooks } from './commands/webhooks.ts';

/** All commands, in the order of the help. A new one is a file under `commands/` and a name here. */
export const commands: readonly DeskCommand[] = [
  status,
  findings,
  show,
  ack,
  resolve,
  falsePositive,
  watch,
  blocks,
  block,
  lift,
  launch,
  launches,
  cancelLaunch,
  stop,
  resume,
  actions,
  prices,
  history,
  erase,
  portNotice,
  exportEvents,
  verifyExportCommand,
  replay,
  ...webhooks,
  ...deadLetters,
  rotateCodeKey,
  drill,
];
