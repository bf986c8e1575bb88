// Two comforts; every page works without them.
"use strict";

// The time zone of this device, offered beforehand where a time zone is asked for.
for (const select of document.querySelectorAll("select[data-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (select.value || !zone) continue;
  if (!Array.from(select.options).some((option) => option.value === zone)) {
    select.add(new Option(zone.replaceAll("_", " "), zone));
  }
  select.value = zone;
}

// Whole minutes on a writing page, quietly: nothing is read aloud, nothing blocks.
for (const line of document.querySelectorAll("[data-elapsed]")) {
  const start = Date.now();
  setInterval(() => {
    line.textContent = line.dataset.elapsed + " " + Math.floor((Date.now() - start) / 60000);
    line.hidden = false;
  }, 60000);
}
