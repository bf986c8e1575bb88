// A track beside the number field of a slider. Nothing is answered before one of the two is touched.
"use strict";

for (const box of document.querySelectorAll("[data-slider]")) {
  const track = box.querySelector("[type=range]");
  const field = box.querySelector("[name]");

  const show = () => {
    const value = Number(field.value.replace(",", "."));
    const touched = field.value.trim() !== "" && !Number.isNaN(value);
    if (touched) track.value = value;
    track.classList.toggle("untouched", !touched);
    if (touched) track.removeAttribute("aria-valuetext");
    else track.setAttribute("aria-valuetext", track.dataset.empty);
  };
  const keep = () => {
    field.value = track.value;
    show();
  };

  track.addEventListener("input", keep);
  track.addEventListener("click", keep);
  // the middle is an answer too: space and Enter take what the track shows
  track.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    keep();
  });
  field.addEventListener("input", show);
  show();
  track.parentElement.hidden = false;
}
