/** Contradictions between the texts, and the settings that they are made with. Applications have them of their own. */

import { placedAutofills } from '../../../lambdas/otp/record/message.ts';
import { type ApplicationSettings, isSameSlot, settingsFor, templatesOf } from '../in-use.ts';
import type { Problem } from '../schema/values.ts';
import type { Settings } from '../schema.ts';
import { defaultPurposes, shippedLanguages } from '../templates.ts';
import { autofillProblems, registeredTextProblems } from './autofill.ts';
import { templateProblems } from './message-length.ts';
import { boundsOf } from './renderings.ts';

export const messageProblems = (settings: Settings): readonly Problem[] => {
  const ofAll = [...ownTextProblems(settings), ...renderedProblems(settings)];
  return [
    ...ofAll,
    ...Object.entries(settings.applications ?? {}).flatMap(([name, own]) =>
      applicationProblems(settings, name, own, ofAll),
    ),
  ];
};

/** The faults of the texts that are listed, of all or of an application. */
const ownTextProblems = (settings: Settings): readonly Problem[] => [
  ...slotProblems(settings),
  ...autofillProblems(settings),
  ...registeredTextProblems(settings),
];

/** The faults of all texts in use, for a brand, origins, apps, purposes and countries. */
const renderedProblems = (settings: Settings): readonly Problem[] => [
  ...registrationProblems(settings),
  ...withoutTextProblems(settings),
  ...textProblems(settings),
];

/**
 * An application may have a longer brand, longer hosts, or apps. Its texts are held against its own facts, so that no SMS
 * of it is longer than one part. The texts that it has from all are listed for others as well, and may name what only
 * those have.
 */
const applicationProblems = (
  settings: Settings,
  name: string,
  application: ApplicationSettings,
  ofAll: readonly Problem[],
): readonly Problem[] => {
  const own = settingsFor(settings, application);
  const hasOwnTexts = application.templates !== undefined;
  const found = [...(hasOwnTexts ? ownTextProblems(own) : []), ...renderedProblems(own)];
  const isNew = ({ path, sentence }: Problem) =>
    !ofAll.some((each) => each.path === path && each.sentence === sentence) ||
    (hasOwnTexts && path.startsWith('templates.'));
  return found.filter(isNew).map(({ path, sentence }) => ({
    path: `applications.${name}${hasOwnTexts && path.startsWith('templates') ? '.' : ', '}${path}`,
    sentence,
  }));
};

/** India's carriers drop a message whose entity, sender and text are not registered together (TRAI's DLT). */
const registrationProblems = ({ countries: { IN: india }, templates, purposes }: Settings): readonly Problem[] => {
  if (india?.senderId === undefined) return [];
  const registered = templates.filter((own) => own.country === 'IN' && own.templateId !== undefined);
  const missing = purposes.filter((name) => !registered.some((own) => own.purpose === name));
  return missing.map((name) => ({
    path: 'templates',
    sentence: `Purpose "${name}" has no registered text, and India needs one for a sender id. Add { purpose: "${name}", locale: "en", country: "IN", templateId: "…", text: "…" } with exactly the registered text, or remove "${name}" from purposes.`,
  }));
};

const slotProblems = ({ templates, purposes, countries }: Settings): readonly Problem[] =>
  templates.flatMap((each, index) => {
    const path = `templates.${index}`;
    const problems: Problem[] = [];
    if (templates.findIndex((other) => isSameSlot(other, each)) < index) {
      problems.push({
        path,
        sentence: 'Another text has the same purpose, locale and country. Keep one of them.',
      });
    }
    if (!purposes.includes(each.purpose)) {
      problems.push({
        path: `${path}.purpose`,
        sentence: `"${each.purpose}" is not in purposes. Add it there, or write one of ${purposes.join(', ')}.`,
      });
    }
    if (each.country !== undefined && countries[each.country] === undefined) {
      problems.push({
        path: `${path}.country`,
        sentence: `No SMS goes to ${each.country}. Add it to countries, or remove the text.`,
      });
    }
    if (each.templateId !== undefined && each.country !== 'IN') {
      problems.push({
        path: `${path}.templateId`,
        sentence: 'Only India registers texts (DLT). Add country: "IN", or remove templateId.',
      });
    }
    return problems;
  });

const withoutTextProblems = (settings: Settings): readonly Problem[] => {
  const { purposes, defaultLocale, languages } = settings;
  const language = defaultLocale.toLowerCase().split('-')[0];
  const isMissing = shippedLanguages.some((shipped) => shipped === language && !languages.includes(shipped));
  const orShipped = (name: string) =>
    isMissing && defaultPurposes.includes(name) ? `"${language}" to languages, or ` : '';
  const withoutText = purposes.filter(
    (name) =>
      !templatesOf(settings).some(
        (each) =>
          each.purpose === name &&
          each.country === undefined &&
          placedAutofills(each).length === 0 &&
          each.locale.toLowerCase().split('-')[0] === language,
      ),
  );
  return withoutText.map((name) => ({
    path: 'templates',
    sentence: `Purpose "${name}" has no text in the default locale. Add ${orShipped(name)}{ purpose: "${name}", locale: "${defaultLocale}", text: "…{{code}}…" }.`,
  }));
};

const textProblems = (settings: Settings): readonly Problem[] => {
  const bounds = boundsOf(settings);
  return templatesOf(settings).flatMap((each) => {
    const index = settings.templates.indexOf(each);
    const name = [each.purpose, each.locale, each.country].filter((part) => part !== undefined).join('/');
    const path = index < 0 ? `the shipped text ${name}` : `templates.${index}.text (${name})`;
    const orWithout = index < 0 ? ` Or leave "${each.locale}" out of languages.` : '';
    return templateProblems(each, bounds).map((sentence) => ({ path, sentence: sentence + orWithout }));
  });
};
