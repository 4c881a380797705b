/** How otp-desk ends. */

export const exits = {
  ok: 0,
  /** The API or AWS refused it, or it went wrong. */
  failed: 1,
  /** The command line is wrong, and nothing was asked. */
  usage: 2,
  /** `status` found something that is not well, or `prices` drift. */
  red: 3,
  /** No credentials, no stack, no network, or local mode does not run. */
  unreachable: 4,
  /** A person did not confirm, and nothing was done. */
  unconfirmed: 5,
} as const;
export type Exit = (typeof exits)[keyof typeof exits];

/** Each exit code with what it means, for the help and the page. */
export const exitWords = [
  [exits.ok, 'Done, and all is well.'],
  [exits.failed, 'The API or AWS refused it, or it failed.'],
  [exits.usage, 'The command line is wrong. Nothing was asked or done.'],
  [
    exits.red,
    'status found something that is not well, or that it could not check. Or prices are too far from the estimates.',
  ],
  [exits.unreachable, 'No credentials, no such stack, or no connection.'],
  [exits.unconfirmed, 'Nobody confirmed it. Nothing was done.'],
] as const satisfies readonly (readonly [Exit, string])[];

/** Ends the program with a sentence that says what to do. */
export class DeskError extends Error {
  readonly exit: Exit;
  /** The problem as the API answered it. */
  readonly problem: unknown;

  constructor(message: string, exit: Exit, { cause, problem }: { cause?: unknown; problem?: unknown } = {}) {
    super(message, { cause });
    this.exit = exit;
    this.problem = problem;
  }
}

export const usage = (message: string): DeskError => new DeskError(message, exits.usage);
