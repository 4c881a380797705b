import type { Policy } from '../../../lambdas/policy.ts';

/** The languages that people are written to in, the default one first. */
export const languagesOf = (
  policy: Pick<Policy, 'defaultLocale' | 'templates' | 'applications'>,
): readonly string[] => {
  const own = Object.values(policy.applications).flatMap(({ templates = [], defaultLocale }) => [
    ...(defaultLocale === undefined ? [] : [defaultLocale]),
    ...templates.map(({ locale }) => locale),
  ]);
  return [...new Set([policy.defaultLocale, ...policy.templates.map(({ locale }) => locale), ...own])];
};
