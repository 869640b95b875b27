// One call over fetch: no cookies of the portal, no redirects followed, the body read as it comes.
const TEXT = /json|xml|text|csv|yaml|javascript|x-www-form|event-stream|ndjson/i;
const TAIL = 40_000; // characters of a text that is shown while it still comes

export const isText = (type) => TEXT.test(type);

export async function send(call, { signal, onHead, onPart }) {
  const headers = new Headers();
  for (const [name, value] of call.headers) headers.append(name, value);
  if (call.type) headers.set("Content-Type", call.type);
  // A script may not set Cookie. The gateway reads this header in its place, and names what is set in Portal-Set-Cookie.
  headers.set("Portal-Cookie", call.cookies.map(([name, value]) => `${name}=${value}`).join("; "));
  const began = performance.now();
  const answer = await fetch(call.url, { method: call.method, headers, body: call.body, signal, credentials: "omit", redirect: "manual", cache: "no-store" });
  const got = {
    status: answer.status,
    words: answer.statusText,
    isRedirect: answer.type === "opaqueredirect",
    headers: [...answer.headers].filter(([name]) => name !== "portal-set-cookie"),
    cookies: answer.headers.get("portal-set-cookie") ?? "",
    type: answer.headers.get("Content-Type") ?? "",
    first: performance.now() - began,
  };
  onHead(got);
  await readBody(answer, got, onPart);
  got.total = performance.now() - began;
  return got;
}

async function readBody(answer, got, onPart) {
  const chunks = [];
  const decoder = isText(got.type) ? new TextDecoder() : null;
  let size = 0;
  let tail = "";
  const reader = answer.body?.getReader();
  for (let part = await reader?.read(); part && !part.done; part = await reader.read()) {
    chunks.push(part.value);
    size += part.value.length;
    if (decoder) tail = (tail + decoder.decode(part.value, { stream: true })).slice(-TAIL);
    onPart(size, tail);
  }
  got.size = size;
  got.blob = new Blob(chunks, { type: got.type });
}

// What a failed fetch means. Browsers tell scripts nothing, so the portal is asked whether it is there.
export async function explain(error) {
  if (error instanceof TypeError && /header/i.test(error.message)) return { title: "The call could not be made", text: "A header's name or value has letters that HTTP does not allow." };
  if (error instanceof TypeError && /body|GET|HEAD/.test(error.message)) return { title: "The call could not be made", text: "Browsers send no body with GET or HEAD. Use the cURL sample for this call." };
  if (!navigator.onLine) return { title: "You are offline", text: "The call was not sent. Connect this computer to the network and send it again." };
  try {
    await fetch("/healthz", { cache: "no-store", credentials: "omit" });
  } catch {
    return { title: "The portal cannot be reached", text: "No connection could be made. The portal may be restarting, or a proxy or VPN stands between. Try again in a minute." };
  }
  return {
    title: "The connection ended without a whole answer",
    text: "The portal is there, but this call was broken off: a time limit of a proxy, a blocked request (look for an ad blocker or a security extension), or an answer that was cut. It is not CORS: the console calls the portal's own address. Send it again, or try the cURL sample to see more.",
  };
}
