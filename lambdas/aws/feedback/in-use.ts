import type { Feedback } from '../../otp/receipts/ports.ts';
import { smsVoiceFeedback } from './sms-voice.ts';

/** Feedback, if the settings ask for it. The bundler puts `none.ts` in place of this file if they do not. */
export const feedbackInUse: (...parts: Parameters<typeof smsVoiceFeedback>) => Feedback | undefined = smsVoiceFeedback;
