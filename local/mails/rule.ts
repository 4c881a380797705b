import { asRecord } from '../aws/json.ts';

/** A rule on a bus whose target gets a text. */
export type TextRule = {
  readonly pattern: object;
  /** JSON path by variable. */
  readonly paths: Readonly<Record<string, string>>;
  readonly template: string;
};

/** https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_InputTransformer.html */
const maxPaths = 100;
const maxTemplate = 8192;
const variable = /<([^<>]*)>/g;
const line = /^"(?:[^"\\]|\\.)*"$/;

/** @throws Error for a rule that EventBridge would refuse, or that this stand-in would play in another way. */
export const requireRule = ({ pattern, paths, template }: TextRule): void => {
  requirePattern(pattern);
  if (Object.keys(paths).length > maxPaths) throw new Error(`A rule has ${maxPaths} variables at most.`);
  const strange = Object.entries(paths).find(
    ([name, path]) => name.startsWith('aws.') || !/^\$(\.[\w-]+)+$/.test(path),
  );
  if (strange !== undefined) throw new Error(`The variable ${strange.join(': ')} is no path in dot notation.`);
  if (template.length > maxTemplate) throw new Error(`A template has ${maxTemplate} characters at most.`);
  if (!template.split('\n').every((each) => line.test(each)))
    throw new Error('Each line of a template is a text in double quotes.');
  const unknown = [...template.matchAll(variable)].find(([, name = '']) => !Object.hasOwn(paths, name));
  if (unknown !== undefined) throw new Error(`The template names ${unknown[0]}, which is no variable.`);
};

/** Of all patterns of EventBridge, these are played: a list of exact values at the end of each path. */
export const requirePattern = (pattern: object): void => {
  for (const [name, wanted] of Object.entries(pattern)) {
    if (Array.isArray(wanted)) {
      if (wanted.length > 0 && wanted.every((each) => typeof each !== 'object')) continue;
      throw new Error(`The pattern of ${name} is no list of exact values.`);
    }
    if (typeof wanted !== 'object' || wanted === null) throw new Error(`The pattern of ${name} is no list.`);
    requirePattern(wanted);
  }
};

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html */
export const isMatch = (pattern: object, event: unknown): boolean =>
  Object.entries(pattern).every(([name, wanted]) => {
    const found = fieldOf(event, name);
    if (!Array.isArray(wanted)) return isMatch(asRecord(wanted), found);
    return Array.isArray(found) ? found.some((each) => wanted.includes(each)) : wanted.includes(found);
  });

const fieldOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;

/**
 * The text that the target gets. The quotes around each line stay, and a value is put in as it is. A variable whose path leads
 * nowhere is left out: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-transform-target-input.html
 */
export const textOf = ({ paths, template }: Pick<TextRule, 'paths' | 'template'>, event: unknown): string =>
  template.replace(variable, (_, name: string) => {
    const path = Object.hasOwn(paths, name) ? (paths[name] ?? '$') : '$';
    const found = path.split('.').slice(1).reduce(fieldOf, event);
    return found === undefined ? '' : typeof found === 'string' ? found : JSON.stringify(found);
  });
