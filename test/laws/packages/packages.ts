/** What is wrong with a lock file, a manifest or npm's settings. */

export type Locked = {
  readonly version?: string;
  readonly license?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly os?: string | readonly string[];
  readonly cpu?: string | readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
};
export type Lock = { readonly packages: Readonly<Record<string, Locked>> };
type Names = Readonly<Record<string, string>>;
export type Manifest = {
  readonly scripts?: Names;
  readonly dependencies?: Names;
  readonly devDependencies?: Names;
  readonly optionalDependencies?: Names;
  readonly peerDependencies?: Names;
  readonly allowScripts?: Readonly<Record<string, boolean>>;
};

/** All entries except the project's own. */
const entriesOf = ({ packages }: Lock): readonly (readonly [place: string, locked: Locked])[] =>
  Object.entries(packages).filter(([place]) => place !== '');

/** The place of the package that a bundled one came in. */
const parentOf = (place: string): string => place.slice(0, place.lastIndexOf('/node_modules/'));

/** The entries that npm installs without knowing what it gets. A bundled package is inside of another, which has a hash. */
export const unknownToLock = (lock: Lock): readonly string[] =>
  entriesOf(lock)
    .filter(([place, { integrity, inBundle }]) => {
      if (inBundle === true && parentOf(place) in lock.packages) return false;
      return !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '');
    })
    .map(([place]) => place);

/** The entries that come from one host, or from a folder. */
export const boundToPlace = (lock: Lock): readonly string[] =>
  entriesOf(lock)
    .filter(([, { resolved, link }]) => resolved !== undefined || link === true)
    .map(([place]) => place);

export const withInstallScript = (lock: Lock): readonly string[] =>
  entriesOf(lock)
    .filter(([, { hasInstallScript }]) => hasInstallScript === true)
    .map(([place]) => place);

/** The settings of npm that a file has, without its comments. */
export const npmSettingsOf = (npmrc: string): readonly string[] =>
  npmrc
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^[;#]/.test(line));

/** The scripts that npm would run before or after another, or while it installs. With `ignore-scripts` it runs none of them. */
export const hooksOf = ({ scripts = {} }: Manifest): readonly string[] => {
  const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare', 'postprepare'];
  return Object.keys(scripts).filter(
    (name) =>
      lifecycle.includes(name) ||
      [...Object.keys(scripts)].some((each) => [`pre${each}`, `post${each}`].includes(name)),
  );
};

/** What is wrong with the entry of a package that brings Node for one platform. */
export const wrongWithNode = (lock: Lock, name: string, [os, cpu]: readonly [string, string]): readonly string[] => {
  const locked = lock.packages[`node_modules/${name}`];
  if (locked === undefined) return [`the lock has no ${name}`];
  const { version, optional, hasInstallScript, bin } = locked;
  return [
    ...(version?.startsWith('24.') === true ? [] : [`${name} is Node ${version}, and Lambda runs Node 24`]),
    ...(optional === true ? [] : [`${name} is not optional, so that npm fails on every other platform`]),
    ...(hasInstallScript === true ? [`${name} runs a script while npm installs it`] : []),
    ...(bin?.['node'] === undefined ? [`${name} brings no command node`] : []),
    ...([locked.os, locked.cpu].flat().join() === [os, cpu].join() ? [] : [`${name} is not for ${os} on ${cpu} alone`]),
  ];
};
