/** Of calls that are safe to repeat: those of DynamoDB and KMS, except writes of shared counters. */
export const maxAttempts = 3;

/** In milliseconds. `requestTimeout` covers the headers of an answer, `socketTimeout` a body that stalls. */
export const timeouts = { connectionTimeout: 1000, requestTimeout: 2000, socketTimeout: 2000 } as const;

/** The same for SMS. No call that sends one has a token against duplicates, so none is repeated. */
export const smsTimeouts = { connectionTimeout: 1000, requestTimeout: 5000, socketTimeout: 5000 } as const;
