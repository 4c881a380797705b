// @ts-check
import { find, write } from './elements.js';

/**
 * Copies a text when the button is pressed. The button and the screen reader confirm it.
 *
 * @param {HTMLButtonElement} button
 * @param {() => string} text
 */
export const copyOnClick = (button, text) => {
  const label = button.textContent ?? '';
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  button.addEventListener('click', async () => {
    const isCopied = await navigator.clipboard.writeText(text()).then(
      () => true,
      () => false,
    );
    const said = isCopied ? 'Copied' : 'Not copied: the browser refused';
    write(button, said);
    write(find('copied', HTMLElement), said);
    clearTimeout(timer);
    timer = setTimeout(() => {
      write(button, label);
      write(find('copied', HTMLElement), '');
    }, 2000);
  });
};
