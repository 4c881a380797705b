import { awsRefusal } from '../refusal.ts';

/** A subscription of a topic. Its holder confirms it by the link in a mail. */
export type Subscription = {
  readonly protocol: string;
  readonly endpoint: string;
  readonly isConfirmed: boolean;
};

/** The topic of alarms. Nobody publishes to it here: local mode has no alarms. */
export type Topic = {
  readonly arn: string;
  readonly subscriptions: () => readonly Subscription[];
  readonly set: (subscriptions: readonly Subscription[]) => void;
  /** The subscription of a new topic. */
  readonly clear: () => void;
};

/** Whoever looks at the page of local mode. `.example` is no mailbox (RFC 2606). */
const onlooker: Subscription = { protocol: 'email', endpoint: 'you@local-mode.example', isConfirmed: true };

export const createTopic = (arn: string): Topic => {
  let held: readonly Subscription[] = [onlooker];
  return {
    arn,
    subscriptions: () => held,
    set: (subscriptions) => {
      held = [...subscriptions];
    },
    clear: () => {
      held = [onlooker];
    },
  };
};

const pageSize = 100;
const knownFields = /^(Action|Version|TopicArn|NextToken)$/;

/**
 * Answers `ListSubscriptionsByTopic`: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 *
 * @param escapeXml of the caller, who writes the rest of the answer.
 * @returns the inside of `ListSubscriptionsByTopicResult`.
 */
export const listSubscriptions = (topic: Topic, form: URLSearchParams, escapeXml: (text: string) => string): string => {
  const strange = [...form.keys()].find((name) => !knownFields.test(name));
  if (strange !== undefined) throw awsRefusal('InvalidParameter', `Invalid parameter: ${strange}`);
  const arn = form.get('TopicArn') ?? '';
  if (!/^arn:[\w-]+:sns:[\w-]+:\d{12}:[\w-]{1,256}$/.test(arn))
    throw awsRefusal('InvalidParameter', 'Invalid parameter: TopicArn');
  if (arn !== topic.arn) throw awsRefusal('NotFound', 'Topic does not exist', 404);
  const token = form.get('NextToken') ?? '0';
  const from = Number(token);
  const all = topic.subscriptions();
  if (!/^\d{1,6}$/.test(token) || from > all.length)
    throw awsRefusal('InvalidParameter', 'Invalid parameter: NextToken');
  const page = all.slice(from, from + pageSize);
  const next = from + pageSize < all.length ? `<NextToken>${from + pageSize}</NextToken>` : '';
  const members = page.map((each, at) => member(topic.arn, from + at, each, escapeXml)).join('');
  return `<Subscriptions>${members}</Subscriptions>${next}`;
};

const member = (
  arn: string,
  nth: number,
  { protocol, endpoint, isConfirmed }: Subscription,
  escapeXml: (text: string) => string,
): string => {
  const own = isConfirmed ? `${arn}:c0de0000-0000-4000-8000-${String(nth).padStart(12, '0')}` : 'PendingConfirmation';
  return (
    `<member><TopicArn>${arn}</TopicArn><Protocol>${escapeXml(protocol)}</Protocol>` +
    `<SubscriptionArn>${own}</SubscriptionArn><Owner>${arn.split(':')[4]}</Owner>` +
    `<Endpoint>${escapeXml(endpoint)}</Endpoint></member>`
  );
};
