import type { LocalStack } from './stack.ts';

type Greeted = LocalStack & { readonly limits: boolean };

/** What `npm start` writes once it runs. */
export const greetingOf = (stack: Greeted): string => {
  const { url, origin, operatorUrl, apiKey, tables, endpoints } = stack;
  return `
  The OTP service runs at   ${url}
${keyLines(stack)}
  App and handset           ${origin}/
  Reference of the API      ${origin}/docs (${origin}/openapi.json, ${origin}/llms.txt)
  Inbox                     ${origin}/_local/messages
  Findings                  ${origin}/_local/events
  Mails to staff            ${origin}/_local/mails
  Security desk             npm run desk -- --local ${operatorUrl} status
  Refusals, with reasons    ${origin}/_local/refusals
${webhookLines(stack)}  DynamoDB                  ${endpoints.dynamodb} (tables ${Object.values(tables).join(', ')})

  Try it:

    curl -s ${url}/v1/verifications -H 'x-api-key: ${apiKey}' \\
      -H 'content-type: application/json' -d '{"phoneNumber": "+919876543210", "purpose": "login"}'
    curl -s '${origin}/_local/messages?to=%2B919876543210'

  Empty all of it:

    curl -s -X DELETE ${origin}/_local/state

  Look into the tables, or connect NoSQL Workbench to the address of DynamoDB:

    AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local aws dynamodb scan --region us-east-1 \\
      --endpoint-url ${endpoints.dynamodb} --table-name ${tables.guards}

${stack.limits ? withLimits : withoutLimits}

  No SMS leaves this machine. Ctrl-C ends it.
`;
};

/** One application needs no name: the caller cannot take another. */
const keyLines = ({ apiKeys }: LocalStack): string => {
  const all = Object.entries(apiKeys);
  const titleOf = (name: string): string => (all.length === 1 ? 'API key' : `API key of ${name}`);
  return all.map(([name, key]) => `  ${titleOf(name).padEnd(25)} ${key}  (-H 'x-api-key: ${key}')`).join('\n');
};

/** The secret is of this start alone, and of no deployment. */
const webhookLines = ({ webhooks }: LocalStack): string =>
  webhooks()
    .map(({ application, url, secret }) => `  ${`Webhook of ${application}`.padEnd(25)} ${url} (secret ${secret})\n`)
    .join('');

const withLimits = `  All of your requests come from one IP, and the limits per IP hold as in a deployment. To simulate many IPs, name one:
  -H 'x-local-source-ip: 203.0.113.7'`;

const line = '*'.repeat(78);
const withoutLimits = `  ${line}
  *  NO LIMITS (--no-limits): numbers, IPs and countries have no limit, nothing
  *  is capped, and the detector is off. A deployment always has all of them.
  ${line}`;
