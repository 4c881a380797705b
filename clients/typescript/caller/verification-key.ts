/** Finds the verification that an event is about. */

const encoder = new TextEncoder();

/**
 * The `data.verification` of the events of a verification: SHA-256 in base64url, 43 characters. Events do not have the id.
 *
 * @param application the name that the settings of the service give to the caller of the API.
 * @param id of the verification, as the answer to its request has it.
 */
export const verificationKey = async (application: string, id: string): Promise<string> => {
  const parts = ['verification', application, id].map((text) => encoder.encode(text));
  const bytes = new Uint8Array(parts.reduce((size, part) => size + 4 + part.length, 0));
  const lengths = new DataView(bytes.buffer);
  let at = 0;
  for (const part of parts) {
    lengths.setUint32(at, part.length);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return btoa(String.fromCharCode(...hash))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace('=', '');
};
