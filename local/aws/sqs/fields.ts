import { awsRefusal } from '../refusal.ts';

export type Input = Readonly<Record<string, unknown>>;

export const invalidValue = (message: string): Error => awsRefusal('InvalidParameterValue', message);

/** Refuses fields that the service does not use, so that a misspelled one shows. AWS ignores them. */
export const noOthers = (input: Input, known: readonly string[]): void => {
  const others = Object.keys(input).filter((name) => !known.includes(name));
  if (others.length > 0) throw invalidValue(`Not used here: ${others.join(', ')}.`);
};

export const textIn = (input: Input, name: string): string => {
  const value = input[name];
  if (value === undefined || value === null || value === '')
    throw awsRefusal('MissingParameter', `The request must contain the parameter ${name}.`);
  if (typeof value !== 'string') throw awsRefusal('SerializationException', `${name} is no text.`);
  return value;
};

export const numberIn = (
  input: Input,
  name: string,
  { min, max }: { readonly min: number; readonly max: number },
): number | undefined => {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value))
    throw awsRefusal('SerializationException', `${name} is no whole number.`);
  if (value < min || value > max)
    throw invalidValue(
      `Value ${value} for parameter ${name} is invalid. Reason: Must be between ${min} and ${max}, if provided.`,
    );
  return value;
};

/** Since August 2025: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
export const maxMessageBytes = 1_048_576;

export const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');

/** https://www.w3.org/TR/REC-xml/#charsets. Halves of characters are outside of it too. */
const forbidden = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

export const requireBody = (input: Input): string => {
  const body = textIn(input, 'MessageBody');
  if (utf8Length(body) > maxMessageBytes)
    throw invalidValue(
      `One or more parameters are invalid. Reason: Message must be shorter than ${maxMessageBytes} bytes.`,
    );
  if (forbidden.test(body))
    throw awsRefusal('InvalidMessageContents', 'Invalid binary character was found in the message body.');
  return body;
};

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const groupPattern = /^[A-Za-z0-9!-/:-@[-`{-~]{1,128}$/;

export const groupIn = (input: Input): string | undefined => {
  const group = input['MessageGroupId'];
  if (group === undefined || group === null) return undefined;
  if (typeof group === 'string' && groupPattern.test(group)) return group;
  throw invalidValue(
    'Value for parameter MessageGroupId is invalid. Reason: It has 1 to 128 letters, digits and signs.',
  );
};
