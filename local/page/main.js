// @ts-check
import { createApi } from './api.js';
import { createClient } from './client.js';
import { createServerClock } from './clock.js';
import { createExchanges } from './exchanges.js';
import { createHandset } from './handset/handset.js';
import { createNetwork } from './handset/network.js';

const clock = createServerClock();
const exchanges = createExchanges();
const api = createApi(exchanges.add);
const client = createClient({ api, clock, onSms: () => handset.turn() });
const handset = createHandset({ clock, expected: client.expected, fill: client.fill });
createNetwork({ clock, onMoved: () => handset.lookNow() });
