import type {
  AccessDeniedExceptionReason,
  ConflictExceptionReason,
  ServiceQuotaExceededExceptionReason,
  ValidationExceptionReason,
} from '@aws-sdk/client-pinpoint-sms-voice-v2';
import type { SmsRejection } from '../../otp/ports.ts';

/*
 * The meaning of each reason of AWS End User Messaging for a message. With each of them the message surely was not sent. A reason
 * that the SDK learns does not compile until it stands here. Most are of calls that no sender makes.
 *
 * https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_SendTextMessage.html#API_SendTextMessage_Errors
 */

const accessDenied = {
  ACCOUNT_DISABLED: 'account-refused',
  INSUFFICIENT_ACCOUNT_REPUTATION: 'account-refused',
} as const satisfies Record<AccessDeniedExceptionReason, SmsRejection>;

const conflict = {
  CREATE_REGISTRATION_VERSION_NOT_ALLOWED: 'refused',
  DELETION_PROTECTION_ENABLED: 'refused',
  DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION: 'blocked-by-protect',
  DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE: 'number-blocked',
  DESTINATION_PHONE_NUMBER_NOT_VERIFIED: 'not-verified',
  DESTINATION_PHONE_NUMBER_OPTED_OUT: 'opted-out',
  DISASSOCIATE_REGISTRATION_NOT_ALLOWED: 'refused',
  DISCARD_REGISTRATION_VERSION_NOT_ALLOWED: 'refused',
  EDIT_REGISTRATION_FIELD_VALUES_NOT_ALLOWED: 'refused',
  EVENT_DESTINATION_MISMATCH: 'refused',
  KEYWORD_MISMATCH: 'refused',
  LAST_PHONE_NUMBER: 'refused',
  MESSAGE_TYPE_MISMATCH: 'refused',
  NOTIFY_CONFIGURATION_NOT_ACTIVE: 'account-refused',
  NO_ORIGINATION_IDENTITIES_FOUND: 'no-identity',
  NUMBER_CAPABILITIES_MISMATCH: 'refused',
  OPT_OUT_LIST_MISMATCH: 'refused',
  PHONE_NUMBER_ASSOCIATED_TO_POOL: 'refused',
  PHONE_NUMBER_ASSOCIATED_TO_REGISTRATION: 'refused',
  PHONE_NUMBER_NOT_ASSOCIATED_TO_POOL: 'refused',
  PHONE_NUMBER_NOT_IN_REGISTRATION_REGION: 'refused',
  POOL_ASSOCIATED_TO_NOTIFY_CONFIGURATION: 'refused',
  PROTECT_CONFIGURATION_ASSOCIATED_WITH_CONFIGURATION_SET: 'refused',
  PROTECT_CONFIGURATION_IS_ACCOUNT_DEFAULT: 'refused',
  PROTECT_CONFIGURATION_NOT_ASSOCIATED_WITH_CONFIGURATION_SET: 'refused',
  RCS_AGENT_ALREADY_ASSOCIATED_TO_REGISTRATION_TYPE: 'refused',
  RCS_AGENT_ASSOCIATED_TO_POOL: 'refused',
  REGISTRATION_ALREADY_SUBMITTED: 'refused',
  REGISTRATION_NOT_COMPLETE: 'refused',
  RESOURCE_ALREADY_ASSOCIATED: 'refused',
  RESOURCE_ALREADY_EXISTS: 'refused',
  RESOURCE_DELETION_NOT_ALLOWED: 'refused',
  RESOURCE_MODIFICATION_NOT_ALLOWED: 'refused',
  RESOURCE_NOT_ACTIVE: 'refused',
  RESOURCE_NOT_EMPTY: 'refused',
  SELF_MANAGED_OPT_OUTS_MISMATCH: 'refused',
  SENDER_ID_ASSOCIATED_TO_POOL: 'refused',
  SUBMIT_REGISTRATION_VERSION_NOT_ALLOWED: 'refused',
  TWO_WAY_CONFIG_MISMATCH: 'refused',
  VERIFICATION_ALREADY_COMPLETE: 'refused',
  VERIFICATION_CODE_EXPIRED: 'refused',
} as const satisfies Record<ConflictExceptionReason, SmsRejection>;

const quotaExceeded = {
  ASSOCIATIONS_PER_REGISTRATION: 'refused',
  CONFIGURATION_SETS_PER_ACCOUNT: 'refused',
  DAILY_DESTINATION_CALL_LIMIT: 'number-limit',
  DAILY_NOTIFY_TIER_MESSAGE_LIMIT: 'daily-limit',
  EVENT_DESTINATIONS_PER_CONFIGURATION_SET: 'refused',
  KEYWORDS_PER_PHONE_NUMBER: 'refused',
  KEYWORDS_PER_POOL: 'refused',
  MONTHLY_SPEND_LIMIT_REACHED_FOR_MEDIA: 'spend-limit',
  MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY: 'spend-limit',
  MONTHLY_SPEND_LIMIT_REACHED_FOR_RCS: 'spend-limit',
  MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT: 'spend-limit',
  MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE: 'spend-limit',
  NOTIFY_CONFIGURATIONS_PER_ACCOUNT: 'refused',
  OPT_OUT_LISTS_PER_ACCOUNT: 'refused',
  ORIGINATION_IDENTITIES_PER_POOL: 'refused',
  PHONE_NUMBERS_PER_ACCOUNT: 'refused',
  PHONE_NUMBERS_PER_REGISTRATION: 'refused',
  POOLS_PER_ACCOUNT: 'refused',
  PROTECT_CONFIGURATIONS_PER_ACCOUNT: 'refused',
  RCS_AGENTS_PER_ACCOUNT: 'refused',
  REGISTRATIONS_PER_ACCOUNT: 'refused',
  REGISTRATION_ATTACHMENTS_CREATED_PER_DAY: 'refused',
  REGISTRATION_ATTACHMENTS_PER_ACCOUNT: 'refused',
  REGISTRATION_VERSIONS_CREATED_PER_DAY: 'refused',
  SENDER_IDS_PER_ACCOUNT: 'refused',
  TAGS_PER_RESOURCE: 'refused',
  VERIFICATION_ATTEMPTS_PER_DAY: 'refused',
  VERIFIED_DESTINATION_NUMBERS_PER_ACCOUNT: 'refused',
} as const satisfies Record<ServiceQuotaExceededExceptionReason, SmsRejection>;

const invalid = {
  ATTACHMENT_TYPE_NOT_SUPPORTED: 'refused',
  CANNOT_ADD_OPTED_OUT_NUMBER: 'refused',
  CANNOT_PARSE: 'refused',
  CHANNEL_NOT_ENABLED: 'refused',
  COUNTRY_CODE_MISMATCH: 'refused',
  COUNTRY_NOT_ENABLED: 'no-identity',
  DESTINATION_COUNTRY_BLOCKED: 'blocked-by-protect',
  FIELD_VALIDATION_FAILED: 'refused',
  INTERNATIONAL_SENDING_NOT_SUPPORTED: 'no-identity',
  INVALID_ARN: 'refused',
  INVALID_FILTER_VALUES: 'refused',
  INVALID_IDENTITY_FOR_DESTINATION_COUNTRY: 'no-identity',
  INVALID_NEXT_TOKEN: 'refused',
  INVALID_PARAMETER: 'refused',
  INVALID_REGISTRATION_ASSOCIATION: 'refused',
  INVALID_REQUEST: 'refused',
  MAXIMUM_SIZE_EXCEEDED: 'refused',
  MEDIA_TYPE_NOT_SUPPORTED: 'refused',
  MISSING_PARAMETER: 'refused',
  OTHER: 'refused',
  PARAMETERS_CANNOT_BE_USED_TOGETHER: 'refused',
  PHONE_NUMBER_CANNOT_BE_OPTED_IN: 'refused',
  PHONE_NUMBER_CANNOT_BE_RELEASED: 'refused',
  PRICE_OVER_THRESHOLD: 'over-price',
  REGISTRATION_FIELD_CANNOT_BE_DELETED: 'refused',
  REQUESTED_SPEND_LIMIT_HIGHER_THAN_SERVICE_LIMIT: 'refused',
  RESOURCE_NOT_ACCESSIBLE: 'refused',
  SENDER_ID_NOT_REGISTERED: 'no-identity',
  SENDER_ID_NOT_SUPPORTED: 'no-identity',
  SENDER_ID_REQUIRES_REGISTRATION: 'no-identity',
  TWO_WAY_CHANNEL_NOT_PRESENT: 'refused',
  TWO_WAY_NOT_ENABLED: 'refused',
  TWO_WAY_NOT_SUPPORTED_IN_COUNTRY: 'refused',
  TWO_WAY_NOT_SUPPORTED_IN_REGION: 'refused',
  TWO_WAY_TOPIC_NOT_PRESENT: 'refused',
  UNKNOWN_OPERATION: 'refused',
  UNKNOWN_REGISTRATION_FIELD: 'refused',
  UNKNOWN_REGISTRATION_SECTION: 'refused',
  UNKNOWN_REGISTRATION_TYPE: 'refused',
  UNKNOWN_REGISTRATION_VERSION: 'refused',
  UNSPECIFIED_PARAMETER_NOT_SUPPORTED: 'refused',
  VERIFICATION_CODE_MISMATCH: 'refused',
  VOICE_CAPABILITY_NOT_AVAILABLE: 'refused',
} as const satisfies Record<ValidationExceptionReason, SmsRejection>;

/** The errors that surely sent nothing, with their reasons. */
const refusals: Readonly<Record<string, Readonly<Record<string, SmsRejection>>>> = {
  AccessDeniedException: accessDenied,
  ConflictException: conflict,
  ResourceNotFoundException: {},
  ServiceQuotaExceededException: quotaExceeded,
  ValidationException: invalid,
};

/** Errors that no repeat mends, also without a reason: a permission is missing, or a thing that the settings name. */
const accountErrors = ['AccessDeniedException', 'ResourceNotFoundException'];

/**
 * The reason why AWS End User Messaging refused a message. `undefined`: the error is none of its refusals.
 *
 * The name of the error counts, not its status: no limit of the day or of the month is a throttle.
 */
export const reasonOf = (cause: Error & { readonly Reason?: unknown }): SmsRejection | undefined => {
  if (!Object.hasOwn(refusals, cause.name)) return undefined;
  const { Reason } = cause;
  const known = refusals[cause.name] ?? {};
  if (typeof Reason === 'string' && Object.hasOwn(known, Reason)) return known[Reason];
  // AWS may tell no reason, or one that the SDK does not know.
  return accountErrors.includes(cause.name) ? 'account-refused' : 'refused';
};
