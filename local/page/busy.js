// @ts-check

/**
 * Acts when the form is sent, once at a time, and shows the button as busy meanwhile. A disabled button would lose the
 * keyboard's place.
 *
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} act
 */
export const onSubmit = (form, button, act) => {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    whileBusy(button, act);
  });
};

/**
 * @param {HTMLButtonElement} button
 * @param {() => Promise<void>} act
 */
export const whileBusy = async (button, act) => {
  if (button.ariaBusy === 'true') return;
  button.ariaBusy = 'true';
  try {
    await act();
  } finally {
    button.ariaBusy = null;
  }
};
