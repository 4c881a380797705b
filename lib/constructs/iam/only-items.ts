/** Conditions on the items and attributes of a request to DynamoDB. */

export type OnlyItems = {
  /** Partition keys, whole. */
  readonly keys?: readonly string[];
  /** Partition keys, with a wildcard. */
  readonly keysLike?: readonly string[];
  /** Names, those of keys and of conditions included. */
  readonly attributes?: readonly string[];
};

type Claims = Readonly<Record<string, readonly string[]>>;
type Conditions = Readonly<Record<string, Claims | Readonly<Record<string, string>>>>;

/**
 * Holds if a request names these items and attributes, and no others.
 *
 * `ForAllValues` also holds for a request that names none, which `Null` excludes:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html
 */
export const onlyItems = ({ keys, keysLike, attributes }: OnlyItems): Conditions => {
  const leading = 'dynamodb:LeadingKeys';
  const named = 'dynamodb:Attributes';
  const equal = { ...(keys && { [leading]: keys }), ...(attributes && { [named]: attributes }) };
  const present = [...((keys ?? keysLike) ? [leading] : []), ...(attributes ? [named] : [])];
  return {
    ...(Object.keys(equal).length > 0 && { 'ForAllValues:StringEquals': equal }),
    ...(keysLike && { 'ForAllValues:StringLike': { [leading]: keysLike } }),
    Null: Object.fromEntries(present.map((key) => [key, 'false'])),
  };
};
