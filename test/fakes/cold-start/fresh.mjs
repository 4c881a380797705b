// What runs in the fresh process: see first-flow.ts. Plain JavaScript, because Node would load its TypeScript
// stripper, and count it, to run anything else. Arguments: the bundle's URL and the event as JSON.
const { writeSync } = process.getBuiltinModule('node:fs');
const [, , bundle, event] = process.argv;

const context = {
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  functionVersion: '$LATEST',
  invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${process.env.AWS_LAMBDA_FUNCTION_NAME}`,
  memoryLimitInMB: '512',
  awsRequestId: '00000000-0000-4000-8000-000000000000',
  callbackWaitsForEmptyEventLoop: false,
  getRemainingTimeInMillis: () => 20_000,
};

const cpu = process.cpuUsage();
const start = performance.now();
const { handler } = await import(bundle);
const loaded = performance.now();
const loadCpu = process.cpuUsage(cpu);
const answer = await handler(JSON.parse(event), context);
const answered = performance.now();
const { user, system } = process.cpuUsage(cpu);
// File descriptor 3, because the handler's logs and metrics go to the usual ones.
writeSync(
  3,
  JSON.stringify({
    loadMs: loaded - start,
    firstFlowMs: answered - loaded,
    // performance.now() counts from the start of the process.
    totalMs: answered,
    cpuMs: (user + system) / 1000,
    loadCpuMs: (loadCpu.user + loadCpu.system) / 1000,
    answer: answer ?? null,
    modules: process.moduleLoadList,
  }),
);
process.exit(0);
