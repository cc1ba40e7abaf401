// Runs one WebAuthn ceremony for a form with data-passkey ("create" or "get") and data-options (the options as JSON); the
// answer goes into the hidden field "passkey" and the form is sent. Shared by the citizen's and the operator's pages.
const octetsOf = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const textOf = (octets) =>
  btoa(String.fromCharCode(...new Uint8Array(octets)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
const described = (list = []) => list.map((each) => ({ ...each, id: octetsOf(each.id) }));

/** For browsers without PublicKeyCredential.parse…OptionsFromJSON. */
const plain = {
  create: (json) => ({
    ...json,
    challenge: octetsOf(json.challenge),
    user: { ...json.user, id: octetsOf(json.user.id) },
    excludeCredentials: described(json.excludeCredentials),
  }),
  get: (json) => ({
    ...json,
    challenge: octetsOf(json.challenge),
    allowCredentials: described(json.allowCredentials),
  }),
};

function optionsOf(kind, json) {
  const parse =
    kind === 'create'
      ? PublicKeyCredential.parseCreationOptionsFromJSON
      : PublicKeyCredential.parseRequestOptionsFromJSON;
  return parse ? parse.call(PublicKeyCredential, json) : plain[kind](json);
}

function answerOf(credential) {
  if (typeof credential.toJSON === 'function') return credential.toJSON();
  const { response } = credential;
  const octets = Object.fromEntries(
    ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']
      .filter((name) => response[name])
      .map((name) => [name, textOf(response[name])]),
  );
  const transports = response.getTransports ? { transports: response.getTransports() } : {};
  return {
    id: credential.id,
    rawId: textOf(credential.rawId),
    type: credential.type,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: { ...octets, ...transports },
  };
}

function complain(form, what) {
  for (const each of form.querySelectorAll('[data-passkey-problem]')) {
    each.hidden = each.dataset.passkeyProblem !== what;
  }
  form.querySelector('button').disabled = false;
}

async function run(form) {
  if (!globalThis.PublicKeyCredential || !navigator.credentials) {
    complain(form, 'unsupported');
    return;
  }
  form.querySelector('button').disabled = true;
  try {
    const kind = form.dataset.passkey;
    const publicKey = optionsOf(kind, JSON.parse(form.dataset.options));
    const credential = await navigator.credentials[kind]({ publicKey });
    form.elements.passkey.value = JSON.stringify(answerOf(credential));
    form.submit();
  } catch (thrown) {
    complain(form, thrown?.name === 'InvalidStateError' ? 'known' : 'stopped');
  }
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    run(form);
  });
}
