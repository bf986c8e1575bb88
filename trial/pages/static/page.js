// A few comforts; every page works without them.
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

// A clock for a practice. Nothing runs, moves or sounds before its button is pressed, and it speaks at start and end only.
for (const box of document.querySelectorAll("[data-clock]")) {
  const whole = Number(box.dataset.clock);
  const button = box.querySelector("button");
  const time = box.querySelector("[role=timer]");
  const said = box.querySelector("[role=status]");
  const bell = box.querySelector("input");
  const measured = document.getElementById(box.dataset.fills);
  let before = 0;
  let since = null;
  let ticking = null;
  let sound = null;
  let awake = null;

  const passed = () => Math.max(0, before + (since === null ? 0 : (Date.now() - since) / 1000));
  const show = () => {
    const left = Math.max(0, Math.ceil(whole - passed()));
    time.textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
    const full = Math.min(whole, Math.floor(passed()));
    if (full > Number(measured.value)) measured.value = full;
  };
  const halt = () => {
    clearInterval(ticking);
    before = passed();
    since = null;
    delete box.dataset.running;
    awake?.release().catch(() => {});
    awake = null;
  };
  const ring = () => {
    for (const [pitch, loudness] of [[440, 0.12], [880, 0.04]]) {
      const tone = sound.createOscillator();
      const volume = sound.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, sound.currentTime);
      volume.gain.exponentialRampToValueAtTime(loudness, sound.currentTime + 0.05);
      volume.gain.exponentialRampToValueAtTime(0.0001, sound.currentTime + 3);
      tone.connect(volume).connect(sound.destination);
      tone.start();
      tone.stop(sound.currentTime + 3);
    }
  };
  const tick = () => {
    show();
    if (passed() < whole) return;
    halt();
    button.textContent = box.dataset.again;
    said.textContent = box.dataset.over;
    if (bell?.checked && sound) ring();
  };

  button.addEventListener("click", () => {
    if (since !== null) {
      halt();
      show();
      said.textContent = "";
      button.textContent = box.dataset.goOn;
      return;
    }
    if (before >= whole) before = 0;
    if (bell && window.AudioContext) sound ??= new AudioContext();
    // where the device allows it, the screen stays on so that the bell can be heard
    navigator.wakeLock?.request("screen").then((lock) => (since === null ? lock.release() : (awake = lock))).catch(() => {});
    since = Date.now();
    box.dataset.running = "yes";
    ticking = setInterval(tick, 250);
    said.textContent = box.dataset.runs;
    button.textContent = box.dataset.pause;
    show();
  });
  show();
  box.hidden = false;
}
