// The join page: sends the code from the board, or the one in the address after "#" (which browsers keep to themselves).
"use strict";
(() => {
  const form = document.getElementById("join");
  const field = document.getElementById("code");
  const status = document.getElementById("join-status");
  async function join(code) {
    try {
      const answer = await fetch("/api/join", {
        method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ code }),
      });
      if (answer.ok) location.replace("/");
      else status.textContent = answer.status === 403 ? form.dataset.wrong : (await answer.json()).message;
    } catch {
      status.textContent = form.dataset.lost;
    }
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    join(field.value);
  });
  field.focus();
  if (location.hash.length > 1) join(location.hash.slice(1));
})();
