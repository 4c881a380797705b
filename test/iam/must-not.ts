/**
 * What the functions must not be able to do, as real calls with a twist: the call itself was allowed, so that it is the
 * twist that is refused.
 */

import { type FunctionName, fixedAttributes, functionNames } from '../../lambdas/contract.ts';
import type { AwsCall, Context } from './aws-call.ts';
import { account, region } from './deployed.ts';

type Twist = {
  readonly as?: FunctionName;
  /** Another action: it keeps of the context what AWS says with every action. */
  readonly doing?: string;
  readonly on?: string;
  /** Values to say instead; `undefined` says nothing of it. */
  readonly saying?: Readonly<Record<string, string | readonly string[] | undefined>>;
};
type Rule = { readonly rule: string; readonly real: (call: AwsCall) => boolean; readonly twist: Twist };

export type MustNot = { readonly rule: string; readonly call: AwsCall };

/**
 * @param keys the names of all keys of the stack.
 * @throws Error for a rule that twists a call which nobody made: it would prove nothing.
 */
export const mustNots = (calls: readonly AwsCall[], keys: readonly string[]): readonly MustNot[] =>
  [...rulesFor(calls), ...elsewhere(calls, keys)].map(({ rule, real, twist }) => {
    const call = calls.find(real);
    if (call === undefined) throw new Error(`Nobody made the call which is twisted by the rule: ${rule}`);
    return { rule, call: twisted(call, twist) };
  });

const twisted = (call: AwsCall, { as, doing, on, saying = {} }: Twist): AwsCall => {
  const kept = doing === undefined ? call.context : withPrefix('aws:', call.context);
  const said = Object.entries({ ...kept, ...saying }).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  return {
    by: as ?? call.by,
    action: doing ?? call.action,
    on: on ?? call.on,
    context: Object.fromEntries(said),
  };
};

const withPrefix = (prefix: string, context: Context): Context =>
  Object.fromEntries(Object.entries(context).filter(([key]) => key.startsWith(prefix)));

const isPhone = (on: string): boolean => on.startsWith('+');

const of = (by: FunctionName, action: string, on: string) => (call: AwsCall) =>
  call.by === by && call.action === action && (on === 'phone' ? isPhone(call.on) : call.on === on);

/** A twist for everyone who makes such a call, found and not listed: nobody can be forgotten. */
const everyone = (
  calls: readonly AwsCall[],
  isMeant: (call: AwsCall) => boolean,
  what: string,
  twist: Twist,
): readonly Rule[] => {
  const makers = new Map(
    calls.filter(isMeant).map((call) => [`${call.by} ${call.action} ${isPhone(call.on) ? 'phone' : call.on}`, call]),
  );
  return [...makers.values()].map((call) => ({
    rule: `${call.by} cannot ${call.action} on ${isPhone(call.on) ? 'a phone' : call.on} ${what}`,
    real: (each) => each === call,
    twist,
  }));
};

/**
 * Every call on something else of its kind: on the other keys and tables of the stack, where the function does not make
 * it, and on tables, streams, buckets and logs that are not of the stack.
 */
const elsewhere = (calls: readonly AwsCall[], keys: readonly string[]): readonly Rule[] => {
  const made = new Set(calls.map(({ by, action, on }) => `${by} ${action} ${on}`));
  const others = ({ by, action, on }: AwsCall): readonly string[] => {
    if (isPhone(on) || on === '*') return [];
    if (keys.includes(on)) {
      const foreign = action === 'kms:DescribeKey' ? [foreignKey] : [];
      return [...foreign, ...keys.filter((key) => !made.has(`${by} ${action} ${key}`))];
    }
    if (tables.includes(on)) return [foreignTable, ...tables.filter((table) => !made.has(`${by} ${action} ${table}`))];
    const foreign = foreignArns.find(([prefix]) => action.startsWith(prefix));
    return foreign === undefined ? [] : [foreign[1]];
  };
  const first = new Map(calls.map((call) => [`${call.by} ${call.action} ${call.on}`, call]));
  return [...first.values()].flatMap((call) =>
    others(call).map((on) => ({
      rule: `${call.by} cannot ${call.action} on ${call.on} but on ${on}`,
      real: (each: AwsCall) => each === call,
      twist: { on },
    })),
  );
};

const tables = ['Guards', 'Verifications', 'Traffic', 'Security'];
/** Its policy leaves it to the account who may use it, as the policies of the stack's keys do. */
const foreignKey = `arn:aws:kms:${region}:${account}:key/another`;
const foreignTable = `arn:aws:dynamodb:${region}:${account}:table/another`;
const foreignLetter = 'arn:aws:s3:::another/aws/lambda/record';
const foreignArns: readonly (readonly [string, string])[] = [
  ['dynamodb:', `${foreignTable}/stream/2026-01-01T00:00:00.000`],
  ...['s3:PutObject', 's3:GetObject', 's3:DeleteObject'].map((action) => [action, foreignLetter] as const),
  ['lambda:GetEventSourceMapping', `arn:aws:lambda:${region}:${account}:event-source-mapping:another`],
  ['lambda:', `arn:aws:lambda:${region}:${account}:function:another`],
  ['sns:', `arn:aws:sns:${region}:${account}:another`],
  ['s3:', 'arn:aws:s3:::another'],
  ['events:', `arn:aws:events:${region}:${account}:event-bus/default`],
  ['logs:', `arn:aws:logs:${region}:${account}:log-group:/another/log:log-stream:2026-01-01`],
];

const letter = 'DeadLetters/aws/lambda/mapping/shard/1';
const secure = { 'aws:SecureTransport': 'true', 's3:TlsVersion': '1.3' };

const purpose = 'kms:EncryptionContext:purpose';
const verification = 'kms:EncryptionContext:verification';
const contextKeys = 'kms:EncryptionContextKeys';

const keysNamed = 'dynamodb:LeadingKeys';
const attributesNamed = 'dynamodb:Attributes';

/** A request notes its probe on the block, or releases it on the block or the network: it names nothing else. */
const isOfProbe = ({ by, action, on, context }: AwsCall): boolean =>
  by === 'request-verification' &&
  action === 'dynamodb:UpdateItem' &&
  on === 'Guards' &&
  [context[attributesNamed] ?? []].flat().every((name) => name === 'pk' || name === 'probedAt');
const isProbeOfBlock = (call: AwsCall): boolean =>
  isOfProbe(call) && [call.context[keysNamed] ?? []].flat().every((key) => key.startsWith('block#'));

/** A function that sends may note a probe on a block, and neither make nor move one. */
const beyondProbes: readonly Rule[] = Object.entries<Twist>({
  'naming the end of the block': { saying: { [attributesNamed]: ['pk', 'expiresAt'] } },
  'naming until when staff lifted it': { saying: { [attributesNamed]: ['pk', 'probedAt', 'liftedUntil'] } },
  'without naming an attribute': { saying: { [attributesNamed]: undefined } },
  'without naming an item': { saying: { [keysNamed]: undefined } },
  'of the reputation of a number': { saying: { [keysNamed]: ['reputation#number'] } },
  'in the name of the resend': { as: 'resend-verification' },
}).map(([what, twist]) => ({
  rule: `request-verification cannot note a probe ${what}`,
  real: isProbeOfBlock,
  twist,
}));

const isOfProgress = ({ by, action, on, context }: AwsCall): boolean =>
  by === 'detect-bursts' &&
  action === 'dynamodb:UpdateItem' &&
  on === 'Security' &&
  [context[keysNamed] ?? []].flat().every((key) => key === 'launch');

/** The detector may note the progress of a launch, and neither announce nor prolong one. */
const beyondProgress: readonly Rule[] = Object.entries<Twist>({
  'naming its end': { saying: { [attributesNamed]: ['pk', 'sk', 'until'] } },
  'naming the expected requests': { saying: { [attributesNamed]: ['pk', 'sk', 'requests', 'expected'] } },
  'without naming an attribute': { saying: { [attributesNamed]: undefined } },
  'without naming an item': { saying: { [keysNamed]: undefined } },
  'of an action of staff': { saying: { [keysNamed]: ['action'] } },
}).map(([what, twist]) => ({
  rule: `detect-bursts cannot note the progress of a launch ${what}`,
  real: isOfProgress,
  twist,
}));

/** An export reads all of Security and of Traffic, and asks how large they are. */
const isOfWholeTable = ({ by, action }: AwsCall): boolean =>
  by === 'export-events' && ['dynamodb:Scan', 'dynamodb:DescribeTable'].includes(action);

/** Items and attributes that are no business of a function: invented, they would make the detector believe something. */
const inventions = (calls: readonly AwsCall[]): readonly Rule[] => {
  const all = (isMeant: (call: AwsCall) => boolean, what: string, saying: Twist['saying'] & object) =>
    everyone(calls, isMeant, what, { saying });
  const isOfItems = (call: AwsCall) =>
    call.action.startsWith('dynamodb:') &&
    ['Guards', 'Security'].includes(call.on) &&
    !isOfProbe(call) &&
    !isOfWholeTable(call);
  const onGuards = (call: AwsCall) => call.on === 'Guards' && call.by !== 'detect-bursts' && !isOfProbe(call);
  const ofNumbers = ({ by, on }: AwsCall) =>
    (by === 'read-number-history' || by === 'erase-number') && ['Guards', 'Traffic', 'Security'].includes(on);
  const erases = ({ by, action }: AwsCall) => by === 'erase-number' && action === 'dynamodb:DeleteItem';
  const forgets = ({ by, action }: AwsCall) => by === 'erase-number' && action === 'dynamodb:UpdateItem';
  const updates = ({ action, on }: AwsCall) => action === 'dynamodb:UpdateItem' && on === 'Verifications';
  const refusals = ({ by, action }: AwsCall) => by === 'resend-verification' && action === 'dynamodb:PutItem';
  const writes = (call: AwsCall) =>
    onGuards(call) && call.action !== 'dynamodb:BatchGetItem' && call.by !== 'erase-number';
  // Staff block by the API of operators.
  const writesNoBlock = (call: AwsCall) => writes(call) && call.by !== 'write-desk';
  return [
    ...all(isOfItems, 'without naming an item', { [keysNamed]: undefined }),
    ...all(onGuards, 'of no kind', { [keysNamed]: ['another#id'] }),
    ...all(ofNumbers, 'of no kind of theirs', { [keysNamed]: ['another#id'] }),
    ...all(ofNumbers, 'without naming an item, of a number or any', { [keysNamed]: undefined }),
    ...['block#phone#number', 'ip#ip', 'staff-block', 'action', 'range#+91987654'].flatMap((key) =>
      all(erases, `of ${key}, which an erasure leaves`, { [keysNamed]: [key] }),
    ),
    ...['reputation#number', 'ip#ip', 'block#ip#ip'].flatMap((key) =>
      all(forgets, `of ${key}`, { [keysNamed]: [key] }),
    ),
    ...all(forgets, 'naming its end', { [attributesNamed]: ['pk', 'verifiers', 'expiresAt'] }),
    ...all(forgets, 'without naming an attribute of it', { [attributesNamed]: undefined }),
    ...['reputation#number', 'ip-reputation#ip', 'verified#GB#day'].flatMap((key) =>
      all(writes, `for ${key}, which the detector alone may write`, { [keysNamed]: [key] }),
    ),
    ...all(writesNoBlock, 'for a block, which it may not write', { [keysNamed]: ['block#ip#ip'] }),
    ...all(updates, 'without naming an attribute', { [attributesNamed]: undefined }),
    ...fixedAttributes.flatMap((name) => all(updates, `naming ${name}`, { [attributesNamed]: ['pk', name] })),
    ...all(refusals, 'as a verification', { [attributesNamed]: ['pk', 'kind', 'guesses'] }),
    ...all(refusals, 'without naming an attribute', { [attributesNamed]: undefined }),
    ...all(refusals, 'without naming an item', { [keysNamed]: undefined }),
  ];
};

const rulesFor = (calls: readonly AwsCall[]): readonly Rule[] => {
  const all = (isMeant: (call: AwsCall) => boolean, what: string, twist: Twist) =>
    everyone(calls, isMeant, what, twist);
  // The state of a key is no use of it, and has no conditions.
  const uses = ({ action }: AwsCall) => action !== 'kms:DescribeKey';
  const onSeal = (call: AwsCall) => uses(call) && call.on === 'SealKey';
  const macs = ({ action }: AwsCall) => action === 'kms:GenerateMac';
  const onTableKey = (call: AwsCall) => uses(call) && (call.on === 'TableKey' || call.on === 'SecurityKey');
  const throughS3 = (call: AwsCall) =>
    uses(call) && call.action.startsWith('kms:') && (call.on === 'DeadLetterKey' || call.on === 'ExportKey');
  const onLetter = ({ action }: AwsCall) => action === 's3:GetObject' || action === 's3:DeleteObject';
  const intoBucket = ({ action }: AwsCall) => action.startsWith('s3:');
  const makes = ({ by, on }: AwsCall, action: string) =>
    calls.some((call) => call.by === by && call.on === on && call.action === action);
  const onTables = ({ action, on }: AwsCall) => action.startsWith('dynamodb:') && tables.includes(on);
  const onKeys = ({ on }: AwsCall) => on.includes('Key');
  const annotates = ({ by, action, on }: AwsCall) =>
    by === 'write-desk' && action === 'dynamodb:UpdateItem' && on === 'Security';
  const tells = ({ action }: AwsCall) => action === 'events:PutEvents';
  const publishes = ({ action }: AwsCall) => action === 'sns:Publish';
  return [
    ...inventions(calls),
    ...beyondProbes,
    ...beyondProgress,
    ...all(onSeal, 'for another purpose', { saying: { [purpose]: 'another' } }),
    ...all(onSeal, 'for no purpose', { saying: { [purpose]: undefined, [contextKeys]: ['verification'] } }),
    ...all(onSeal, 'for no record', { saying: { [verification]: undefined, [contextKeys]: ['purpose'] } }),
    ...all(onSeal, 'without a context', {
      saying: { [purpose]: undefined, [verification]: undefined, [contextKeys]: undefined },
    }),
    ...all(onSeal, 'with a phone number in the context', {
      saying: {
        'kms:EncryptionContext:phone': '+447400123456',
        [contextKeys]: ['purpose', 'verification', 'phone'],
      },
    }),
    ...all(macs, 'by another algorithm', { saying: { 'kms:MacAlgorithm': 'HMAC_SHA_512' } }),
    ...all(({ action }) => action === 'kms:Sign', 'by another algorithm', {
      saying: { 'kms:SigningAlgorithm': 'ECDSA_SHA_512' },
    }),
    ...all(onTableKey, 'by itself, past DynamoDB', { saying: { 'kms:ViaService': undefined } }),
    ...all(onTableKey, 'through another service', { saying: { 'kms:ViaService': `s3.${region}.amazonaws.com` } }),
    ...all(throughS3, 'by itself, past S3', { saying: { 'kms:ViaService': undefined } }),
    ...all(throughS3, 'through another service', { saying: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } }),
    ...all(intoBucket, 'over plain HTTP', { saying: { 'aws:SecureTransport': 'false' } }),
    ...all(intoBucket, 'over old TLS', { saying: { 's3:TlsVersion': '1.1' } }),
    ...all(({ action }) => action === 's3:PutObject', 'outside of its folder', { on: 'DeadLetters/elsewhere/record' }),
    ...all(({ action }) => action === 's3:PutObject', 'and delete it', { doing: 's3:DeleteObject' }),
    ...all(onLetter, 'outside of its folder', { on: 'DeadLetters/elsewhere/record' }),
    ...all(onLetter, 'and delete it for good', { doing: 's3:DeleteObjectVersion' }),
    ...all(({ action }) => action === 'lambda:InvokeFunction', 'but to change it', {
      doing: 'lambda:UpdateFunctionCode',
    }),
    ...all(({ by, on }) => by === 'detect-bursts' && on === 'Guards', 'of the sends of a number', {
      saying: { 'dynamodb:LeadingKeys': ['guard#number'] },
    }),
    ...all((call) => call.on === 'Security' && !isOfWholeTable(call), 'of what is not its own', {
      saying: { 'dynamodb:LeadingKeys': ['note#another'] },
    }),
    ...[['pk', 'sk', 'finding'], undefined].flatMap((attributes) =>
      all(annotates, `naming ${attributes === undefined ? 'no attribute' : 'what the detector writes'}`, {
        saying: { [attributesNamed]: attributes },
      }),
    ),
    ...all(publishes, 'but to a topic', { on: 'AlarmTopic' }),
    ...all(tells, 'in the name of another source', { saying: { 'events:source': ['otp-service', 'another'] } }),
    ...all(tells, 'as events of another kind', { saying: { 'events:detail-type': ['Another'] } }),
    ...all(tells, 'but by taking the bus away', { doing: 'events:DeleteEventBus' }),
    ...['dynamodb:Scan', 'dynamodb:Query', 'dynamodb:BatchWriteItem', 'dynamodb:PartiQLSelect'].flatMap((doing) =>
      all((call) => onTables(call) && !makes(call, doing), `but by ${doing}`, { doing }),
    ),
    ...['kms:CreateGrant', 'kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:ReEncryptFrom'].flatMap((doing) =>
      all(onKeys, `but by ${doing}`, { doing }),
    ),
    ...functionNames.map((by) => ({
      rule: `${by} cannot delete a record`,
      real: of('request-verification', 'dynamodb:DeleteItem', 'Guards'),
      twist: { as: by, on: 'Verifications' },
    })),
    {
      rule: 'export-events cannot replace a file',
      real: ({ by, action }: AwsCall) => by === 'export-events' && action === 's3:PutObject',
      twist: { saying: { 's3:if-none-match': undefined } },
    },
    {
      rule: 'export-events cannot list what it exported',
      real: ({ by, action }: AwsCall) => by === 'export-events' && action === 's3:PutObject',
      twist: { doing: 's3:ListBucket', on: 'Exports', saying: secure },
    },
    ...['s3:GetObject', 's3:DeleteObject'].map((doing) => ({
      rule: `export-events cannot ${doing} what it exported`,
      real: ({ by, action }: AwsCall) => by === 'export-events' && action === 's3:PutObject',
      twist: { doing, saying: secure },
    })),
    ...['PutItem', 'UpdateItem', 'DeleteItem', 'GetItem', 'ConditionCheckItem', 'Query'].flatMap((doing) =>
      ['phone#number', 'finding', 'action#another', 'staff-block'].map((key) => ({
        rule: `export-events cannot ${doing} an item of ${key}`,
        real: of('export-events', `dynamodb:${doing}`, 'Security'),
        twist: { saying: { [keysNamed]: [key] } },
      })),
    ),
    {
      rule: 'replay-dead-letters cannot hand records of its own to the detector',
      real: of('replay-dead-letters', 'lambda:InvokeFunction', 'detect-bursts:replay'),
      twist: { on: 'detect-bursts' },
    },
    ...['s3:PutObject', 's3:GetObject'].map((doing) => ({
      rule: `replay-dead-letters cannot ${doing} a dead letter`,
      real: of('replay-dead-letters', 's3:DeleteObject', letter),
      twist: { doing, saying: secure },
    })),
    ...['kms:GenerateDataKey', 'kms:Decrypt'].map((doing) => ({
      rule: `replay-dead-letters cannot ${doing} with the key of the dead letters`,
      real: of('detect-bursts', 'kms:GenerateDataKey', 'DeadLetterKey'),
      twist: { as: 'replay-dead-letters' as const, doing, saying: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
    })),
    {
      rule: 'read-status cannot list what is no dead letter',
      real: of('read-status', 's3:ListBucket', 'DeadLetters'),
      twist: { saying: { 's3:prefix': '' } },
    },
    {
      rule: 'read-status cannot read the counts of a group',
      real: of('read-status', 'dynamodb:GetItem', 'Traffic'),
      twist: { saying: { 'dynamodb:LeadingKeys': ['country#IN'] } },
    },
    {
      rule: 'read-status cannot read without naming an item',
      real: of('read-status', 'dynamodb:GetItem', 'Traffic'),
      twist: { saying: { 'dynamodb:LeadingKeys': undefined } },
    },
    {
      rule: 'resend-verification cannot put a record',
      real: of('resend-verification', 'dynamodb:PutItem', 'Verifications'),
      twist: { saying: { 'dynamodb:LeadingKeys': ['0123456789abcdef'] } },
    },
    {
      rule: 'resend-verification cannot put a record beside a refusal',
      real: of('resend-verification', 'dynamodb:PutItem', 'Verifications'),
      twist: { saying: { 'dynamodb:LeadingKeys': ['refusal#1', '0123456789abcdef'] } },
    },
    {
      rule: 'check-verification cannot send an SMS',
      real: of('request-verification', 'sns:Publish', 'phone'),
      twist: { as: 'check-verification' },
    },
    {
      rule: 'check-verification cannot verify a MAC without a write that counts the guess',
      real: of('check-verification', 'kms:GenerateMac', 'CodeKey(a)'),
      twist: { doing: 'kms:VerifyMac', saying: { 'kms:MacAlgorithm': 'HMAC_SHA_256' } },
    },
    {
      rule: 'check-verification cannot touch a guard',
      real: of('request-verification', 'dynamodb:UpdateItem', 'Guards'),
      twist: { as: 'check-verification' },
    },
    {
      rule: 'request-verification cannot open a phone number',
      real: of('check-verification', 'kms:Decrypt', 'SealKey'),
      twist: { as: 'request-verification' },
    },
    {
      rule: 'request-verification cannot read a record',
      real: of('get-verification', 'dynamodb:GetItem', 'Verifications'),
      twist: { as: 'request-verification' },
    },
    {
      rule: 'get-verification cannot change a record',
      real: of('cancel-verification', 'dynamodb:UpdateItem', 'Verifications'),
      twist: { as: 'get-verification' },
    },
    {
      rule: 'jwks cannot sign',
      real: of('check-verification', 'kms:Sign', 'ProofKey'),
      twist: { as: 'jwks' },
    },
    {
      rule: 'detect-bursts cannot open a phone number',
      real: of('check-verification', 'kms:Decrypt', 'SealKey'),
      twist: { as: 'detect-bursts' },
    },
    {
      rule: 'detect-bursts cannot make the MAC of a code',
      real: of('check-verification', 'kms:GenerateMac', 'CodeKey(a)'),
      twist: { as: 'detect-bursts' },
    },
    {
      rule: 'detect-bursts cannot make the secret behind the pseudonyms',
      real: of('request-verification', 'kms:GenerateMac', 'PseudonymKey'),
      twist: { as: 'detect-bursts' },
    },
    {
      rule: 'detect-bursts cannot change a record',
      real: of('cancel-verification', 'dynamodb:UpdateItem', 'Verifications'),
      twist: { as: 'detect-bursts' },
    },
  ];
};
