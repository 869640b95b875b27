// Passkeys: turns the server's options into the browser's form, and the device's answer into a field.
const decode = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
const encode = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

function prepared(options) {
  const made = { ...options, challenge: decode(options.challenge) };
  if (options.user) made.user = { ...options.user, id: decode(options.user.id) };
  for (const list of ["excludeCredentials", "allowCredentials"]) {
    if (options[list]) made[list] = options[list].map((one) => ({ ...one, id: decode(one.id) }));
  }
  return made;
}

function plain(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = encode(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: encode(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

function words(error) {
  if (!window.PublicKeyCredential) return "This browser knows no passkeys, or the portal's address is not a secure one.";
  if (error.name === "InvalidStateError") return "This device is registered already.";
  if (error.name === "SecurityError") return "Passkeys need the portal's own name in the address, not a number.";
  return "The browser stopped. Try again, and follow what it asks.";
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const complaint = form.querySelector("[data-passkey-error]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    complaint.hidden = true;
    try {
      const { publicKey } = JSON.parse(document.getElementById("passkey-options").textContent);
      const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: prepared(publicKey) });
      form.elements.answer.value = plain(credential);
      form.submit();
    } catch (error) {
      complaint.textContent = words(error);
      complaint.hidden = false;
    }
  });
}
