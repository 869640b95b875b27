// Questions to the portal itself, in JSON.
export class Refused extends Error {}

let csrf = "";
export const setCsrf = (token) => { csrf = token; };

export async function ask(url, body, { raw = false, signal } = {}) {
  const isPost = body !== undefined;
  let answer;
  try {
    answer = await fetch(url, {
      method: isPost ? "POST" : "GET",
      headers: isPost ? { "X-CSRFToken": csrf, "Content-Type": raw ? "application/octet-stream" : "application/json" } : {},
      body: isPost && !raw ? JSON.stringify(body) : body,
      redirect: "manual",
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused("The portal cannot be reached. Check your connection.");
  }
  if (answer.type === "opaqueredirect") throw new Refused("Your session has ended. Reload the page to sign in again.");
  const isJson = answer.headers.get("Content-Type")?.includes("json");
  if (!answer.ok) throw new Refused((isJson && (await answer.json()).error) || `The portal answered ${answer.status}. Reload the page and try again.`);
  return isJson ? answer.json() : answer.text();
}
