// A form that keeps itself while somebody types, and quietly counts how long it is in use. It never stands in the way.
"use strict";

const sheet = document.getElementById("sheet");
const line = sheet?.querySelector("[data-draft]");

if (sheet) {
  // Seconds in which the page was seen and somebody did something: a minute without a sign of life does not count.
  const active = sheet.elements.namedItem("active");
  let seconds = Number(active?.value || 0);
  let alive = Date.now();
  let counted = Date.now();
  for (const sign of ["input", "keydown", "pointerdown", "pointermove", "scroll", "touchstart"]) {
    addEventListener(sign, () => (alive = Date.now()), { passive: true, capture: true });
  }
  const count = () => {
    const now = Date.now();
    const passed = (now - counted) / 1000;
    counted = now;
    // a jump is a device that slept; a clock that runs is a practice that goes on
    const practising = document.querySelector("[data-clock][data-running]") !== null;
    if (document.visibilityState === "visible" && passed < 5 && (practising || now - alive < 60000)) seconds += passed;
    if (active && seconds >= 1) active.value = Math.floor(seconds);
  };
  setInterval(count, 1000);
}

// Words so far, as guidance: shown while somebody types, heard when the field is entered, never in the way.
const words = sheet?.querySelector("[data-words]");

if (words) {
  const cut = window.Intl?.Segmenter && new Intl.Segmenter(document.documentElement.lang, { granularity: "word" });
  const many = (text) =>
    cut ? Array.from(cut.segment(text)).filter((one) => one.isWordLike).length : text.split(/\s+/).filter(Boolean).length;
  const fields = Array.from(sheet.querySelectorAll("textarea"));
  let waiting = null;
  for (const one of fields) {
    one.setAttribute("aria-describedby", [one.getAttribute("aria-describedby"), words.id].join(" ").trim());
  }
  const show = () => {
    words.textContent = words.dataset.words + " " + fields.reduce((sum, one) => sum + many(one.value), 0);
    words.hidden = false;
  };
  sheet.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(show, 300);
  });
  show();
}

if (line) {
  const [said, when] = line.querySelectorAll("span");
  const drafted = sheet.elements.namedItem("drafted");
  const say = (words, time = "") => {
    if (said.textContent !== words) said.textContent = words;
    when.textContent = time;
  };
  let changed = 0; // counts what was typed; `kept` is how far it was saved
  let kept = 0;
  let since = null;
  let timer = null;
  let saving = false;
  let over = false;
  let failures = 0;

  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  async function save() {
    clearTimeout(timer);
    if (saving || over || kept === changed) return;
    saving = true;
    const now = changed;
    const form = new URLSearchParams(new FormData(sheet));
    form.set("quietly", "yes");
    const body = form.toString();
    let status = 0;
    try {
      // a small request outlives the page; browsers do not let a large one do so
      const sent = { method: "POST", body: form, redirect: "error", keepalive: body.length < 60000 };
      status = (await fetch("/draft", sent)).status;
    } catch {
      status = 0;
    }
    saving = false;
    answered(status, now);
  }

  function answered(status, now) {
    if (status === 200 || status === 204) {
      kept = now;
      since = null;
      failures = 0;
      if (status === 200) drafted.value = "yes";
      if (status === 204) say("");
      else say(line.dataset.saved, new Date().toLocaleTimeString(document.documentElement.lang, { timeStyle: "short" }));
      if (kept !== changed) later(2000);
    } else if (status === 413) {
      say(line.dataset.long);
      kept = now;
    } else if (status >= 400 && status < 500 && status !== 429) {
      over = true;
      say(line.dataset.over);
    } else {
      failures += 1;
      say(line.dataset.failed);
      later(Math.min(30000, 2500 * 2 ** failures));
    }
  }

  const typed = () => {
    changed += 1;
    since ??= Date.now();
    // two seconds after the last word; while somebody goes on typing, every fifteen seconds
    if (failures === 0) later(Math.max(0, Math.min(2000, since + 15000 - Date.now())));
  };
  sheet.addEventListener("input", typed);
  sheet.addEventListener("change", typed);
  addEventListener("online", save);
  document.addEventListener("visibilitychange", save);
  addEventListener("pagehide", save);
  sheet.addEventListener("submit", (event) => {
    if (navigator.onLine === false) {
      event.preventDefault();
      say(line.dataset.offline);
      return;
    }
    clearTimeout(timer);
    over = true; // it is on its way; the server keeps what is sent
  });
  // a page that comes back from the browser's memory may save again
  addEventListener("pageshow", (event) => {
    if (event.persisted) over = false;
  });
}
