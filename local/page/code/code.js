// @ts-check
import { copyOnClick } from '../copy.js';
import { find, make, write } from '../elements.js';
import { snippets } from './snippets.js';

/**
 * The flow as code, in the reader's language, with the facts of this instance.
 *
 * @param {import('../facts.js').Facts} facts
 */
export const createCode = (facts) => {
  const section = find('your-code', HTMLElement);
  const form = find('form', HTMLElement);
  const tabs = createTabs((index) => draw(index));
  /** @type {import('./snippets.js').Flow} */
  let flow = {
    endpoint: facts.endpoint,
    apiKey: facts.apiKey,
    phoneNumber: '+919876543210',
    purpose: 'login',
    audience: 'https://api.example.com',
    countries: form.getAttribute('countries') ?? '',
    transaction: undefined,
  };

  /** @param {number} index */
  const draw = (index) => {
    const snippet = snippets[index];
    if (snippet === undefined) return;
    write(find('code-needs', HTMLElement), snippet.needs);
    find('code-text', HTMLElement).replaceChildren(...colored(snippet.write(flow)));
  };
  copyOnClick(find('copy-code', HTMLButtonElement), () => find('code-text', HTMLElement).textContent ?? '');

  tabs.redraw();

  const show = () => {
    section.scrollIntoView({ block: 'start' });
    section.focus({ preventScroll: true });
  };
  find('show-code', HTMLElement).addEventListener('click', (event) => {
    event.preventDefault();
    show();
  });
  return {
    show,
    /**
     * @param {import('../app/app.js').Approval} approval
     * @param {Readonly<Record<string, any>>} claims
     */
    offer: ({ purpose }, { phone_number, aud, transaction }) => {
      flow = { ...flow, purpose, transaction, phoneNumber: String(phone_number), audience: String(aud) };
      tabs.redraw();
    },
  };
};

/** @param {(index: number) => void} onChosen */
const createTabs = (onChosen) => {
  const list = find('code-tabs', HTMLElement);
  const panel = find('code-panel', HTMLElement);
  const tabs = snippets.map(({ name }, index) => {
    const tab = make(
      'button',
      { type: 'button', role: 'tab', id: `tab-${index}`, 'aria-controls': 'code-panel' },
      name,
    );
    tab.addEventListener('click', () => choose(index));
    return tab;
  });
  panel.tabIndex = 0;
  let chosen = 0;
  /** @param {number} index */
  const choose = (index) => {
    chosen = index;
    for (const [at, tab] of tabs.entries()) {
      tab.setAttribute('aria-selected', String(at === index));
      tab.tabIndex = at === index ? 0 : -1;
    }
    panel.setAttribute('aria-labelledby', `tab-${index}`);
    onChosen(index);
  };
  list.append(...tabs);
  list.addEventListener('keydown', ({ key }) => {
    const step = key === 'ArrowRight' ? 1 : key === 'ArrowLeft' ? -1 : 0;
    if (step === 0) return;
    choose((chosen + step + tabs.length) % tabs.length);
    tabs[chosen]?.focus();
  });
  return { redraw: () => choose(chosen) };
};

const tokens =
  /(?<comment>(?:^|(?<=\n))(?:#|\/\/)[^\n]*)|(?<string>'[^'\n]*'|"[^"\n]*"|`[^`\n]*`)|(?<word>\b(?:import|from|const|await|if|throw|new|export|return|as|def|with|print|printf|read|curl|sed)\b)/g;

/**
 * Comments, strings and words of the language, each with its class.
 *
 * @param {string} text
 * @returns {(Node | string)[]}
 */
const colored = (text) => {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(tokens)) {
    const [kind = '', part = ''] = Object.entries(found.groups ?? {}).find(([, each]) => each !== undefined) ?? [];
    parts.push(text.slice(end, found.index), make('span', { class: kind }, part));
    end = found.index + part.length;
  }
  return [...parts, text.slice(end)];
};
