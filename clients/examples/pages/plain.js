// The proof is the value of <otp-form>. The form around it takes it to the back end.
document.addEventListener('otp-approved', ({ target }) => target.form.requestSubmit());
