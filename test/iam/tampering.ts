/** Templates that are wrong in one place, to see whether a check sees it. */

import type { FunctionName } from '../../lambdas/contract.ts';
import { listOf, policyDocumentsOf, type Resource, recordOf, statementsOf } from '../lib/template/permissions.ts';
import type { Statement, Template } from './deployed.ts';

export type Tampered = { readonly what: string; readonly template: Template };

const tampered = (template: Template, what: string, change: (copy: Template) => void): Tampered => {
  const copy = { ...template, resources: structuredClone(template.resources) };
  change(copy);
  return { what, template: copy };
};

const statementAt = ({ resources, roleIds }: Template, name: FunctionName, place: number) =>
  recordOf(statementsOf(resources, roleIds[name])[place]);

const places = ({ resources, roleIds }: Template, name: FunctionName): readonly number[] => [
  ...statementsOf(resources, roleIds[name]).keys(),
];

const sidAt = (template: Template, name: FunctionName, place: number): string =>
  String(statementAt(template, name, place)['Sid']);

/** Without one of the permissions of a function, for each. */
export const withoutPermission = (template: Template, name: FunctionName): readonly Tampered[] =>
  places(template, name).map((place) =>
    tampered(template, `without ${sidAt(template, name, place)}`, (copy) => {
      const gone = statementAt(copy, name, place);
      for (const document of policyDocumentsOf(copy.resources, copy.roleIds[name])) {
        const statements = listOf(recordOf(document)['Statement']);
        Reflect.set(
          recordOf(document),
          'Statement',
          statements.filter((each) => each !== gone),
        );
      }
    }),
  );

/** Without one claim of a condition, for each claim of each condition of a function's permissions. */
export const withoutClaim = (template: Template, name: FunctionName): readonly Tampered[] =>
  places(template, name).flatMap((place) => {
    const { Condition = {} } = statementAt(template, name, place);
    return Object.entries(recordOf(Condition)).flatMap(([prefix, claims]) =>
      Object.keys(recordOf(claims)).map((key) =>
        tampered(template, `${sidAt(template, name, place)} without ${prefix} ${key}`, (copy) => {
          const condition = recordOf(statementAt(copy, name, place)['Condition']);
          Reflect.deleteProperty(recordOf(condition[prefix]), key);
        }),
      ),
    );
  });

/** With one of a function's permissions on everything, for each that is not already. */
export const onEverything = (template: Template, name: FunctionName): readonly Tampered[] =>
  places(template, name)
    .filter((place) => statementAt(template, name, place)['Resource'] !== '*')
    .map((place) =>
      tampered(template, `${sidAt(template, name, place)} on everything`, (copy) => {
        const statement = statementAt(copy, name, place);
        Reflect.deleteProperty(statement, 'NotResource');
        Reflect.set(statement, 'Resource', '*');
      }),
    );

/** With a policy that is attached to the function's role from elsewhere. */
export const withStatement = (template: Template, name: FunctionName, statement: Statement): Tampered =>
  withResource(template, `with ${String(statement['Action'])}`, {
    Type: 'AWS::IAM::Policy',
    Properties: {
      PolicyDocument: { Version: '2012-10-17', Statement: [statement] },
      Roles: [{ Ref: template.roleIds[name] }],
    },
  });

const withResource = (template: Template, what: string, resource: Resource): Tampered =>
  tampered(template, what, (copy) => Reflect.set(copy.resources, 'Elsewhere', resource));

export const withManagedPolicy = (template: Template, name: FunctionName): Tampered =>
  tampered(template, 'with a managed policy', ({ resources, roleIds }) => {
    const role = recordOf(resources[roleIds[name]]);
    Reflect.set(recordOf(role['Properties']), 'ManagedPolicyArns', ['arn:aws:iam::aws:policy/AdministratorAccess']);
  });

/** With another policy on a key, by its name. */
export const withKeyPolicy = (template: Template, key: string, statement: Statement): Tampered =>
  tampered(template, `${key} with another policy`, ({ resources, names }) => {
    const id = [...names].find(([, name]) => name === key)?.[0] ?? '';
    const properties = recordOf(recordOf(resources[id])['Properties']);
    Reflect.set(properties, 'KeyPolicy', { Version: '2012-10-17', Statement: [statement] });
  });

/** With one more item kind or attribute in each list of a function's conditions. */
export const withLongerList = (template: Template, name: FunctionName): readonly Tampered[] =>
  places(template, name).flatMap((place) => {
    const { Condition = {} } = statementAt(template, name, place);
    return Object.entries(recordOf(Condition)).flatMap(([operator, claims]) =>
      Object.keys(recordOf(claims))
        .filter((key) => operator.startsWith('ForAllValues:') && key.startsWith('dynamodb:'))
        .map((key) =>
          tampered(template, `${sidAt(template, name, place)} with another ${key}`, (copy) => {
            const wider = recordOf(recordOf(statementAt(copy, name, place)['Condition'])[operator]);
            Reflect.set(wider, key, [...listOf(wider[key]), 'planted']);
          }),
        ),
    );
  });
