// @ts-check

/**
 * Problems of the API about one field that name none.
 *
 * @type {Readonly<Record<string, string>>}
 */
const fieldOfProblem = {
  'invalid-phone-number': '/phoneNumber',
  'destination-not-allowed': '/phoneNumber',
  'number-opted-out': '/phoneNumber',
};

/**
 * Marks the fields of a problem with its details, and moves to the first.
 *
 * A field carries the JSON pointer that it fills as `data-pointer`, and `<id>-error` beside it is where its error goes.
 *
 * @param {HTMLElement} form
 * @param {import('../api.js').Problem} problem
 * @param {string} noticeId the notice that describes a field without details
 */
export const markFields = (form, { code, errors }, noticeId) => {
  const named = errors.map(({ pointer, detail }) => ({ field: fieldAt(form, pointer), detail }));
  const implied = { field: fieldAt(form, fieldOfProblem[code] ?? ''), detail: '' };
  const marked = [...named, implied].flatMap(({ field, detail }) =>
    field === undefined ? [] : [markField(field, detail, noticeId)],
  );
  marked[0]?.focus();
};

/** @param {HTMLElement} form */
export const clearFields = (form) => {
  for (const field of form.querySelectorAll('[data-pointer]')) {
    field.removeAttribute('aria-invalid');
    describe(field, []);
    errorOf(field)?.replaceChildren();
  }
};

/**
 * @param {HTMLElement} field
 * @param {string} detail empty if the notice says it all
 * @param {string} noticeId
 */
export const markField = (field, detail, noticeId) => {
  field.setAttribute('aria-invalid', 'true');
  const error = errorOf(field);
  if (error !== null && detail !== '') error.textContent = detail;
  if (detail === '') describe(field, [`${noticeId}-words`]);
  const folded = field.closest('details');
  if (folded !== null) folded.open = true;
  return field;
};

/** @param {Element} field */
const errorOf = (field) => document.getElementById(`${field.id}-error`);

/**
 * The usual descriptions of a field, and these beside them.
 *
 * @param {Element} field
 * @param {readonly string[]} more ids
 */
const describe = (field, more) => {
  const always = (field.getAttribute('aria-describedby') ?? '').split(' ').filter((id) => !id.endsWith('-words'));
  field.setAttribute('aria-describedby', [...always, ...more].join(' '));
};

/**
 * The field of a pointer, or of its parent.
 *
 * @param {HTMLElement} form
 * @param {string} pointer
 * @returns {HTMLElement | undefined}
 */
const fieldAt = (form, pointer) => {
  if (pointer === '') return undefined;
  const field = form.querySelector(`[data-pointer="${CSS.escape(pointer)}"]`);
  return field instanceof HTMLElement ? field : fieldAt(form, pointer.slice(0, pointer.lastIndexOf('/')));
};
