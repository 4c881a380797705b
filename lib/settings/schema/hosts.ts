/** The hosts that functions may call by the settings, and the secrets that prove who calls. */

/**
 * Names that no public certificate is for, or that lead into the network of the function:
 * https://www.iana.org/assignments/special-use-domain-names
 */
const reserved =
  /(?:^|\.)(?:localhost|local|internal|intranet|lan|home|corp|private|test|example|invalid|onion|alt|arpa)$/;
/** A name with a dot. The last label of an IPv4 address is a number. */
const name = /^(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** @param host as a URL has it: in small letters, and an IPv4 address in four numbers. */
export const isPublicHost = (host: string): boolean => name.test(host) && !reserved.test(host);

/** The whole ARN of a secret of AWS Secrets Manager, with its six random characters. */
export const secretArn =
  /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]{1,512}-[A-Za-z0-9]{6}$/;
