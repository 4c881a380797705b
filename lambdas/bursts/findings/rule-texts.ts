import type { RuleName } from '../../policy.ts';

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

/** Title, MITRE ATT&CK technique (https://attack.mitre.org) and confidence of what each rule finds. */
type RuleText = { readonly title: string; readonly technique: Technique; readonly confidence: number };

export const ruleTexts: Readonly<Record<RuleName, RuleText>> = {
  'unverified-burst': { title: 'Codes are asked for in numbers and not typed in', technique: pumping, confidence: 95 },
  'no-conversion': { title: 'Many codes are out and not one is typed in', technique: pumping, confidence: 90 },
  'low-and-slow': { title: 'For hours, more codes than usual are not typed in', technique: pumping, confidence: 80 },
  'prefixes-blocked': { title: 'Several prefixes of a country are under attack', technique: pumping, confidence: 95 },
  'converting-strangers': {
    title: 'Unknown numbers of one block verify in numbers that nobody expects',
    technique: pumping,
    confidence: 60,
  },
  'code-spraying': { title: 'Codes are guessed at over many numbers', technique: bruteForce, confidence: 90 },
  guessing: { title: 'The codes of one number are guessed at', technique: bruteForce, confidence: 80 },
  bombing: { title: 'One number is asked for far more codes than are sent', technique: bombing, confidence: 80 },
  'conversion-drop': { title: 'Fewer codes are typed in than usual, for a day', technique: pumping, confidence: 60 },
};
