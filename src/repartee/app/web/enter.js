// Hands in the token; the server answers with a cookie that this page can't read.

const notice = document.getElementById("notice");

document.getElementById("enter").addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = JSON.stringify({ token: document.getElementById("token").value });
  const answer = await fetch("api/enter", { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
  if (answer?.ok) location.assign("./");
  else notice.textContent = answer ? "That is not the token." : "The server does not answer.";
});
