/**
 * The laws of the house for one file: what it may import, what a pure room may not say, and names that are not used.
 * A pure function of the sources, so that the laws themselves can be tested.
 */

import { type Room, rooms } from './rooms.ts';
import type { Source } from './source/files.ts';
import { type Import, importsOf, targetOf } from './source/imports.ts';
import { parse } from './source/syntax.ts';
import { type Word, wordsOf } from './source/words.ts';

export type Manifest = {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

const importBreaches = (room: Room, { path }: Source, imports: readonly Import[]): readonly string[] =>
  imports.flatMap(({ from, isType }) => {
    if (from === undefined)
      return room.mayCompute ? [] : [`${path} computes what it imports: write the name, so that it can be checked.`];
    const target = targetOf(from, path);
    const may = isType ? [...room.may, ...room.mayForTypes] : room.may;
    if (may.some((allowed) => allowed.test(target))) return [];
    const forTypes = room.mayForTypes.some((allowed) => allowed.test(target)) ? ' other than by `import type`' : '';
    return [`${path} may not import ${target.replace(/^\.\//, '')}${forTypes}.`];
  });

const wordBreaches = (room: Room, { path }: Source, said: ReadonlySet<Word>): readonly string[] =>
  [...said]
    .filter((word) => room.mayNotSay.includes(word))
    .map((word) => `${path} may not use ${word}: take what it gives as an argument.`);

/** Names of places where lines go when nobody has decided where they belong. */
const noNames = new Set(['src', 'utils', 'helpers', 'common', 'shared', 'types']);

const nameBreaches = (source: Source): readonly string[] =>
  source.path
    .split('/')
    .map((part) => part.replace(/\..*$/, ''))
    .filter((part) => noNames.has(part))
    .map((part) => `${source.path} is called "${part}": name it after what it holds.`);

/** Packages of this project, as its examples list them. */
const ownPackages: Readonly<Record<string, string>> = { 'otp-service-client': 'file:../../typescript' };

const packageOf = (from: string) => /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from;

/** What runs must be listed and pinned, or an install tomorrow ships other code than was tested today. */
const pinBreaches = ({ path }: Source, imports: readonly Import[], manifest: Manifest): readonly string[] => {
  const pins = { ...manifest.optionalDependencies, ...manifest.devDependencies, ...manifest.dependencies };
  return imports.flatMap(({ from, isType }) => {
    if (from === undefined || isType || /^node:|^[./]|^data:/.test(from)) return [];
    const name = packageOf(from);
    const version = pins[name];
    if (version === undefined) return [`${path} imports ${name}, which package.json does not list.`];
    return version === ownPackages[name] || /^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(version)
      ? []
      : [`${path} imports ${name}, which package.json does not pin exactly: ${version}.`];
  });
};

/** Manifests of packages that stand inside of the project, by their folders. */
export type InnerManifests = Readonly<Record<string, Manifest>>;

/** A file is of the innermost package that has it. The root's list serves all: it is what the tests install. */
const manifestOf = ({ path }: Source, manifest: Manifest, inner: InnerManifests): Manifest => {
  const [, own = {}] = Object.entries(inner).find(([folder]) => path.startsWith(`${folder}/`)) ?? [];
  return { ...manifest, dependencies: { ...manifest.dependencies, ...own.dependencies } };
};

/** Each breach as a sentence; none if all is well. */
export const breaches = (
  sources: readonly Source[],
  manifest: Manifest,
  inner: InnerManifests = {},
): readonly string[] =>
  sources.flatMap((source) => {
    const room = rooms.find(({ holds }) => holds.test(source.path));
    if (room === undefined) return [`${source.path} stands in no room: see docs/decisions/ for the layout.`];
    const program = parse(source.text);
    const imports = importsOf(program);
    const found = [
      ...nameBreaches(source),
      ...importBreaches(room, source, imports),
      ...wordBreaches(room, source, wordsOf(program)),
      ...pinBreaches(source, imports, manifestOf(source, manifest, inner)),
    ];
    return [...new Set(found)];
  });
