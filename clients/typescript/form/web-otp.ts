/** WebOTP: Chromium on Android reads the code from the SMS, if that ends in a line for this page's host. */

/**
 * Waits for a code.
 *
 * @returns a function that ends the waiting.
 */
export const listenForCode = (onCode: (code: string) => void): (() => void) => {
  const ending = new AbortController();
  const listen = async () => {
    if (!('OTPCredential' in globalThis) || navigator.credentials === undefined) return;
    const options = { otp: { transport: ['sms'] }, signal: ending.signal };
    const credential = await navigator.credentials.get(options as CredentialRequestOptions);
    const code: unknown = credential && 'code' in credential ? credential.code : undefined;
    if (typeof code === 'string' && !ending.signal.aborted) onCode(code);
  };
  // Ended, forbidden in a frame, or declined: the person types the code.
  listen().catch(() => {});
  return () => ending.abort();
};
