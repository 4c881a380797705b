import type { PreviewedText } from '../../lib/settings/settings.ts';

type Message = PreviewedText['messages'][number];

/** The texts of a language, in all its regions and scripts. All texts if none is named. */
export const textsIn = (texts: readonly PreviewedText[], locale: string | undefined): readonly PreviewedText[] => {
  const wanted = locale?.toLowerCase();
  return texts.filter(
    (text) =>
      wanted === undefined ||
      text.locale.toLowerCase() === wanted ||
      text.locale.toLowerCase().startsWith(`${wanted}-`),
  );
};

const messagesOf = (texts: readonly PreviewedText[]): readonly Message[] => texts.flatMap(({ messages }) => messages);

/** 1 if a text has more parts, or more bytes for Android, than it may. */
export const exitCodeOf = (texts: readonly PreviewedText[]): 0 | 1 =>
  messagesOf(texts).some(({ over }) => over > 0) ? 1 : 0;

/** Each text, with a line about each message that it becomes and the message below. */
export const renderTexts = (texts: readonly PreviewedText[]): string => {
  const over = messagesOf(texts).filter((message) => message.over > 0).length;
  return [
    ...texts.flatMap((text) => [headOf(text), ...text.messages.flatMap(linesOf), '']),
    `texts: ${texts.length}, messages: ${messagesOf(texts).length}, too long: ${over}`,
  ].join('\n');
};

const headOf = ({ application, purpose, locale, country, isRegistered }: PreviewedText): string =>
  [
    `${purpose} in ${locale}`,
    ...(country === undefined ? [] : [`for ${country}`]),
    ...(application === undefined ? [] : [`of ${application}`]),
    ...(isRegistered ? ['(registered)'] : []),
  ].join(' ');

const linesOf = (message: Message): readonly string[] => {
  const { carries, encoding, units, parts, maxParts, over, mayMissApp, pricesUsd, longest } = message;
  const prices = Object.entries(pricesUsd).map(([country, usd]) => `${country} $${usd}`);
  return [
    `  ${withOf(carries)}: ${encoding}, ${units} ${encoding === 'GSM-7' ? 'septets' : 'units'}, ${parts} of ${maxParts} ${maxParts === 1 ? 'part' : 'parts'}: ${prices.join(', ') || 'it goes to no country'}`,
    ...(over > 0 ? [`    TOO LONG by ${over} ${over === 1 ? 'character' : 'characters'}`] : []),
    ...(mayMissApp && over === 0 ? ['    More than 140 bytes: Android may not hand it to the app.'] : []),
    ...longest.split('\n').map((line) => `    | ${line}`),
  ];
};

const nameOf: Readonly<Record<string, string>> = { appHash: 'app hash', host: 'host' };

const withOf = (carries: Message['carries']): string =>
  carries.length === 0 ? 'alone' : `with ${carries.map((each) => nameOf[each] ?? each).join(' and ')}`;

/** The same for programs. */
export const renderJson = (texts: readonly PreviewedText[]): string => JSON.stringify({ texts }, undefined, 2);
