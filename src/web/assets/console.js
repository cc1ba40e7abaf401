// Brings the invitation code behind "#" of the link into its field, and takes it out of the address again.
const form = document.querySelector('form[data-code-from-fragment]');
const code = location.hash.slice(1);
if (form && code) {
  form.elements.code.value = code;
  history.replaceState(null, '', location.pathname);
  form.querySelector('button').focus();
}
