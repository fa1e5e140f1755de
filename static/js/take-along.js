// Print, copy and share: buttons that stand only where the browser can do it, and the day of printing.
"use strict";

(() => {
  const address = document.querySelector(".address");
  const copied = document.querySelector("[data-copied]");

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address.textContent);
      copied.textContent = copied.dataset.copied;
    } catch {
      getSelection().selectAllChildren(address); // not allowed: ready to be copied by hand
    }
  };
  const share = () =>
    navigator.share({ title: document.title, url: address.textContent }).catch(() => {}); // thought better of it

  const doings = {
    print: () => print(),
    copy: navigator.clipboard && copy,
    share: navigator.share && share,
  };
  for (const button of document.querySelectorAll("[data-does]")) {
    const does = doings[button.dataset.does];
    if (!does) continue;
    button.addEventListener("click", does);
    button.hidden = false;
  }

  addEventListener("beforeprint", () => {
    const now = new Date();
    const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
    const day = parts.map((part) => String(part).padStart(2, "0")).join("-");
    for (const note of document.querySelectorAll("[data-printed-on]")) {
      note.querySelector("span").textContent = day;
      note.hidden = false;
    }
  });
})();
