import type { IConstruct } from 'constructs';

/** The CloudFormation resource behind a construct, for the properties that the construct does not pass on. */
export const l1 = <Resource>(construct: IConstruct, type: abstract new (...props: never[]) => Resource): Resource => {
  const resource = construct.node.defaultChild;
  if (resource instanceof type) return resource;
  throw new Error(`${construct.node.path} is not made of ${type.name}. Name the resource type that it is made of.`);
};
