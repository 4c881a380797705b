import { awsRefusal } from '../refusal.ts';

/** The reasons that the stand-in gives, by the error that carries them: a part of the enums of the API's model. */
const reasonsOf = {
  AccessDeniedException: ['ACCOUNT_DISABLED', 'INSUFFICIENT_ACCOUNT_REPUTATION'],
  ConflictException: [
    'DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION',
    'DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE',
    'DESTINATION_PHONE_NUMBER_NOT_VERIFIED',
    'DESTINATION_PHONE_NUMBER_OPTED_OUT',
    'MESSAGE_TYPE_MISMATCH',
    'NOTIFY_CONFIGURATION_NOT_ACTIVE',
    'NO_ORIGINATION_IDENTITIES_FOUND',
    'NUMBER_CAPABILITIES_MISMATCH',
    'RESOURCE_ALREADY_EXISTS',
    'RESOURCE_NOT_ACTIVE',
  ],
  ValidationException: [
    'CHANNEL_NOT_ENABLED',
    'COUNTRY_NOT_ENABLED',
    'DESTINATION_COUNTRY_BLOCKED',
    'INVALID_FILTER_VALUES',
    'INVALID_IDENTITY_FOR_DESTINATION_COUNTRY',
    'INVALID_NEXT_TOKEN',
    'INVALID_PARAMETER',
    'INVALID_REQUEST',
    'MISSING_PARAMETER',
    'PRICE_OVER_THRESHOLD',
    'SENDER_ID_NOT_REGISTERED',
  ],
  ServiceQuotaExceededException: [
    'DAILY_DESTINATION_CALL_LIMIT',
    'DAILY_NOTIFY_TIER_MESSAGE_LIMIT',
    'MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY',
    'MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT',
    'MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE',
    'NOTIFY_CONFIGURATIONS_PER_ACCOUNT',
  ],
} as const;
type Code = keyof typeof reasonsOf;
export type Reason = (typeof reasonsOf)[Code][number];

const codes: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(reasonsOf).flatMap(([code, reasons]) => reasons.map((reason) => [reason, code] as const)),
);

/** All reasons, each of which a test may ask for. */
export const reasons = Object.values(reasonsOf).flat() as readonly Reason[];

/** Makes the error of a reason. All errors of a caller's making have status 400, those of missing permissions as well. */
export const refuse = (reason: Reason, message: string, facts: Readonly<Record<string, unknown>> = {}): Error =>
  awsRefusal(codes[reason] ?? 'ValidationException', `${message} Reason="${reason}"`, 400, {
    Reason: reason,
    ...facts,
  });

/** The kinds of resources that an error names. */
type ResourceType =
  | 'CONFIGURATION_SET'
  | 'MESSAGE'
  | 'NOTIFY_CONFIGURATION'
  | 'NOTIFY_TEMPLATE'
  | 'PHONE_NUMBER'
  | 'POOL'
  | 'PROTECT_CONFIGURATION'
  | 'SENDER_ID'
  | 'VERIFIED_DESTINATION_NUMBER';

export const notFound = (type: ResourceType, id: string): Error =>
  awsRefusal('ResourceNotFoundException', `There is no resource ${id}. ResourceType="${type}"`, 400, {
    ResourceType: type,
    ResourceId: id,
  });

export const throttled = (): Error => awsRefusal('ThrottlingException', 'Rate exceeded');
