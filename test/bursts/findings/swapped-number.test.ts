import { describe, expect, test } from 'vitest';
import { readChange } from '../../../lambdas/aws/tables/stream-records.ts';
import { campaignValues, readCampaign } from '../../../lambdas/aws/tables/traffic.ts';
import { additionsOf } from '../../../lambdas/bursts/counts/counts.ts';
import { eventOf, type RefusedSend, type TrafficEvent } from '../../../lambdas/bursts/counts/events.ts';
import { commitRuling } from '../../../lambdas/bursts/detect.ts';
import { rulingsOnNumbers } from '../../../lambdas/bursts/judge/swapped-number.ts';
import type { Verification } from '../../../lambdas/otp/record/verification.ts';
import { memoryBursts } from '../../../replay/memory/memory-bursts.ts';
import { sampleDeployment } from '../../fakes/bursts/deployment.ts';
import { aRuling } from '../../fakes/bursts/rulings.ts';
import { digits, event, hourMs, minuteMs, mondayMs, scene } from '../../fakes/bursts/scene.ts';
import { changed, verification } from '../../fakes/events/records.ts';

const phone = '+447700123456';
const refused: Partial<TrafficEvent> = { reason: 'number-at-risk', limit: 'port-notice', risk: 'ported' };
const refusal = (of = phone, atMs = mondayMs, more: Partial<TrafficEvent> = {}) =>
  event('refused', { phone: of }, atMs, { ...refused, ...more });
const numberOf = (nth: number): string => `+4477${digits(nth, 8)}`;

describe('a number at risk', () => {
  test.each<[string, Partial<TrafficEvent> & Pick<TrafficEvent, 'kind'>, string]>([
    ['a refused request', { kind: 'refused', ...refused }, 'refused'],
    ['a request whose proof asks for more', { kind: 'started', risk: 'swapped', stepUp: true }, 'step-up'],
    ['a swap that shows after the request', { kind: 'at-risk', risk: 'swapped', stepUp: true }, 'step-up'],
  ])('%s is a finding that blocks nothing', async (_, { kind, ...more }, outcome) => {
    const stage = scene();
    const rulings = await stage.happen([event(kind, { phone }, stage.now(), more)]);
    expect(rulings).toMatchObject([
      {
        rule: 'swapped-number',
        action: 'none',
        severity: 'high',
        key: { level: 'phone', of: `key of ${phone}` },
        explanation: { atRisk: { outcome, purpose: 'login' }, applications: ['app'] },
      },
    ]);
    expect(stage.store.blockOn({ level: 'phone', of: `key of ${phone}` }, stage.now())).toBeUndefined();
  });

  test.each<[string, TrafficEvent]>([
    ['a number of which nothing is known', refusal(phone, mondayMs, { limit: 'risk-unknown', risk: undefined })],
    ['a refusal of another kind', event('refused', { phone }, mondayMs, { reason: 'phone', limit: 'phone-24h' })],
    ['a request that the settings allow', event('started', { phone }, mondayMs, { risk: 'swapped' })],
    ['a request of a clean number', event('started', { phone }, mondayMs)],
  ])('%s is no finding', async (_, happened) => {
    expect(await scene().happen([happened])).toEqual([]);
  });

  test('a refusal of a number at risk counts for no group and no limit, so that nobody restricts its neighbors', () => {
    expect(additionsOf([refusal(), event('at-risk', { phone }, mondayMs, { risk: 'swapped' })])).toEqual([]);
  });
});

describe('what the stream shows', () => {
  const send: RefusedSend = {
    subject: event('refused', { phone }, mondayMs).subject,
    purpose: 'login',
    reason: 'number-at-risk',
    limit: 'sim-swap',
    atMs: mondayMs,
    test: false,
  };
  const shown = (more: Partial<RefusedSend>) =>
    eventOf({ id: 'a', before: undefined, after: undefined, refused: { ...send, ...more } });

  test.each<[string, Partial<RefusedSend>, unknown]>([
    ['a swap', {}, 'swapped'],
    ['a notice', { limit: 'port-notice' }, 'ported'],
    ['an unknown answer', { limit: 'risk-unknown' }, undefined],
    ['no limit', { limit: undefined }, undefined],
    ['the limit of another refusal', { reason: 'phone' }, undefined],
  ])('a refusal by %s says so', (_, more, risk) => {
    expect(shown(more)?.risk).toBe(risk);
  });

  const asked = { risk: 'checked' } as const;
  const at = { risk: 'swapped', swappedAtMs: mondayMs - hourMs, stepUp: true } as const;
  const resent = { sends: 2, sentAtMs: mondayMs + minuteMs };
  const shows = (before: Partial<Verification> | undefined, after: Partial<Verification>) =>
    eventOf(readChange(changed('a', before && verification(before), verification(after))));

  test.each<[string, Partial<Verification> | undefined, Partial<Verification>, string, boolean]>([
    ['a request before its answer', undefined, asked, 'started', false],
    ['the answer of the provider', asked, { ...asked, ...at }, 'at-risk', true],
    ['a fresh code after a notice', asked, { ...asked, ...at, ...resent }, 'resent', true],
    ['a mark by a resend that was refused', { risk: 'swapped' }, { risk: 'swapped', stepUp: true }, 'at-risk', true],
    ['a porting after a swap', at, { ...at, risk: 'ported' }, 'at-risk', true],
    ['a fresh code for a number that was known', at, { ...at, ...resent }, 'resent', false],
  ])('%s says once that the number is at risk', (_, before, after, kind, isAtRisk) => {
    expect(shows(before, after)).toMatchObject({ kind });
    expect(shows(before, after)?.risk !== undefined).toBe(isAtRisk);
  });

  test('a number of which nothing is known changes nothing for the detector', () => {
    expect(shows(asked, { risk: 'unknown', stepUp: true })).toBeUndefined();
  });

  test('a request, the answer about its SIM and its approval make one finding', async () => {
    const stage = scene();
    const right = { guesses: ['mac-of-the-code'], nonces: ['nonce'], guessedAtMs: mondayMs + 1000 };
    const changes = [
      shows(undefined, asked),
      shows(asked, at),
      shows(at, { ...at, ...resent }),
      shows({ ...at, ...resent }, { ...at, ...resent, ...right }),
    ];
    const found = [];
    for (const [nth, each] of changes.entries())
      if (each !== undefined) found.push(...(await stage.happen([{ ...each, id: `id-${nth}`, atMs: stage.now() }])));
    expect(changes.map((each) => each?.kind)).toEqual(['started', 'at-risk', 'resent', 'approved']);
    expect(found).toMatchObject([{ rule: 'swapped-number', explanation: { atRisk: { outcome: 'step-up' } } }]);
  });

  test('a test number is no event, whatever refuses it', () => {
    expect(shown({ test: true })).toBeUndefined();
  });
});

describe('cases', () => {
  test('a thousand requests of one number are one case a day, in whatever batches and however often they come', async () => {
    const stage = scene();
    for (let nth = 0; nth < 10; nth += 1) {
      const batch = Array.from({ length: 100 }, () => refusal(phone, stage.now()));
      await stage.happen(batch);
      await stage.happen(batch);
      stage.wait(hourMs);
    }
    expect(stage.rulings).toHaveLength(1);
    stage.wait(20 * hourMs);
    await stage.happen([refusal(phone, stage.now())]);
    expect(stage.rulings).toHaveLength(2);
    expect(new Set(stage.rulings.map(({ uid }) => uid)).size).toBe(2);
  });

  test('detectors that race each other make one case of it', async () => {
    const store = memoryBursts();
    const rulings = Array.from({ length: 20 }, (_, nth) =>
      rulingsOnNumbers([refusal(phone, mondayMs + nth)], mondayMs),
    );
    const decided = await Promise.all(rulings.flat().map((each) => commitRuling(store, each, sampleDeployment)));
    expect(decided.filter((each) => each !== undefined)).toHaveLength(1);
  });

  test('a batch has one ruling for each number, by its first event', () => {
    const events = [
      event('started', { phone }, mondayMs, { risk: 'swapped', stepUp: true }),
      refusal(),
      refusal(numberOf(1)),
    ];
    expect(rulingsOnNumbers(events, mondayMs).map(({ explanation }) => explanation.atRisk?.outcome)).toEqual([
      'step-up',
      'refused',
    ]);
  });

  test('a case stands beside one of bombing at the same number, and beside a block and a lift of it', async () => {
    const store = memoryBursts();
    const key = { level: 'phone', of: `key of ${phone}` } as const;
    const bombing = aRuling(key, mondayMs, { rule: 'bombing', action: 'none', severity: 'low', untilMs: mondayMs });
    await commitRuling(store, bombing, sampleDeployment);
    store.lift(key, mondayMs + hourMs);
    const [ruling] = rulingsOnNumbers([refusal()], mondayMs + 1000);
    expect(ruling && (await commitRuling(store, ruling, sampleDeployment))).toBeDefined();
    expect(ruling?.uid).not.toBe(bombing.uid);
  });
});

describe('mails', () => {
  const mailsOf = async (store: ReturnType<typeof memoryBursts>, events: readonly TrafficEvent[], nowMs = mondayMs) => {
    const mailed: boolean[] = [];
    for (const ruling of rulingsOnNumbers(events, nowMs)) {
      const decision = await commitRuling(store, ruling, sampleDeployment);
      if (decision !== undefined) mailed.push(decision.step.finding.unmapped.is_mailed);
    }
    return mailed;
  };

  test('two of a thousand numbers at once are mails, and all are findings', async () => {
    const store = memoryBursts();
    const mailed = await mailsOf(
      store,
      Array.from({ length: 1000 }, (_, nth) => refusal(numberOf(nth))),
    );
    expect([mailed.length, mailed.filter(Boolean).length]).toEqual([1000, 2]);
  });

  test('numbers that come all day are two mails a day', async () => {
    const store = memoryBursts();
    let mails = 0;
    for (let minute = 0; minute < 1440; minute += 20) {
      const atMs = mondayMs + minute * minuteMs;
      mails += (await mailsOf(store, [refusal(numberOf(minute), atMs)], atMs)).filter(Boolean).length;
    }
    expect(mails).toBe(2);
  });

  test('numbers at risk take no mail from an attack, and an attack takes none from them', async () => {
    const store = memoryBursts();
    await mailsOf(
      store,
      Array.from({ length: 200 }, (_, nth) => refusal(numberOf(nth))),
    );
    const attack = aRuling({ level: 'prefix', of: '+447701' }, mondayMs + minuteMs, { severity: 'high' });
    expect((await commitRuling(store, attack, sampleDeployment))?.step.finding.unmapped.is_mailed).toBe(true);
    const other = memoryBursts();
    for (let nth = 1; nth < 9; nth += 1)
      await commitRuling(
        other,
        aRuling({ level: 'prefix', of: `+44770${nth}` }, mondayMs + nth, { severity: 'high' }),
        sampleDeployment,
      );
    expect(await mailsOf(other, [refusal()], mondayMs + minuteMs)).toEqual([true]);
  });

  test('the table keeps which cases of a campaign are of numbers', () => {
    const cases = [
      { uid: 'a', atMs: mondayMs, country: 'GB', isOfNumber: true },
      { uid: 'b', atMs: mondayMs, country: 'GB', isMinor: true },
      { uid: 'c', atMs: mondayMs, country: 'IN' },
    ] as const;
    const { ':cases': stored, ':version': version } = campaignValues({ version: 3, cases });
    const read = readCampaign({ version: version ?? { N: '0' }, cases: stored ?? { SS: [] } });
    expect(read).toEqual({ version: 3, cases: expect.arrayContaining([...cases]) });
  });

  test('the mail of a notice has the command that lifts it, and that of a swap has none', async () => {
    const store = memoryBursts();
    const [ported] = rulingsOnNumbers([refusal()], mondayMs);
    const [swapped] = rulingsOnNumbers([refusal(numberOf(1), mondayMs, { risk: 'swapped' })], mondayMs);
    if (ported === undefined || swapped === undefined) expect.fail('There is no ruling.');
    const linesOf = async (ruling: typeof ported) =>
      (await commitRuling(store, ruling, sampleDeployment))?.step.finding.unmapped ??
      expect.fail('Nothing was decided.');
    const [ofNotice, ofSwap] = [await linesOf(ported), await linesOf(swapped)];
    expect(ofNotice.if_legitimate).toMatch(/lift it: otp-desk --stack \S+ port-notice --lift --reason WHY$/);
    expect(ofSwap.if_legitimate).not.toContain('--lift');
    for (const lines of [ofNotice, ofSwap]) {
      expect(lines.refused_text).toContain('Reach the customer by another way than this number.');
      expect(lines.runbook_url).toMatch(/#swappednumber$/);
    }
  });
});
