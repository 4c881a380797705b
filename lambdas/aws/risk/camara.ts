import type { NumberRisk, RiskAnswer, UnknownReason } from '../../otp/risk/ports.ts';
import type { NumberRiskPolicy, RiskProvider } from '../../policy.ts';
import { readAnswer } from './answers.ts';
import { createPauses, type Pauses } from './pauses.ts';
import { type TokenPorts, type Tokens, tokensOf } from './tokens.ts';
import type { WireAnswer } from './wire.ts';

/** For a whole look-up, its token included. */
const lookUpMs = 800;

export type CamaraPorts = Omit<TokenPorts, 'failed'> & {
  /** Each look-up, for metrics, and how long it took in milliseconds; `undefined` if the provider was left alone. */
  readonly answered: (answer: RiskAnswer, durationMs: number | undefined) => void;
  /** A step that failed, with its cause. */
  readonly failed: (step: string, cause: unknown) => void;
};

type Desk = { readonly provider: RiskProvider; readonly tokens: Tokens; readonly pauses: Pauses };

/** Look-ups of SIM swaps by CAMARA, and how to get their tokens before they are needed. */
export type CamaraNumberRisk = NumberRisk & { readonly warm: () => Promise<void> };

/**
 * Asks the provider of a country. A look-up takes 800 ms at most. A provider that is down, or that says that it is asked too
 * often, is left alone for a while, and its look-ups end at once.
 */
export const camaraNumberRisk = (policy: NumberRiskPolicy, ports: CamaraPorts): CamaraNumberRisk => {
  const desks = policy.providers.map((provider): Desk => {
    const failed = (cause: unknown) => ports.failed('access token', cause);
    return { provider, tokens: tokensOf(provider, { ...ports, failed }), pauses: createPauses(ports.now) };
  });
  const ask: NumberRisk['ask'] = async ({ phone, country }) => {
    const desk = desks.find(({ provider }) => provider.countries.includes(country));
    if (desk === undefined) return { kind: 'unknown', provider: '', reason: 'not-known' };
    const pause = desk.pauses.now();
    if (pause !== undefined) {
      const spared = unknownOf(desk, pause);
      ports.answered(spared, undefined);
      return spared;
    }
    const startedMs = ports.now();
    const answer = await lookUp(policy, desk, ports, phone.reveal());
    ports.answered(answer, ports.now() - startedMs);
    return answer;
  };
  const warm = async (): Promise<void> => {
    await Promise.all(
      desks.map(({ tokens }) => tokens.get().catch((cause: unknown) => ports.failed('access token', cause))),
    );
  };
  return { ask, warm };
};

const unknownOf = ({ provider: { name } }: Desk, reason: UnknownReason): RiskAnswer => ({
  kind: 'unknown',
  provider: name,
  reason,
});

const lookUp = async (
  policy: NumberRiskPolicy,
  desk: Desk,
  ports: CamaraPorts,
  phoneNumber: string,
): Promise<RiskAnswer> => {
  const { provider, pauses } = desk;
  const answer = await withinTime(async (signal) => {
    const { response, token } = await askWithToken(policy, desk, ports, phoneNumber, signal);
    if (response === undefined) return unknownOf(desk, 'no-token');
    pauses.heard(response);
    if (response.status === 401) desk.tokens.drop(token);
    return readAnswer({ ...provider, maxAgeHours: policy.maxAgeHours }, response, ports.now());
  }).catch((cause: unknown) => {
    ports.failed('number risk', cause);
    return unknownOf(desk, 'no-answer');
  });
  pauses.ended(answer);
  return answer;
};

class TooLate extends Error {
  constructor() {
    super(`The provider did not answer within ${lookUpMs} ms.`);
    this.name = 'TimeoutError';
  }
}

/** The time is over also while a step waits that knows no signal. */
const withinTime = async (work: (signal: AbortSignal) => Promise<RiskAnswer>): Promise<RiskAnswer> => {
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TooLate());
      abort.abort();
    }, lookUpMs);
  });
  try {
    return await Promise.race([work(abort.signal), late]);
  } finally {
    clearTimeout(timer);
  }
};

type Answered = { readonly response: WireAnswer | undefined; readonly token: string };

/** A token that the API does not take is replaced once. */
const askWithToken = async (
  policy: NumberRiskPolicy,
  { provider, tokens }: Pick<Desk, 'provider' | 'tokens'>,
  ports: CamaraPorts,
  phoneNumber: string,
  signal: AbortSignal,
  isAgain = false,
): Promise<Answered> => {
  const token = await tokens.get().catch((cause: unknown) => {
    ports.failed('access token', cause);
    return undefined;
  });
  if (token === undefined) return { response: undefined, token: '' };
  const { apiRoot, question } = provider;
  const response = await ports.wire.post({
    url: `${apiRoot}/sim-swap/v2/${question}`,
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${token}`,
      'x-correlator': ports.randomId(),
    },
    body: JSON.stringify(question === 'check' ? { phoneNumber, maxAge: policy.maxAgeHours } : { phoneNumber }),
    signal,
    withinMs: lookUpMs,
  });
  if (response.status !== 401 || isAgain) return { response, token };
  tokens.drop(token);
  return await askWithToken(policy, { provider, tokens }, ports, phoneNumber, signal, true);
};
