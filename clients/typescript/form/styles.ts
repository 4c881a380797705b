/**
 * The styles of the shadow tree. Rules for slotted elements are important where the form would break without them: a page
 * that styles all its inputs wins over any other rule.
 */

const look = `
:host {
  --_accent: var(--otp-accent, light-dark(#1b4fd8, #8fb0ff));
  --_on-accent: var(--otp-on-accent, oklch(from var(--_accent) clamp(0, (0.64 - l) * 999, 1) 0 0));
  --_radius: var(--otp-radius, 0.625rem);
  --_text: var(--otp-text, light-dark(#14171f, #f1f3f8));
  --_muted: var(--otp-muted, light-dark(#565d6d, #a9b1c3));
  --_surface: var(--otp-surface, light-dark(#ffffff, #171b24));
  --_line: var(--otp-border, light-dark(#868d9c, #717a8e));
  --_error: var(--otp-error, light-dark(#b3261e, #ffb4ab));
  --_success: var(--otp-success, light-dark(#13693a, #7ddba3));
  display: block;
  max-inline-size: 26rem;
  color: var(--_text);
  font-family: var(--otp-font, inherit);
  line-height: 1.45;
}
:host([hidden]), [hidden] { display: none !important; }
*, ::slotted(*) { box-sizing: border-box !important; }
.form, .step { display: grid; gap: 0.5rem; }
.form { gap: 0.875rem; }
p, ::slotted(p) { margin: 0 !important; }
button, select { font: inherit; color: inherit; }
::slotted(label) {
  display: block !important;
  margin: 0 !important;
  font: inherit !important;
  font-size: 0.9375rem !important;
  font-weight: 550 !important;
  color: inherit !important;
}
`;

const number = `
.number {
  display: flex;
  align-items: stretch;
  min-block-size: 3.25rem;
  background: var(--_surface);
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  direction: ltr;
}
.number:focus-within { outline: 2px solid var(--_accent); outline-offset: 1px; }
.country {
  position: relative;
  display: flex;
  align-items: center;
  flex: none;
  padding-inline: 0.875rem 0.75rem;
  border-inline-end: 1px solid color-mix(in srgb, var(--_line) 45%, transparent);
  border-start-start-radius: inherit;
  border-end-start-radius: inherit;
}
.country:focus-within { background: color-mix(in srgb, var(--_accent) 14%, transparent); }
.country::after {
  content: "";
  inline-size: 0.4rem;
  block-size: 0.4rem;
  margin-inline-start: 0.5rem;
  border: solid currentColor;
  border-width: 0 1.5px 1.5px 0;
  transform: translateY(-0.15rem) rotate(45deg);
}
.country[data-single]::after { display: none; }
.chosen { white-space: nowrap; font-variant-numeric: tabular-nums; }
.select { position: absolute; inset: 0; inline-size: 100%; opacity: 0; cursor: pointer; font-size: 1rem; }
.select option { color: CanvasText; background: Canvas; }
::slotted(input[slot="number"]) {
  flex: 1 !important;
  min-inline-size: 0 !important;
  inline-size: 100% !important;
  block-size: auto !important;
  margin: 0 !important;
  padding: 0 0.875rem !important;
  background: transparent !important;
  border: 0 !important;
  border-radius: 0 !important;
  box-shadow: none !important;
  outline: 0 !important;
  appearance: none !important;
  font: inherit !important;
  font-size: max(1.0625rem, 16px) !important;
  font-variant-numeric: tabular-nums !important;
  color: inherit !important;
}
`;

const code = `
.code { position: relative; direction: ltr; }
.cells { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr); gap: clamp(0.25rem, 1.8vw, 0.5rem); }
.cell {
  display: grid;
  place-items: center;
  block-size: 3.75rem;
  background: var(--_surface);
  border: 1px solid var(--_line);
  border-radius: var(--_radius);
  font-size: 1.625rem;
  font-weight: 600;
  font-variant-numeric: tabular-nums;
  transition: border-color 120ms, transform 120ms;
}
.cell[data-filled] { border-color: var(--_text); }
.cell[data-active] { outline: 2px solid var(--_accent); outline-offset: 1px; }
.cell[data-active]:not([data-filled])::after {
  content: "";
  inline-size: 1.5px;
  block-size: 1.5rem;
  background: currentColor;
  animation: blink 1.1s steps(1) infinite;
}
:host(:state(busy)) .cell { opacity: 0.6; }
@keyframes blink { 50% { opacity: 0; } }
/* Seen by autofill and never by people: its digits are drawn by the cells below it. */
::slotted(input[slot="code"]) {
  position: absolute !important;
  inset: 0 !important;
  inline-size: 100% !important;
  block-size: 100% !important;
  margin: 0 !important;
  padding: 0 !important;
  background: transparent !important;
  border: 0 !important;
  box-shadow: none !important;
  outline: 0 !important;
  appearance: none !important;
  font: inherit !important;
  font-size: 16px !important;
  letter-spacing: 1ch !important;
  color: transparent !important;
  -webkit-text-fill-color: transparent !important;
  caret-color: transparent !important;
  forced-color-adjust: none !important;
  transition: background-color 99999s !important;
  cursor: text !important;
}
`;

const rest = `
.head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 1rem; }
.head p:focus { outline: 0; }
[data-stage="number"] .head { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
[data-stage="approved"] .head { color: var(--_success); font-weight: 600; }
[data-stage="approved"] [role="status"] { display: flex; align-items: center; gap: 0.625rem; font-size: 1.0625rem; }
[data-stage="approved"] [role="status"]::before {
  content: "";
  flex: none;
  inline-size: 0.45rem;
  block-size: 0.9rem;
  margin: 0 0.5rem 0.25rem 0.35rem;
  border: solid currentColor;
  border-width: 0 0.2rem 0.2rem 0;
  transform: rotate(45deg);
  animation: appear 320ms ease-out;
}
@keyframes appear { from { opacity: 0; scale: 0.4; } }
.error { color: var(--_error); }
.error ::slotted(p) { font: inherit !important; font-size: 0.9375rem !important; color: inherit !important; }
.main {
  min-block-size: 3.25rem;
  padding: 0.5rem 1.25rem;
  color: var(--_on-accent);
  background: var(--_accent);
  border: 1px solid transparent;
  border-radius: var(--_radius);
  font-weight: 600;
  cursor: pointer;
  transition: filter 120ms;
}
.main:hover { filter: brightness(1.08); }
.main[aria-disabled="true"] { cursor: progress; filter: saturate(0.7); }
.more { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 1rem; }
.again { display: inline-flex; gap: 0.5rem; align-items: baseline; }
.time, .expiry { color: var(--_muted); font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
.quiet {
  padding: 0.375rem 0;
  color: var(--_accent);
  background: none;
  border: 0;
  border-radius: 0.25rem;
  font-size: 0.9375rem;
  text-decoration: underline;
  text-underline-offset: 0.2em;
  text-decoration-thickness: from-font;
  cursor: pointer;
}
.quiet:disabled { color: var(--_muted); text-decoration: none; cursor: default; }
button:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation: none !important; transition: none !important; }
}
@media (forced-colors: active) {
  .cell[data-active], .number:focus-within, button:focus-visible { outline-color: Highlight; }
  .main { border-color: ButtonText; }
  .cell[data-active]:not([data-filled])::after { background: CanvasText; }
}
`;

export const styles = look + number + code + rest;
