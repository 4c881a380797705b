import { asRecord } from '../aws/json.ts';
import type { SmsMessage } from '../aws/sns.ts';

/** A client app on many phones: it calls the API as end users do, each from an IP of its own. */
export type App = {
  /** @returns the verification, or `undefined` if the call is refused. */
  readonly ask: (phone: string, ip: string) => Promise<Asked | undefined>;
  readonly resend: (asked: Asked) => Promise<boolean>;
  /** Types in the code that came. @returns whether it was approved. */
  readonly enter: (asked: Asked) => Promise<boolean>;
  readonly guessWrong: (asked: Asked, nth: number) => Promise<void>;
};

export type Asked = {
  readonly id: string;
  readonly phone: string;
  readonly ip: string;
  readonly codeLength: number;
};

export type AppSetup = {
  readonly url: string;
  readonly apiKey: string;
  readonly messages: (to: string) => readonly SmsMessage[];
};

/** An expired or used-up code; a limit or a block; a network that fails; a stop. Others are mistakes of play or service. */
const expected: readonly number[] = [410, 429, 502, 503];

/** Longer than any function may take. */
const patienceMs = 40_000;

export const appOf = ({ url, apiKey, messages }: AppSetup): App => {
  const post = async (path: string, ip: string, body?: object) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'x-api-key': apiKey, 'content-type': 'application/json', 'x-local-source-ip': ip },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(patienceMs),
    });
    const answer = asRecord(await response.json().catch(() => ({})));
    if (!response.ok && !expected.includes(response.status))
      throw new Error(
        `${path.replace(/(?<=verifications\/)[^/]+/, '…')} answered ${response.status} ${answer['code'] ?? ''}.`,
      );
    return response.ok ? answer : undefined;
  };
  const check = (asked: Asked, code: string) => post(`/v1/verifications/${asked.id}/check`, asked.ip, { code });
  const codeOf = ({ phone, codeLength }: Asked): string => {
    const [code] = new RegExp(`\\b\\d{${codeLength}}\\b`).exec(messages(phone)[0]?.text ?? '') ?? [];
    if (code === undefined) throw new Error('The inbox has no code for a number of the play.');
    return code;
  };
  return {
    ask: async (phone, ip) => {
      const answer = await post('/v1/verifications', ip, { phoneNumber: phone });
      if (answer === undefined) return undefined;
      return { id: String(answer['id']), phone, ip, codeLength: Number(answer['codeLength']) };
    },
    resend: async (asked) => (await post(`/v1/verifications/${asked.id}/resend`, asked.ip)) !== undefined,
    enter: async (asked) => (await check(asked, codeOf(asked)))?.['status'] === 'approved',
    guessWrong: async (asked, nth) => {
      const right = codeOf(asked);
      const wrong = String((Number(right) + nth) % 10 ** right.length).padStart(right.length, '0');
      await check(asked, wrong);
    },
  };
};
