/**
 * Reads the settings that a settings file shows as comments, as they would be if the comment marks went. A comment line
 * that begins like a setting is one; `// for example` at its end says that it is no default.
 */

export type StatedSetting = {
  readonly name: string;
  /** As it is written, without comment marks. */
  readonly text: string;
  readonly isExample: boolean;
};

/** What stands in a comment of the first level of the object. */
const commented = /^ {2}\/\/ (.*)$/;
const begins = /^(\w+): .*[,{[](?: \/\/ for example)?$/;
const example = /,? \/\/ for example$/;

/** How many brackets a text leaves open. */
const openOf = (text: string): number => (text.match(/[{[(]/g)?.length ?? 0) - (text.match(/[}\])]/g)?.length ?? 0);

export const statedSettings = (file: string): readonly StatedSetting[] => {
  const found: StatedSetting[] = [];
  let lines: string[] = [];
  for (const line of file.split('\n')) {
    const text = commented.exec(line)?.[1];
    if (text === undefined && lines.length > 0) throw new Error(`A setting in a comment does not end: ${lines[0]}`);
    if (text === undefined || (lines.length === 0 && !begins.test(text))) continue;
    lines = [...lines, text];
    if (openOf(lines.join('\n')) > 0) continue;
    const name = begins.exec(lines[0] ?? '')?.[1] ?? '';
    found.push({ name, text: lines.join('\n'), isExample: lines.some((each) => example.test(each)) });
    lines = [];
  }
  return found;
};

/** The value that a stated setting has once it is no comment any more. */
export const uncomment = async ({ name, text }: StatedSetting): Promise<unknown> => {
  const module = await import(`data:text/javascript,${encodeURIComponent(`export default {\n${text}\n};`)}`);
  return module.default[name];
};
