/** https://docs.aws.amazon.com/pinpoint/latest/apireference_smsvoicev2/API_CreateNotifyConfiguration.html */
const displayName = /^[A-Za-z0-9_ -]{1,15}$/;

export const displayNameAllowed =
  'A display name has 1 to 15 letters of the alphabet, digits, spaces, _ and -, for example AcmeCorp.';

/** Whether AWS takes it as a display name. AWS reviews it for words, web addresses and brands of others besides. */
export const isDisplayName = (name: string): boolean => displayName.test(name) && name.trim() === name;

type Reported = { readonly Status?: string | undefined; readonly RejectionReason?: string | undefined };

/**
 * The state of a configuration that cannot send, and what to do; nothing if it can send.
 *
 * https://docs.aws.amazon.com/sms-voice/latest/userguide/notify-configurations.html
 */
export const whyInactive = ({ Status, RejectionReason }: Reported): { found: string; todo: string } | undefined => {
  if (Status === 'ACTIVE') return undefined;
  if (Status === 'PENDING')
    return {
      found: 'PENDING: AWS still checks the account and the name',
      todo: 'Most are active within seconds. Ask again in a minute, and AWS Support if it stays so.',
    };
  if (Status === 'REQUIRES_VERIFICATION')
    return {
      found: 'REQUIRES_VERIFICATION: AWS takes the name for the brand of another organization',
      todo: 'Choose another name (--name), or send a letter of authorization, at most 30 days old, with a support case.',
    };
  if (Status === 'REJECTED')
    return {
      found: `REJECTED: AWS refused the name (${RejectionReason ?? 'without a reason'})`,
      todo: 'Choose another name (--name). If the refusal is wrong, appeal by a support case.',
    };
  return { found: `${Status ?? 'no status'}: a state that is not known here`, todo: 'Look at it in the console.' };
};
