// A container of Lambda, without the runtime API: it loads bundles, runs events, and says what they took. Plain
// JavaScript, because Node would load its TypeScript stripper, and count it. Argument: paths of the bundles by route, as JSON.
const bundles = JSON.parse(process.argv[2] ?? '{}');
const handlers = {};
for (const [route, bundle] of Object.entries(bundles)) {
  const { handler } = await import(bundle);
  handlers[route] = handler;
}

const context = {
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
  memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 20_000,
};

const usage = () => {
  const { user, system } = process.cpuUsage();
  const { rss, heapTotal } = process.memoryUsage();
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  return { cpuMs: (user + system) / 1000, rssBytes: rss, heapBytes: heapTotal, peakRssBytes };
};

const samplingMicroseconds = 500;
let session;
/** Starts a profile, or ends it and answers it. */
const profile = async ({ on }) => {
  if (!on) return (await session.post('Profiler.stop')).profile;
  const { Session } = await import('node:inspector/promises');
  session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: samplingMicroseconds });
  await session.post('Profiler.start');
};

const asked = { usage, profile };

process.on('message', async ({ id, route, event }) => {
  try {
    process.send({ id, answer: await (asked[route] ?? handlers[route])(event, context) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit(0));
process.send({ id: 0, answer: 'ready' });
