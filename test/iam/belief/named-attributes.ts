/** Says which attributes a request to DynamoDB names, as `dynamodb:Attributes` does. */

import { recordOf } from '../../lib/template/permissions.ts';

type Input = Readonly<Record<string, unknown>>;

const expressions = ['UpdateExpression', 'ConditionExpression', 'ProjectionExpression'];

const words =
  /\b(?:SET|ADD|REMOVE|DELETE|AND|OR|NOT|IN|BETWEEN|if_not_exists|list_append|attribute_(?:not_)?exists|attribute_type|begins_with|contains|size)\b/g;

/** Of `a.b[0]` only `a` counts: IAM knows attributes, and no paths. */
const namesIn = (expression: string, names: Input): readonly string[] =>
  (
    expression
      .replaceAll(/:\w+/g, '')
      .replaceAll(/(?:\.[#\w]+|\[\d+\])+/g, '')
      .replaceAll(words, '')
      .match(/#?\w+/g) ?? []
  ).map((name) => (name.startsWith('#') ? String(names[name]) : name));

/**
 * All names: those of keys, of items, and of every expression. The conditions of a write count like what it writes.
 *
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export const attributesNamedBy = (input: Input): readonly string[] => {
  const names = recordOf(input['ExpressionAttributeNames'] ?? {});
  const written = ['Key', 'Item', 'AttributeUpdates', 'Expected'].flatMap((part) =>
    Object.keys(recordOf(input[part] ?? {})),
  );
  const inExpressions = expressions.flatMap((part) => namesIn(String(input[part] ?? ''), names));
  return [...new Set([...written, ...inExpressions])].toSorted();
};
