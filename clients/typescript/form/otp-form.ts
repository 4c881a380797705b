/** For a script tag: defines `<otp-form>`, with its words in all languages of the package. */

import { registerWords } from './index.ts';
import { ar } from './words/ar.ts';
import { de } from './words/de.ts';
import { es } from './words/es.ts';
import { fr } from './words/fr.ts';
import { hi } from './words/hi.ts';
import { pt } from './words/pt.ts';

registerWords(ar, de, es, fr, hi, pt);
