import type { RuleName } from '../../policy.ts';
import type { Level } from '../counts/keys.ts';

type Technique = { readonly uid: string; readonly name: string; readonly tactic: readonly [uid: string, name: string] };
const impact = ['TA0040', 'Impact'] as const;
const credentialAccess = ['TA0006', 'Credential Access'] as const;
const pumping: Technique = { uid: 'T1496.003', name: 'Resource Hijacking: SMS Pumping', tactic: impact };
const bruteForce: Technique = { uid: 'T1110', name: 'Brute Force', tactic: credentialAccess };
const bombing: Technique = {
  uid: 'T1621',
  name: 'Multi-Factor Authentication Request Generation',
  tactic: credentialAccess,
};

const swap: Technique = { uid: 'T1451', name: 'SIM Card Swap', tactic: ['TA0027', 'Initial Access'] };

/** Title, MITRE ATT&CK technique (https://attack.mitre.org) and confidence of what each rule finds. */
type RuleText = { readonly title: string; readonly technique: Technique; readonly confidence: number };

export const ruleTexts: Readonly<Record<RuleName, RuleText>> = {
  'unverified-burst': {
    title: 'Unverified numbers request many codes and enter few',
    technique: pumping,
    confidence: 95,
  },
  'no-conversion': { title: 'Many codes are pending and none was entered', technique: pumping, confidence: 90 },
  'low-and-slow': { title: 'For hours, more codes than usual were not entered', technique: pumping, confidence: 80 },
  'converting-strangers': {
    title: 'Unverified numbers of one range verify at an unusual rate',
    technique: pumping,
    confidence: 60,
  },
  'code-spraying': { title: 'Callers guess the codes of many numbers', technique: bruteForce, confidence: 90 },
  guessing: { title: 'Callers guess the codes of one number', technique: bruteForce, confidence: 80 },
  bombing: { title: 'Callers request far more codes for one number than are sent', technique: bombing, confidence: 80 },
  'conversion-drop': { title: 'For a day, fewer codes than usual were entered', technique: pumping, confidence: 60 },
  'launch-exceeded': {
    title: 'An announced launch has far more requests than expected',
    technique: pumping,
    confidence: 50,
  },
  'swapped-number': {
    title: 'A number whose SIM was swapped, or which was ported, is used where that matters',
    technique: swap,
    confidence: 60,
  },
};

/** Of a finding at a level. New networks have trusted numbers, all other groups unverified ones. */
export const titleOf = (rule: RuleName, level: Level): string => {
  if (level !== 'new-network') return ruleTexts[rule].title;
  return ruleTexts[rule].title.replace('Unverified numbers request', 'Trusted numbers request, from new networks,');
};
