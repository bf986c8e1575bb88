// A small sum that this device does while its person reads: cheap for one, dear for a swarm of robots.
// It runs in short slices, so that the page stays usable. Without this script the form is taken all the same.
"use strict";

for (const form of document.querySelectorAll("form[data-proof]")) {
  const [challenge, answer] = ["the-challenge", "the-proof"].map((name) => form.elements[name]);
  const said = form.querySelector("[data-proof-said]");
  const [, bits, mac] = challenge.value.split(".");
  const PUZZLES = 16;
  const SLICE = 14;
  const PATIENCE = 30000;

  // SHA-256 (FIPS 180-4): constants are the fractions of the roots of the first primes
  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
  const K = Int32Array.from(primes, (p) => fraction(Math.cbrt(p)));
  const START = Int32Array.from(primes.slice(0, 8), (p) => fraction(Math.sqrt(p)));
  const w = new Int32Array(64);

  const compress = (state, out) => {
    for (let t = 16; t < 64; t++) {
      const x = w[t - 15];
      const y = w[t - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let t = 0; t < 64; t++) {
      const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const one = (h + S1 + ((e & f) ^ (~e & g)) + K[t] + w[t]) | 0;
      const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const two = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + one) | 0;
      d = c; c = b; b = a; a = (one + two) | 0;
    }
    out[0] = (state[0] + a) | 0; out[1] = (state[1] + b) | 0; out[2] = (state[2] + c) | 0; out[3] = (state[3] + d) | 0;
    out[4] = (state[4] + e) | 0; out[5] = (state[5] + f) | 0; out[6] = (state[6] + g) | 0; out[7] = (state[7] + h) | 0;
  };
  const fill = (text, from) => {
    for (let i = 0; i < text.length; i++) {
      const place = from + i;
      w[place >> 2] |= text.charCodeAt(i) << (24 - 8 * (place & 3));
    }
  };

  // the 64 characters of the challenge fill the first block, which is the same for every try
  const middle = new Int32Array(8);
  fill(mac, 0);
  compress(START, middle);
  const digest = new Int32Array(8);
  const fits = (place, number) => {
    const text = `:${place}:${number}`;
    w.fill(0, 0, 16);
    fill(text, 0);
    w[text.length >> 2] |= 0x80 << (24 - 8 * (text.length & 3));
    w[15] = (64 + text.length) * 8;
    compress(middle, digest);
    return digest[0] >>> (32 - bits) === 0;
  };

  const numbers = [];
  let number = 0;
  let waiting = false;
  let over = false;
  const end = () => {
    over = true;
    if (waiting) form.requestSubmit();
  };
  const work = () => {
    const until = performance.now() + SLICE;
    while (numbers.length < PUZZLES) {
      if (fits(numbers.length, number)) {
        numbers.push(number);
        number = 0;
      } else number++;
      if (number % 32 === 0 && performance.now() > until) {
        setTimeout(work);
        return;
      }
    }
    answer.value = numbers.join(".");
    end();
  };

  form.addEventListener("submit", (event) => {
    if (over || answer.value) return;
    event.preventDefault();
    if (waiting) return;
    waiting = true;
    said.textContent = said.dataset.proofSaid;
    setTimeout(end, PATIENCE);
  });
  if (!answer.value) work();
}
