import type { Exit } from './exits.ts';
import type { Session } from './session.ts';

/** The words behind the name of a command. */
export type Given = {
  /** One text for each argument; the last one may hold several words. */
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
};

/**
 * A command of otp-desk, as data: the program, its help and the page of the documentation are made of it.
 *
 * A command lives in a file of its own under `commands/`, and `commands.ts` lists it.
 */
export type DeskCommand = {
  /** One word, or a group and a word: `dead-letters show`. */
  readonly name: string;
  /** Whether the group alone means this command. */
  readonly isDefault?: true;
  /** As commander writes arguments: `<id>`, `[of...]`. */
  readonly takes?: readonly (readonly [argument: string, says: string])[];
  /** As commander writes options: `--for <length>`. */
  readonly options?: readonly (readonly [flags: string, says: string])[];
  /** One sentence. */
  readonly says: string;
  /** Further facts about it. */
  readonly more?: readonly string[];
  /** Behind `otp-desk`. */
  readonly examples: readonly [string, ...string[]];
  /** The route of the API, or what it asks of AWS, by IAM action. */
  readonly needs: readonly string[];
  /** Whether a number may be meant by a word too many, which a shell would keep. */
  readonly asksNumber?: true;
  /** @returns the exit code; nothing: 0. */
  readonly run: (session: Session, given: Given) => Promise<Exit | undefined>;
};

/** The text of an option that takes one. */
export const optionOf = ({ options }: Given, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};
