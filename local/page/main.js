// @ts-check
import { createApp } from './app/app.js';
import { createCalls } from './calls/calls.js';
import { recordCalls } from './calls/record.js';
import { createServerClock } from './clock.js';
import { createCode } from './code/code.js';
import { createControls } from './controls/controls.js';
import { createDesk } from './desk/desk.js';
import { find } from './elements.js';
import { readFacts } from './facts.js';
import { createHandset } from './handset/handset.js';
import { createTraffic } from './traffic/traffic.js';

// Nothing listens until the facts are here. People who do not see the page hear so, and tests wait.
const main = find('main', HTMLElement);
main.ariaBusy = 'true';
const facts = await readFacts();
find('limits-off', HTMLElement).hidden = facts.hasLimits;

const clock = createServerClock();
const calls = createCalls(facts);
const fetchRecorded = recordCalls({ basePath: facts.basePath, onCall: calls.add, onAnswer: calls.answer });
const code = createCode(facts);
const app = createApp({
  facts,
  clock,
  fetch: fetchRecorded,
  onSms: () => handset.turn(),
  onApproved: (approval, claims) => {
    handset.dismiss();
    code.offer(approval, claims);
  },
  onCode: code.show,
});
const handset = createHandset({ clock, expected: app.expected, fill: app.fill });
createControls({
  facts,
  clock,
  onMoved: () => handset.lookNow(),
  onAnew: () => {
    app.reset();
    calls.clear();
    return handset.lookNow();
  },
});
const desk = createDesk({ now: clock.now });
createTraffic({ announce: desk.announce, sentenceOf: desk.sentenceOf, onChange: desk.lookNow });
main.ariaBusy = 'false';
