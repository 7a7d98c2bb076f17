// What the theme leaves out for who uses the desk by keyboard or by ear.
"use strict";

const REACHED = "a[href], button, input:not([type=hidden]), select, textarea, [tabindex='0']";

/** Those of a box that the keyboard reaches, in order. */
function reachedIn(box) {
  return [...box.querySelectorAll(REACHED)].filter((one) => !one.disabled && one.offsetParent);
}

/** Tab at the end of an open dialog goes back to its beginning: what lies behind it is not seen. */
function keepInside(event) {
  const inside = reachedIn(event.currentTarget);
  const [first, last] = [inside[0], inside[inside.length - 1]];
  const goal = event.shiftKey ? last : first;
  if (document.activeElement === (event.shiftKey ? first : last)) {
    event.preventDefault();
    goal.focus();
  }
}

/** Into a dialog that is about to be shown: once it is. */
function enterSoon(box, tries = 20) {
  setTimeout(() => {
    const first = reachedIn(box)[0];
    first?.focus();
    if (tries && document.activeElement !== first) {
      enterSoon(box, tries - 1);
    }
  }, 50);
}

/** The names of the theme's icons are no words: "chevron_right" is not read out. */
function silenceIcons(root) {
  for (const icon of root.querySelectorAll(".material-symbols-outlined:not([aria-hidden])")) {
    icon.setAttribute("aria-hidden", "true");
  }
}

/** What is wider than the window is moved by the arrow keys, when nothing inside takes them there. */
function letScroll() {
  for (const box of document.querySelectorAll(".overflow-x-auto, .chart")) {
    if (box.scrollWidth > box.clientWidth && !box.querySelector(REACHED)) {
      box.tabIndex = 0;
    }
  }
}

/** The page of something at work: its content is fetched anew, without a jump, until somebody stops it. */
function follow() {
  const told = document.querySelector("[data-follow]");
  if (!told) {
    return;
  }
  const waiting = setTimeout(renew, 1000 * Number(told.dataset.follow));
  told.querySelector("button").addEventListener("click", () => {
    clearTimeout(waiting);
    told.remove();
  });
}

async function renew() {
  try {
    const text = await (await fetch(location.href)).text();
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("content");
    const main = document.getElementById("content");
    const wasAtStop = main.querySelector("[data-follow] button") === document.activeElement;
    if (fresh && main.querySelector("[data-follow]")) {
      main.replaceChildren(...fresh.childNodes);
      silenceIcons(main);
    }
    if (wasAtStop) {
      main.querySelector("[data-follow] button")?.focus();
    }
  } finally {
    follow();
  }
}

document.addEventListener("DOMContentLoaded", () => {
  silenceIcons(document);
  follow();
});
document.addEventListener("htmx:afterSwap", (event) => silenceIcons(event.target));
window.addEventListener("load", letScroll);
window.addEventListener("resize", letScroll);
