import type {
  AccessDeniedExceptionReason,
  ConflictExceptionReason,
  ServiceQuotaExceededExceptionReason,
  ValidationExceptionReason,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { OperationName, Refusal } from './operations.ts';

type Reason =
  | AccessDeniedExceptionReason
  | ConflictExceptionReason
  | ServiceQuotaExceededExceptionReason
  | ValidationExceptionReason;

/** The person's own number in commands that are printed. It never stands there itself. */
export const phoneVariable = '"$PHONE"';

const support = 'Ask AWS Support (https://console.aws.amazon.com/support/home).';

/**
 * To do for each reason that End User Messaging gives for what the walk asks. Pages: API_CreateNotifyConfiguration and
 * API_SendNotifyTextMessage in docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2, and
 * docs.aws.amazon.com/sms-voice/latest/userguide/notify-send-messages.html.
 */
const sentences: Readonly<Partial<Record<Reason, string>>> = {
  ACCOUNT_DISABLED: `AWS has disabled End User Messaging for this account. ${support}`,
  INSUFFICIENT_ACCOUNT_REPUTATION: `AWS does not trust this account yet. New accounts get there with age and paid bills. ${support}`,
  NOTIFY_CONFIGURATION_NOT_ACTIVE:
    'The configuration is not active. Run this again: it says what the configuration waits for.',
  RESOURCE_NOT_ACTIVE: 'The configuration is not active. Run this again: it says what the configuration waits for.',
  RESOURCE_ALREADY_EXISTS: 'There is one with this name already. Run this again: it takes that one.',
  DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION:
    'The Protect configuration blocks the country of the number. Allow it there (End User Messaging, Protect configurations).',
  DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE:
    'The Protect configuration blocks this number by a rule of its own. Remove the rule, or take another number.',
  DESTINATION_PHONE_NUMBER_NOT_VERIFIED: `The account is in the SMS sandbox, and it holds for Notify here. Verify your number first: aws pinpoint-sms-voice-v2 create-verified-destination-number --destination-phone-number ${phoneVariable}. docs/first-sms.md has all three commands.`,
  DESTINATION_PHONE_NUMBER_OPTED_OUT:
    'The number has opted out of messages of this account. Take another number, or opt it in again (End User Messaging, Opt-out lists).',
  NO_ORIGINATION_IDENTITIES_FOUND:
    'AWS has no identity of its own for the country of the number. Take a number of another country, or request an identity of your own.',
  DAILY_DESTINATION_CALL_LIMIT:
    'The number has had the ten messages that Notify sends to one number a day. Take another number, or wait until tomorrow.',
  DAILY_NOTIFY_TIER_MESSAGE_LIMIT:
    'The configuration has sent the 200 messages that the Basic tier has a day. Wait until tomorrow, or apply for the Advanced tier.',
  MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY:
    'The monthly spend limit of Notify is reached. Raise it: aws pinpoint-sms-voice-v2 set-notify-message-spend-limit-override --monthly-limit USD, or ask for more in Service Quotas.',
  NOTIFY_CONFIGURATIONS_PER_ACCOUNT:
    'The account has as many Notify configurations as it may. Delete one that nobody uses, or ask for more in Service Quotas.',
  CHANNEL_NOT_ENABLED:
    'The configuration has no SMS. Switch it on: aws pinpoint-sms-voice-v2 update-notify-configuration --enabled-channels SMS, with its id.',
  COUNTRY_NOT_ENABLED:
    'The configuration does not serve the country of the number. Add it (update-notify-configuration --enabled-countries), or take another number.',
  DESTINATION_COUNTRY_BLOCKED: 'AWS sends nothing to the country of the number. Take a number of another country.',
  INVALID_IDENTITY_FOR_DESTINATION_COUNTRY:
    'The country of the number needs an identity of your own in the pool of the configuration. Take a number of another country.',
  UNKNOWN_OPERATION: 'This Region does not know Notify. Take another one, for example --region us-east-1.',
};

/** A reason of tomorrow's API is none of these. */
const byReason = new Map<string, string>(Object.entries(sentences));

const waits = /^(?:Thrott|TooManyRequests)/;
const denials = /^(?:AccessDenied|NotAuthorized|UnauthorizedOperation)/;
const unknownOperations = /^(?:UnknownOperation|InvalidAction|NotImplemented)/;
const unreachable = ['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH'];

const otherRegion =
  'Notify is not offered in this Region, or this machine does not reach the internet. Take another Region, for example --region us-east-1.';

/** Names of errors after which the call may have had an effect. */
const unanswered: Readonly<Record<OperationName, string>> = {
  CreateNotifyConfiguration:
    'AWS did not say whether it made the configuration. Run this again: it looks first, and makes no second one.',
  SendNotifyTextMessage:
    'AWS did not say whether it took the message. It may arrive: look at the phone before you run this again.',
  DescribeAccountAttributes: 'AWS did not answer. Run this again in a minute.',
  DescribeNotifyConfigurations: 'AWS did not answer. Run this again in a minute.',
  DescribeNotifyTemplates: 'AWS did not answer. Run this again in a minute.',
  DescribeSpendLimits: 'AWS did not answer. Run this again in a minute.',
  ListNotifyCountries: 'AWS did not answer. Run this again in a minute.',
};

/** Whether the Region has no Notify, as far as the refusal tells. */
const isElsewhere = ({ name, reason, code }: Refusal): boolean =>
  reason === 'UNKNOWN_OPERATION' || unknownOperations.test(name) || unreachable.includes(code);

const notFound: Partial<Readonly<Record<OperationName, string>>> = {
  SendNotifyTextMessage:
    'AWS does not find the configuration or the template any more. Run this again: it looks both up anew.',
};

/** A sentence that says what to do about a refusal, with the names by which AWS calls it. */
export const todoFor = (operation: OperationName, refusal: Refusal): string => {
  const { name, reason, fields, code, status } = refusal;
  const names = [name, reason, code].filter((each) => each !== '').join(', ');
  return `${sentenceFor(operation, refusal)} (${names}${status === 0 ? '' : `, ${status}`}${fields.length === 0 ? '' : `: ${fields.join(', ')}`})`;
};

const sentenceFor = (operation: OperationName, refusal: Refusal): string => {
  const { name, reason, status } = refusal;
  if (isElsewhere(refusal)) return otherRegion;
  const known = byReason.get(reason);
  if (known !== undefined) return known;
  if (denials.test(name))
    return `The credentials may not do this. Allow sms-voice:${operation}: --first-sms --policy prints all.`;
  if (waits.test(name) || status === 429) return 'AWS takes one such call a second. Wait a moment, and run this again.';
  if (name === 'ResourceNotFoundException') return notFound[operation] ?? 'AWS does not find it. Run this again.';
  if (name === 'ServiceQuotaExceededException')
    return 'A quota of the account is used up. Look it up in Service Quotas.';
  if (name === 'ConflictException')
    return 'The account has a state that does not allow this. Look at it in the console.';
  if (name === 'ValidationException')
    return 'AWS does not accept the parameters. They are printed above; the console may say more.';
  if (
    name === 'CredentialsProviderError' ||
    /^(?:Expired|UnrecognizedClient|InvalidClientToken|InvalidSignature)/.test(name)
  )
    return 'AWS does not accept the credentials any more. Sign in again, and run this again.';
  if (status >= 400 && status < 500 && status !== 408) return `AWS refused the call. ${support}`;
  return unanswered[operation];
};
