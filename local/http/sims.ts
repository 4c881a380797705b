import { securityHeaders } from '../../lambdas/contract.ts';
import { type Carrier, carrierFaults, type Sim } from '../carrier/carrier.ts';
import { type Answer, problemAnswer } from './problem.ts';

/** The part of the controls that steers the carrier; `undefined` if the settings ask no provider about SIMs. */
export type SimControls = { readonly carrier?: Carrier | undefined; readonly clock: { readonly now: () => number } };

type Asked = {
  readonly input: Readonly<Record<string, unknown>>;
  readonly reply: { readonly requestId: string; readonly endpoint: string };
};

/** The paths of `/_local/sims`. */
export const simRoutes = {
  sims: { POST: (controls: SimControls, asked: Asked) => setSim(controls, asked) },
  'sims/faults': { POST: (controls: SimControls, asked: Asked) => armFault(controls, asked) },
};

const kinds = ['swapped', 'unchanged', 'untold', 'foreign', 'not-applicable'] as const;

const setSim = ({ carrier, clock }: SimControls, { input, reply }: Asked): Answer => {
  const { phoneNumber, sim, hoursAgo = 1, monitoredDays = 120 } = input;
  if (carrier === undefined) return notAsked(reply);
  if (typeof phoneNumber !== 'string' || !/^\+[1-9][0-9]{4,14}$/.test(phoneNumber))
    return invalid(reply, 'phoneNumber must be E.164, for example "+919876543210".');
  const kind = kinds.find((known) => known === sim);
  if (kind === undefined) return invalid(reply, `sim must be one of: ${kinds.join(', ')}.`);
  if (typeof hoursAgo !== 'number' || !(hoursAgo >= 0)) return invalid(reply, 'hoursAgo must be a number from 0.');
  if (typeof monitoredDays !== 'number' || !(monitoredDays >= 0))
    return invalid(reply, 'monitoredDays must be a number from 0.');
  carrier.set(phoneNumber, simOf(kind, clock.now() - hoursAgo * 3_600_000, monitoredDays));
  return empty;
};

const simOf = (kind: (typeof kinds)[number], atMs: number, monitoredDays: number): Sim => {
  if (kind === 'swapped') return { kind, atMs };
  return kind === 'unchanged' ? { kind, monitoredDays } : { kind };
};

const armFault = ({ carrier }: SimControls, { input: { mode, times = 1 }, reply }: Asked): Answer => {
  if (carrier === undefined) return notAsked(reply);
  const known = carrierFaults.find((each) => each === mode);
  if (known === undefined) return invalid(reply, `mode must be one of: ${carrierFaults.join(', ')}.`);
  if (typeof times !== 'number' || !Number.isInteger(times) || times < 1)
    return invalid(reply, 'times must be a whole number from 1, for example 3.');
  carrier.fail(known, times);
  return empty;
};

const empty: Answer = { status: 204, headers: securityHeaders, body: '' };

const invalid = (reply: Asked['reply'], detail: string): Answer =>
  problemAnswer('invalid-request', { ...reply, detail });

const notAsked = (reply: Asked['reply']): Answer =>
  invalid(reply, 'The settings ask no provider about SIMs. Add numberRisk to them, as docs/number-risk.md says.');
