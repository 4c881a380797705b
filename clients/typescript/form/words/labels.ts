import type { Language } from '../../messages/messages.ts';

/** `{number}`, `{digits}` and `{country}` are filled in. */
export type Labels = {
  readonly phoneNumber: string;
  readonly country: string;
  readonly sendCode: string;
  /** The button that asks for a call. */
  readonly callMe: string;
  readonly sending: string;
  readonly enterNumber: string;
  readonly code: string;
  readonly sent: string;
  /** The phone rings, or will soon. */
  readonly calling: string;
  /** The network did not confirm that it took the message. */
  readonly unconfirmed: string;
  readonly verify: string;
  readonly verifying: string;
  readonly enterCode: string;
  readonly resend: string;
  readonly expires: string;
  readonly changeNumber: string;
  readonly approved: string;
};

/** The sentences of a language, and the labels of the form. */
export type FormLanguage = Language & { readonly direction: 'ltr' | 'rtl'; readonly labels: Labels };
