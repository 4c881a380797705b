/** Reads a template for what a role may do; whatever it does not understand is an error, never a silent pass. */

export type Resource = {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
};
export type Resources = Readonly<Record<string, Resource>>;
export type Spell = (value: unknown) => string;

export const resourcesOf = (template: { readonly Resources?: Record<string, Partial<Resource>> }): Resources =>
  Object.fromEntries(
    Object.entries(template.Resources ?? {}).map(([id, resource]) => [
      id,
      { Type: '', ...resource, Properties: resource.Properties ?? {} },
    ]),
  );

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
};

export const recordOf = (value: unknown): Readonly<Record<string, unknown>> => {
  if (!isRecord(value)) throw new Error(`Expected an object, got ${JSON.stringify(value)}`);
  return value;
};

/** Spells a CloudFormation value as people would: names for references, `<Region>` for the Region. */
export const speller =
  (names: ReadonlyMap<string, string>): Spell =>
  (value) => {
    const spell = speller(names);
    if (typeof value === 'string') return value;
    if (!isRecord(value)) return JSON.stringify(value);
    const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value;
    if (typeof ref === 'string') return ref.startsWith('AWS::') ? `<${ref.slice(5)}>` : (names.get(ref) ?? ref);
    if (Array.isArray(attribute)) {
      const [id, name] = attribute;
      const known = names.get(String(id)) ?? String(id);
      return name === 'Arn' ? known : `${known}.${name}`;
    }
    if (Array.isArray(join)) return listOf(join[1]).map(spell).join(String(join[0]));
    throw new Error(`Cannot spell ${JSON.stringify(value)}`);
  };

/** The statements of a policy's document. */
export const statementsIn = (document: unknown): readonly Readonly<Record<string, unknown>>[] =>
  listOf(recordOf(document)['Statement']).map(recordOf);

const known = ['Sid', 'Effect', 'Action', 'Resource', 'NotResource', 'Condition', 'Principal'];

/** A statement as lines `action on resource [if conditions]`, one per action and resource. */
export const linesOf = (statement: unknown, spell: Spell): readonly string[] => {
  const parts = recordOf(statement);
  const strange = Object.keys(parts).filter((key) => !known.includes(key));
  if (strange.length > 0) throw new Error(`A statement has ${strange.join(', ')}, which this check cannot read`);
  const prefix = parts['Effect'] === 'Allow' ? '' : `${String(parts['Effect'])} `;
  const on = [
    ...listOf(parts['Resource']).map((each) => `on ${spell(each)}`),
    ...listOf(parts['NotResource']).map((each) => `on all but ${spell(each)}`),
  ];
  const conditions = conditionsOf(parts['Condition'], spell);
  return listOf(parts['Action']).flatMap((action) =>
    on.map((resource) => `${prefix}${String(action)} ${resource}${conditions}`),
  );
};

const conditionsOf = (condition: unknown, spell: Spell): string => {
  if (condition === undefined) return '';
  const claims = Object.entries(recordOf(condition)).flatMap(([operator, claim]) =>
    Object.entries(recordOf(claim)).map(([key, values]) => `${operator} ${key} ${listOf(values).map(spell).join('|')}`),
  );
  return ` if ${claims.toSorted().join(' and ')}`;
};

/** Everything that a role may do, from every kind of resource that can give it something, in order. */
export const permissionsOf = (resources: Resources, roleId: string, spell: Spell): readonly string[] => {
  const managed = managedPoliciesOf(resources, roleId).map((arn) => `managed policy ${spell(arn)}`);
  const statements = statementsOf(resources, roleId);
  return [...managed, ...statements.flatMap((statement) => linesOf(statement, spell))].toSorted();
};

export const managedPoliciesOf = (resources: Resources, roleId: string): readonly unknown[] =>
  listOf(roleOf(resources, roleId).Properties['ManagedPolicyArns']);

/** The statements for a role, its own and those of policies that are attached to it. */
export const statementsOf = (resources: Resources, roleId: string): readonly unknown[] =>
  policyDocumentsOf(resources, roleId).flatMap((document) => listOf(recordOf(document)['Statement']));

export const policyDocumentsOf = (resources: Resources, roleId: string): readonly unknown[] => [
  ...listOf(roleOf(resources, roleId).Properties['Policies']).map((policy) => recordOf(policy)['PolicyDocument']),
  ...Object.values(resources)
    .filter(({ Type, Properties }) => isPolicy(Type) && isFor(Properties, roleId))
    .map(({ Properties }) => Properties['PolicyDocument']),
];

const roleOf = (resources: Resources, roleId: string): Resource => {
  const role = resources[roleId];
  if (role?.Type !== 'AWS::IAM::Role') throw new Error(`There is no role ${roleId}`);
  return role;
};

const isPolicy = (type: string): boolean =>
  ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy', 'AWS::IAM::RolePolicy'].includes(type);

const isFor = (properties: Readonly<Record<string, unknown>>, roleId: string): boolean =>
  [...listOf(properties['Roles']), ...listOf(properties['RoleName'])].some(
    (role) => JSON.stringify(role) === JSON.stringify({ Ref: roleId }),
  );
