// A sign-in with React, input-otp and the caller part of the client.
import { OTPInput } from 'input-otp';
import { createClient } from 'otp-service-client';
import { sentenceFor } from 'otp-service-client/messages';
import { en } from 'otp-service-client/messages/en';
import { useState } from 'react';
import { createRoot } from 'react-dom/client';

const otp = createClient({ baseUrl: '/' }); // the back end of this page adds the API key

const Cell = ({ char, isActive }) => (
  <b style={{ padding: 16, outline: `${isActive ? 2 : 1}px solid` }}>{char ?? '_'}</b>
);

const SignIn = () => {
  const [phoneNumber, setPhoneNumber] = useState('');
  const [verification, setVerification] = useState();
  const [code, setCode] = useState('');
  const [words, setWords] = useState('');
  const tell = (outcome) => setWords(sentenceFor(outcome, en));
  const send = async (event) => {
    event.preventDefault();
    const sent = await otp.request({ phoneNumber, purpose: 'login' });
    if (sent.kind !== 'sent') return tell(sent);
    setWords(`We sent a code to ${sent.verification.phoneNumber}.`);
    setVerification(sent.verification);
  };
  const check = async (typed) => {
    const checked = await otp.check(verification.id, { code: typed });
    setCode('');
    if (checked.kind !== 'approved') return tell(checked);
    const response = await fetch('/sessions', { method: 'POST', body: new URLSearchParams({ proof: checked.proof }) });
    setWords(await response.text());
  };
  const number = (
    <form onSubmit={(event) => send(event).catch(tell)}>
      <label>
        Phone number <input type="tel" value={phoneNumber} onChange={({ target }) => setPhoneNumber(target.value)} />
      </label>
      <button type="submit">Send code</button>
    </form>
  );
  const cells = verification && (
    <OTPInput
      {...{ 'aria-label': 'Code', autoFocus: true, maxLength: verification.codeLength, value: code, onChange: setCode }}
      onComplete={(typed) => check(typed).catch(tell)}
      pasteTransformer={(text) => text.replace(/\D/g, '')}
      // biome-ignore lint/suspicious/noArrayIndexKey: cells keep their places
      render={({ slots }) => slots.map((slot, place) => <Cell key={place} {...slot} />)}
    />
  );
  return (
    <>
      {cells ?? number}
      <p role="status">{words}</p>
    </>
  );
};

createRoot(document.getElementById('app')).render(<SignIn />);
