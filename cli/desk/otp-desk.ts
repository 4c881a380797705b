#!/usr/bin/env node
/**
 * The security desk on a command line.
 *
 *     npm run desk -- status --stack OtpService
 *     npm run desk -- findings --local
 *
 * It calls the API of operators and, for what that has not, AWS. `--help` has the rest.
 */

import { runDesk } from './program.ts';
import { ownSurroundings } from './terminal.ts';

// A reader such as `head` may have enough before the end.
process.stdout.on('error', (error) => {
  if (!('code' in error && error.code === 'EPIPE')) throw error;
  process.exit();
});

process.exitCode = await runDesk(process.argv.slice(2), ownSurroundings());
