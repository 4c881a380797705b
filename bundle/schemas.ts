/**
 * Writes the schemas of an AWS client so that a bundler can drop unused ones.
 *
 * The SDK names the traits of a schema by constants: `{ [_hH]: _CC_ }`. For a bundler such a key may run code, so it keeps all
 * schemas of a service. Here the keys are the words themselves.
 */

const constants = (original: string): ReadonlyMap<string, string> =>
  new Map([...original.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name = '', word = '']) => [name, word]));

/** Errors that the functions name, and one that the SDK repeats because of its class. A test finds these. */
export const namedErrors: readonly string[] = [
  'ConditionalCheckFailedException',
  'ReplicatedWriteConflictException',
  'ResourceNotFoundException',
  'TransactionCanceledException',
];

/**
 * The schemas without the errors that nobody names. Such an answer becomes the common error of the service, with the name and
 * the message that AWS gave it, by which the functions and the SDK tell errors apart.
 */
export const schemasOfNamedErrors = (original: string): string => {
  const isNeeded = (shape: string): boolean => namedErrors.includes(shape) || shape.endsWith('ServiceException');
  const plain = plainSchemas(original);
  const short = plain
    .replace(/^export var (\w+)\$ = \[-3, [^;]*;\n/gm, (text, shape: string) => (isNeeded(shape) ? text : ''))
    .replace(/^\w+\.registerError\((\w+)\$, \w+\);\n/gm, (text, shape: string) => (isNeeded(shape) ? text : ''));
  if (short.length > plain.length - 1000)
    throw new Error('The SDK spells its errors in another way: see bundle/schemas.ts, and read the new way there.');
  return short;
};

/** Schemas of errors keep their constants, which are shorter: the SDK registers all of them. */
const isOfError = (statement: string): boolean => /^export var \w+\$ = \[-3, /.test(statement);

/** @throws Error when the key of a trait is no constant of the module. */
export const plainSchemas = (original: string): string => {
  const words = constants(original);
  const plain = (statement: string): string =>
    statement.replace(/\[([^[\]]*)\]:/g, (key, name: string) => {
      const word = words.get(name);
      if (word === undefined)
        throw new Error(`The SDK spells a key of its schemas in another way, such as ${key} See bundle/schemas.ts.`);
      return `${word}:`;
    });
  const statements = original.split(/^(?=(?:export )?(?:var|const|let) )/m);
  return statements.map((statement) => (isOfError(statement) ? statement : plain(statement))).join('');
};
