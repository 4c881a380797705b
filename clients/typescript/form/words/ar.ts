import { ar as sentences } from '../../messages/ar.ts';
import type { FormLanguage } from './labels.ts';

export const ar: FormLanguage = {
  ...sentences,
  direction: 'rtl',
  labels: {
    phoneNumber: 'رقم الهاتف',
    country: 'البلد',
    sendCode: 'إرسال الرمز',
    callMe: 'استلام الرمز بمكالمة',
    sending: 'جارٍ إرسال الرمز…',
    enterNumber: 'أدخل رقم هاتفك.',
    code: 'الرمز',
    sent: 'أرسلنا رمزًا إلى {number}.',
    calling: 'نتصل بالرقم {number} لإملاء الرمز.',
    unconfirmed: 'الرمز في طريقه إلى {number}. قد يستغرق ذلك بعض الوقت.',
    verify: 'تحقق',
    verifying: 'جارٍ التحقق من الرمز…',
    enterCode: 'أدخل أرقام الرمز كلها، وعددها {digits}.',
    resend: 'إرسال رمز جديد',
    expires: 'تنتهي صلاحية الرمز بعد',
    changeNumber: 'تغيير الرقم',
    approved: 'تم التحقق من {number}.',
  },
};
