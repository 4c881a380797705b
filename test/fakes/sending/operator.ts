import type { NumberRisk, RiskAnswer } from '../../../lambdas/otp/risk/ports.ts';
import type { NumberRiskPolicy, RiskRule } from '../../../lambdas/policy.ts';

/** An operator that says what a suite wants, and remembers who was asked about. */
export const memoryOperator = () => {
  const asked: string[] = [];
  let answer: RiskAnswer = { kind: 'clean', provider: 'operator-in' };
  const ask: NumberRisk['ask'] = async ({ phone }) => {
    asked.push(phone.reveal());
    await new Promise((resolve) => setImmediate(resolve));
    return answer;
  };
  const says = (next: RiskAnswer): void => {
    answer = next;
  };
  return { ask, asked, says };
};

/** A look-up costs a cent, half of an SMS to India. */
export const riskPolicy = (login: RiskRule, priceUsd = 0.01): NumberRiskPolicy => ({
  maxAgeHours: 240,
  purposes: { login },
  providers: [
    {
      name: 'operator-in',
      countries: ['IN'],
      apiRoot: 'https://api.operator.example',
      question: 'check',
      priceUsd,
      tokenUrl: 'https://auth.operator.example/token',
      clientId: 'otp',
      scope: 'sim-swap',
      secret: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:otp/operator-AbCdEf',
    },
  ],
});
