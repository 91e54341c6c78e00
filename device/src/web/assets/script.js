// Keeps what is marked as live on a page as it is at the door. Without it, a page is as it was when it was loaded.
"use strict";

(() => {
  let busy = false;
  let again = false;

  function take(next) {
    for (const old of document.querySelectorAll("[data-live]")) {
      const fresh = next.getElementById(old.id);
      if (!fresh || fresh.innerHTML === old.innerHTML) continue;
      // What somebody is about to use stays as it is until he has left it.
      if (old.contains(document.activeElement)) continue;
      old.replaceChildren(...fresh.childNodes);
    }
  }

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    do {
      again = false;
      try {
        const answer = await fetch(location.href, { redirect: "error" });
        if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        // The next event tells that the doorbell is back.
      }
    } while (again);
    busy = false;
  }

  const events = new EventSource("/events");
  events.addEventListener("message", refresh);
  // Something may have happened while nobody listened.
  events.addEventListener("open", refresh);
  document.addEventListener("focusout", () => setTimeout(refresh, 0));
})();
