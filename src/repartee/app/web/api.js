// What the page asks of the server over HTTP. What is refused is an Error for people; who needs a token is sent to hand it in.

import { t } from "./words.js";

/** The answer as JSON. An error `wants` what a person has to agree to first, where that is why. */
export async function api(path, method = "GET", body = undefined) {
  const sent = body && { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`api/${path}`, { method, ...sent }).catch(() => {
    throw new Error(t("The server does not answer."));
  });
  if (answer.status === 401) location.assign("enter.html");
  const told = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(typeof told.detail === "string" ? told.detail : t("The server refused that.")), { wants: told.wants });
  return told;
}
