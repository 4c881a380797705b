/** Defines `<otp-form>`, with its words in English. */

import { OtpForm } from './element.ts';

export { OtpForm, registerWords } from './element.ts';
export type { Failure, FormClient, FormEvents } from './flow.ts';
export type { FormLanguage, Labels } from './words/labels.ts';

if (globalThis.customElements !== undefined && customElements.get('otp-form') === undefined)
  customElements.define('otp-form', OtpForm);
