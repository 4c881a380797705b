/** The texts in use, each as it is at its longest. Checks, prices and the preview are made from them. */

import { messageOriginsOf, type Template } from '../../../lambdas/policy.ts';
import { duringCodeSprayingOf, settingsFor, templatesOf } from '../in-use.ts';
import type { Settings } from '../schema.ts';
import { type MessageBounds, type Rendering, renderingsOf } from './message-length.ts';

/** The facts that decide how long the texts of the settings get. */
export const boundsOf = (settings: Settings): MessageBounds => {
  const hosts = messageOriginsOf(settings).map((origin) => origin.replace('https://', ''));
  return {
    brand: settings.brand,
    digits: duringCodeSprayingOf(settings).digits,
    lifetimeSeconds: settings.code.lifetimeSeconds,
    longestHost: hosts.toSorted((a, b) => b.length - a.length).at(0),
    hasApps: settings.appHashes.length > 0,
    maxParts: settings.maxParts,
  };
};

export type RenderedText = {
  readonly template: Template;
  /** The countries that it goes to. */
  readonly countries: readonly string[];
  readonly renderings: readonly Rendering[];
};

/** The texts in use for settings, as all have them or as an application has them. */
export const renderedTexts = (settings: Settings): readonly RenderedText[] => {
  const bounds = boundsOf(settings);
  const templates = templatesOf(settings);
  return templates.map((template) => ({
    template,
    countries: Object.keys(settings.countries).filter((country) => goesTo(template, country, templates)),
    renderings: renderingsOf(template, bounds),
  }));
};

/** A country with texts of its own for a purpose gets no others. */
const goesTo = ({ purpose, country: own }: Template, country: string, templates: readonly Template[]): boolean =>
  own === undefined
    ? !templates.some((other) => other.purpose === purpose && other.country === country)
    : own === country;

/** The parts of the longest SMS that the settings send to a country. */
export const maxPartsTo = (settings: Settings): ((country: string) => number) => {
  const own = Object.values(settings.applications ?? {}).map((application) => settingsFor(settings, application));
  const all = [settings, ...own].flatMap(renderedTexts);
  return (country) =>
    Math.max(
      1,
      ...all
        .filter(({ countries }) => countries.includes(country))
        .flatMap(({ renderings }) => renderings.map(({ parts }) => parts)),
    );
};
