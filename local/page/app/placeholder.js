// @ts-nocheck
/** A placeholder for `<otp-form>`. */
import parsePhone from 'libphonenumber-js/min';

const css = new CSSStyleSheet();
css.replaceSync(`:host{display:block;font-family:var(--otp-font,inherit)}*{box-sizing:border-box;font:inherit}
form{display:grid;gap:.75rem;margin:0}[hidden]{display:none!important}label{font-weight:500}
.row{display:grid;grid-template-columns:6rem 1fr;gap:.5rem}
input,select{width:100%;height:3rem;padding:0 .85rem;border:1px solid var(--otp-line,#8a908c);border-radius:var(--otp-radius,.6rem);background:transparent;color:inherit}
button{height:3rem;border-radius:var(--otp-radius,.6rem);border:0;background:var(--otp-accent,#0b7a55);color:#fff;font-weight:600;cursor:pointer}
button.q{background:none;color:inherit;border:1px solid var(--otp-line,#8a908c);font-weight:500}
#code{height:4rem;text-align:center;font-size:1.9rem;letter-spacing:.4em;font-variant-numeric:tabular-nums}
p{margin:0}.e{color:#a3271f}.two{display:grid;grid-template-columns:1fr 1fr;gap:.5rem}`);
class OtpForm extends HTMLElement {
  static formAssociated = true;
  connectedCallback() {
    const root = this.attachShadow({ mode: 'open', delegatesFocus: true });
    root.adoptedStyleSheets = [css];
    root.innerHTML = `<form id=a novalidate><label for=phone>Phone number</label><div class=row><select aria-label=Country part=country></select><input id=phone type=tel></div><p class=e role=alert></p><button>Send code</button></form>
    <form id=b hidden novalidate><p id=to></p><label for=code>Code</label><input id=code inputmode=numeric autocomplete=one-time-code><p class=e role=alert></p><p id=t></p><button>Check code</button><div class=two><button type=button class=q id=r>Send a new code</button><button type=button class=q id=c>Change number</button></div></form>`;
    const q = (s) => root.querySelector(s);
    this.q = q;
    for (const c of this.getAttribute('countries').split(',')) q('select').add(new Option(c, c));
    q('select').value = this.getAttribute('default-country');
    q('#phone').value = this.getAttribute('phone-number') ?? '';
    q('#a').onsubmit = async (e) => {
      e.preventDefault();
      const phoneNumber = parsePhone(q('#phone').value, q('select').value)?.number ?? q('#phone').value;
      this.show(
        await this.client.request({
          phoneNumber,
          purpose: this.getAttribute('purpose'),
          transaction: this.transaction,
        }),
        '#a',
      );
    };
    q('#b').onsubmit = (e) => {
      e.preventDefault();
      this.check();
    };
    q('#code').oninput = () => {
      if (/^\d{6}$/.test(q('#code').value)) this.check();
    };
    q('#r').onclick = async () => this.show(await this.client.resend(this.v.id), '#b');
    q('#c').onclick = async () => {
      await this.client.cancel(this.v.id);
      this.reset();
    };
    setInterval(() => {
      if (this.v)
        q('#t').textContent =
          `Expires in ${Math.max(0, Math.ceil((Date.parse(this.v.expiresAt) - Date.now()) / 1000))} s`;
    }, 250);
  }
  emit(n, detail) {
    this.dispatchEvent(new CustomEvent(n, { bubbles: true, composed: true, detail }));
  }
  show(o, f) {
    this.q(`${f} .e`).textContent = '';
    if (o.kind === 'sent') {
      this.v = o.verification;
      this.q('#a').hidden = true;
      this.q('#b').hidden = false;
      this.q('#to').textContent = `We sent a code to ${this.v.phoneNumber}.`;
      this.q('#code').focus();
      return this.emit('otp-sent', o.verification);
    }
    if (o.kind === 'approved') {
      this.v = undefined;
      return this.emit('otp-approved', o);
    }
    this.q(`${f} .e`).textContent = o.detail ?? `This is not the code. ${o.attemptsRemaining} attempts left`;
    this.emit('otp-problem', { problem: o, sentence: o.detail });
  }
  async check() {
    this.show(await this.client.check(this.v.id, { code: this.q('#code').value, transaction: this.transaction }), '#b');
  }
  fill(c) {
    this.q('#code').value = c;
    this.check();
  }
  reset() {
    this.v = undefined;
    this.q('#code').value = '';
    this.q('#a').hidden = false;
    this.q('#b').hidden = true;
    for (const e of this.shadowRoot.querySelectorAll('.e')) e.textContent = '';
    this.emit('otp-reset');
  }
}
customElements.define('otp-form', OtpForm);
