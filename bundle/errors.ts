/**
 * Writes the error classes of an AWS client in a line each.
 *
 * The SDK spells out a class for each error of a service, also for operations that nobody calls. All classes stay, with
 * their names, ids and fields: code may ask for any of them.
 */

type ErrorClass = {
  readonly shape: string;
  readonly fault: string;
  readonly isRetryable: boolean;
  /** Taken from the options of the constructor. */
  readonly fields: readonly string[];
};

type ErrorModule = {
  /** The class that all extend, such as `KMSServiceException`. */
  readonly base: string;
  /** The beginning of the id of a shape, such as `com.amazonaws.kms#`. */
  readonly namespace: string;
  readonly classes: readonly ErrorClass[];
};

const wordsOf = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, word = '']) => word);

const classOf = (text: string): ErrorClass => ({
  shape: wordsOf(text, /^export class (\w+)/gm)[0] ?? '',
  fault: wordsOf(text, /^ {4}\$fault = "(\w+)"/gm)[0] ?? '',
  isRetryable: text.includes('$retryable'),
  fields: wordsOf(text, /^ {4}(\w+);$/gm),
});

const readErrors = (original: string): ErrorModule => {
  const [imports = '', ...texts] = original.split(/^(?=export class )/m);
  return {
    base: wordsOf(imports, /\{ (\w+) as __BaseException \}/g)[0] ?? '',
    namespace: wordsOf(original, /shapeId = "([\w.]+#)/g)[0] ?? '',
    classes: texts.map(classOf),
  };
};

/** A module as the SDK spells it. */
const spelledOut = ({ base, namespace, classes }: ErrorModule): string =>
  [
    `import { ${base} as __BaseException } from "./${base}";`,
    ...classes.flatMap(({ shape, fault, isRetryable, fields }) => [
      `export class ${shape} extends __BaseException {`,
      `    static shapeId = "${namespace}${shape}";`,
      `    name = "${shape}";`,
      `    $fault = "${fault}";`,
      ...(isRetryable ? ['    $retryable = {};'] : []),
      ...fields.map((field) => `    ${field};`),
      '    constructor(opts) {',
      '        super({',
      `            name: "${shape}",`,
      `            $fault: "${fault}",`,
      '            ...opts,',
      '        });',
      `        Object.setPrototypeOf(this, ${shape}.prototype);`,
      ...fields.map((field) => `        this.${field} = opts.${field};`),
      '    }',
      '}',
    ]),
    '',
  ].join('\n');

const short = ({ base, namespace, classes }: ErrorModule): string => `
  import { ${base} as Base } from "./${base}";
  const make = (shape, $fault, fields, more) => class extends Base {
    static shapeId = ${JSON.stringify(namespace)} + shape;
    constructor(opts) {
      super({ $fault, ...opts });
      Object.setPrototypeOf(this, new.target.prototype);
      Object.assign(this, { name: shape, $fault, ...more });
      for (const field of fields) this[field] = opts[field];
    }
  };
  ${classes.map(shortClass).join('\n')}`;

const shortClass = ({ shape, fault, isRetryable, fields }: ErrorClass): string => {
  const values = [shape, fault, fields, ...(isRetryable ? [{ $retryable: {} }] : [])];
  return `export const ${shape} = /* @__PURE__ */ make(${values.map((value) => JSON.stringify(value)).join(', ')});`;
};

/**
 * The module in short. It is made from what was read, and only if the same facts give the original to the letter.
 *
 * @throws Error when the SDK spells its errors in another way.
 */
export const shortErrors = (original: string): string => {
  const read = readErrors(original);
  if (spelledOut(read) !== original) {
    throw new Error(
      'The SDK spells its error classes in another way: see bundle/errors.ts, and read the new way there.',
    );
  }
  return short(read);
};
