/** An event of AWS about a message, as a configuration set sends it: with the whole number. */
export const textEvent = (more: Readonly<Record<string, unknown>> = {}) => ({
  eventType: 'TEXT_DELIVERED',
  eventVersion: '1.0',
  eventTimestamp: 1_800_000_003_000,
  isFinal: true,
  originationPhoneNumber: '+12065550152',
  destinationPhoneNumber: '+919876598431',
  isInternationalSend: false,
  isoCountryCode: 'IN',
  messageId: '862a8790-60c0-4430-9b2b-658bde000001',
  messageRequestTimestamp: 1_800_000_000_000,
  messageEncoding: 'GSM',
  messageType: 'TRANSACTIONAL',
  messageStatus: 'DELIVERED',
  messageStatusDescription: 'Message has been accepted by phone',
  context: sampleContext,
  totalMessageParts: 1,
  totalMessagePrice: 0.02,
  totalCarrierFee: 0.001,
  ...more,
});

export const sampleKey = 'k'.repeat(43);
export const sampleContext = {
  verification: sampleKey,
  send: 's'.repeat(16),
  route: 'end-user-messaging',
  country: 'IN',
  estimate: '20000 1',
};

/** As the bus of the account brings it: without the number and the context. */
export const onBus = ({ context: _, destinationPhoneNumber: __, ...detail }: ReturnType<typeof textEvent>) => ({
  version: '0',
  id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
  'detail-type': 'Text Message Delivery Status Updated',
  source: 'aws.sms-voice',
  account: '000000000000',
  time: '2027-01-15T08:00:03Z',
  region: 'us-east-1',
  resources: [],
  detail,
});

/** As a topic hands it to a function. */
export const inTopic = (...messages: readonly unknown[]) => ({
  Records: messages.map((message) => ({
    EventSource: 'aws:sns',
    EventVersion: '1.0',
    Sns: { Type: 'Notification', Message: typeof message === 'string' ? message : JSON.stringify(message) },
  })),
});
