/**
 * Writes the schemas of an AWS client so that a bundler can drop unused ones.
 *
 * The SDK names the traits of a schema by constants: `{ [_hH]: _CC_ }`. For a bundler such a key may run code, so it keeps all
 * schemas of a service. Here the keys are the words themselves. Schemas of errors stay as they are, because the SDK registers
 * all of them.
 */

const constants = (original: string): ReadonlyMap<string, string> =>
  new Map([...original.matchAll(/^const (_\w+) = ("[^"\\]*");$/gm)].map(([, name = '', word = '']) => [name, word]));

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
