// @ts-check
import { quoted } from '../calls/curl.js';

/**
 * The facts that the code needs.
 *
 * @typedef {object} Flow
 * @property {string} endpoint
 * @property {string} apiKey
 * @property {string} phoneNumber
 * @property {string} purpose
 * @property {string} audience
 * @property {string} countries
 * @property {{ amount: string, currency: string, payee: string } | undefined} transaction
 *
 * @typedef {object} Snippet
 * @property {string} name
 * @property {string} needs
 * @property {(flow: Flow) => string} write
 */

/** @param {Flow} flow */
const requestOf = ({ phoneNumber, purpose, transaction }) => ({
  phoneNumber,
  purpose,
  ...(transaction === undefined ? {} : { transaction }),
});

/**
 * A text of JavaScript, in single quotes.
 *
 * @param {string} text
 */
const text = (text) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;

/**
 * A value of JavaScript and TypeScript.
 *
 * @param {unknown} value
 * @returns {string}
 */
const literal = (value) =>
  typeof value === 'object' && value !== null
    ? `{ ${Object.entries(value)
        .map(([name, each]) => `${name}: ${literal(each)}`)
        .join(', ')} }`
    : text(String(value));

/** @param {Flow} flow */
const curl = (flow) => `# 1. Ask for a code.
api=${quoted(flow.endpoint)}
id=$(curl -s "$api/v1/verifications" -H ${quoted(`x-api-key: ${flow.apiKey}`)} \\
  -H 'content-type: application/json' \\
  -d ${quoted(JSON.stringify(requestOf(flow)))} |
  sed -n 's/.*"id":"\\([^"]*\\)".*/\\1/p')

# 2. Type the code of the SMS.
printf 'Code: ' && read -r code

# 3. Trade it for a proof.
curl -s "$api/v1/verifications/$id/check" -H ${quoted(`x-api-key: ${flow.apiKey}`)} \\
  -H 'content-type: application/json' \\
  -d ${quoted(JSON.stringify({ code: '$code', ...(flow.transaction && { transaction: flow.transaction }) })).replace('$code', `'"$code"'`)}
`;

/** @param {Flow} flow */
const typescript = (flow) => {
  const check = flow.transaction === undefined ? '{ code }' : `{ code, transaction: ${literal(flow.transaction)} }`;
  const expected = [
    `jwksUrl: ${text(`${flow.endpoint}/.well-known/jwks.json`)}`,
    `audience: ${text(flow.audience)}`,
    `purpose: ${text(flow.purpose)}`,
    ...(flow.transaction === undefined ? [] : [`transaction: ${literal(flow.transaction)}`]),
  ];
  return `import { createInterface } from 'node:readline/promises';
import { createClient } from 'otp-service-client';
import { verifyProof } from 'otp-service-client/proof';

const otp = createClient({ baseUrl: ${text(flow.endpoint)}, apiKey: ${text(flow.apiKey)} });

// 1. Ask for a code.
const sent = await otp.request(${literal(requestOf(flow))});
if (sent.kind !== 'sent') throw new Error(sent.detail);

// 2. Type the code of the SMS.
const terminal = createInterface({ input: process.stdin, output: process.stdout });
const code = await terminal.question('Code: ');
terminal.close();

// 3. Trade it for a proof.
const checked = await otp.check(sent.verification.id, ${check});
if (checked.kind !== 'approved') throw new Error(checked.kind);

// 4. Your back end verifies the proof.
const claims = await verifyProof(checked.proof, {
  ${expected.join(',\n  ')},
});
console.log('Verified:', claims.phone_number);
`;
};

/** @param {Flow} flow */
const python = (flow) => `import json
from urllib.request import Request, urlopen
from otp_proof import verify_proof

API = ${JSON.stringify(flow.endpoint)}
HEADERS = {"x-api-key": ${JSON.stringify(flow.apiKey)}, "content-type": "application/json"}

def post(path, body):
    with urlopen(Request(API + path, json.dumps(body).encode(), HEADERS)) as answer:
        return json.load(answer)

# 1. Ask for a code.
sent = post("/v1/verifications", ${JSON.stringify(requestOf(flow))})

# 2. Type the code of the SMS. 3. Trade it for a proof.
guess = {"code": input("Code: ")${flow.transaction === undefined ? '' : `, "transaction": ${JSON.stringify(flow.transaction)}`}}
checked = post("/v1/verifications/" + sent["id"] + "/check", guess)

# 4. Your back end verifies the proof.
claims = verify_proof(
    checked["proof"],
    jwks_url=API + "/.well-known/jwks.json",
    audience=${JSON.stringify(flow.audience)},
    purpose=${JSON.stringify(flow.purpose)},${flow.transaction === undefined ? '' : `\n    transaction=${JSON.stringify(flow.transaction)},`}
)
print("Verified:", claims["phone_number"])
`;

/** @param {Flow} flow */
const react = (flow) => `import 'otp-service-client/form';

// Your back end verifies the proof that onProof gets.
export const VerifyNumber = ({ onProof }) => (
  <otp-form
    api=${JSON.stringify(flow.endpoint)}
    api-key=${JSON.stringify(flow.apiKey)}
    purpose=${JSON.stringify(flow.purpose)}
    countries=${JSON.stringify(flow.countries)}${flow.transaction === undefined ? '' : `\n    transaction={${literal(flow.transaction)}}`}
    onotp-approved={(event) => onProof(event.detail.proof)}
  />
);
`;

/** @type {readonly Snippet[]} */
export const snippets = [
  { name: 'curl', needs: 'It needs a POSIX shell and curl.', write: curl },
  {
    name: 'TypeScript',
    needs:
      'It needs the client: npm run client in this repository, then npm install clients/typescript jose in your project.',
    write: typescript,
  },
  {
    name: 'Python',
    needs: 'It needs the verifier: pip install clients/python of this repository.',
    write: python,
  },
  {
    name: 'React',
    needs:
      'It needs React 19 and the client: npm run client in this repository, then npm install clients/typescript in your project.',
    write: react,
  },
];
