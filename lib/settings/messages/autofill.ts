import { placedAutofills } from '../../../lambdas/otp/record/message.ts';
import { templatesOf } from '../in-use.ts';
import type { Problem } from '../schema/values.ts';
import type { Settings } from '../schema.ts';

/** The settings that list the autofills of an SMS, and a value of each. */
const listOf = {
  appHash: { setting: 'appHashes', what: 'an Android app', example: 'FA+9qCX9VSu' },
  host: { setting: 'origins', what: 'an origin', example: 'https://app.example.com' },
} as const;

/**
 * A text with a place for an autofill that no setting lists is never sent. A request that asks for no autofill needs a text
 * as well.
 */
export const autofillProblems = (settings: Settings): readonly Problem[] => [
  ...settings.templates.flatMap((template, index) =>
    placedAutofills(template)
      .map((autofill) => ({ autofill, ...listOf[autofill] }))
      .filter(({ setting }) => settings[setting].length === 0)
      .map(({ autofill, setting, what, example }) => ({
        path: `templates.${index}.text`,
        sentence: `{{${autofill}}} is for requests that name ${what}, and ${setting} lists none. Add it, for example ${setting}: ["${example}"], or remove {{${autofill}}}.`,
      })),
  ),
  ...withoutPlainText(settings).map(({ purpose, country }) => ({
    path: 'templates',
    sentence: `All texts for "${purpose}" in ${country} have {{appHash}} or {{host}}, and a request may name neither an app nor an origin. Add a text without them, for example { purpose: "${purpose}", locale: "en", country: "${country}", text: "…{{code}}…" }.`,
  })),
];

/** The slots of a country whose texts all have a place for an autofill. */
const withoutPlainText = (settings: Settings) => {
  const own = templatesOf(settings).filter(({ country }) => country !== undefined);
  return own.filter(
    (one, index) =>
      own.findIndex(({ purpose, country }) => purpose === one.purpose && country === one.country) === index &&
      !own.some(
        (other) =>
          other.purpose === one.purpose && other.country === one.country && placedAutofills(other).length === 0,
      ),
  );
};

/** India's carriers look up entity, sender and text together, and drop an SMS that lacks one of them (TRAI's DLT). */
export const registeredTextProblems = ({ templates, countries: { IN: india } }: Settings): readonly Problem[] => {
  if (india === undefined) return [];
  const { senderId, entityId } = india;
  return templates.flatMap(({ country, templateId }, index) => {
    if (country !== 'IN') return [];
    const path = `templates.${index}.templateId`;
    if (templateId !== undefined && entityId === undefined && senderId === undefined)
      return [
        {
          path,
          sentence:
            'The text is registered, and the settings name no entity and no sender for it. Add entityId and senderId to countries.IN, or remove templateId.',
        },
      ];
    if (templateId === undefined && senderId !== undefined && entityId !== undefined)
      return [
        {
          path,
          sentence:
            'Carriers in India drop a text of a registered sender without its DLT template id. Add templateId, for example "1107000000000000001", or remove the text.',
        },
      ];
    return [];
  });
};
