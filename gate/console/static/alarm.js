// A sound while a call that nobody came to is on the page. Browsers let a page sound only once somebody
// has clicked or typed on it: until then the banner alone speaks.
(function () {
  "use strict";

  var every = 4000;
  var sound = null;

  function wake() {
    if (!sound && window.AudioContext) { sound = new AudioContext(); }
    if (sound && sound.state === "suspended") { sound.resume(); }
  }

  function beep(at, pitch) {
    var tone = sound.createOscillator();
    var volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.15;
    tone.connect(volume);
    volume.connect(sound.destination);
    tone.start(at);
    tone.stop(at + 0.25);
  }

  function look() {
    var wanted = document.querySelector(".call.escalated:not(.taken)") !== null;
    document.documentElement.classList.toggle("sounding", wanted);
    if (wanted && sound && sound.state === "running") {
      beep(sound.currentTime, 880);
      beep(sound.currentTime + 0.3, 660);
    }
  }

  ["pointerdown", "keydown"].forEach(function (name) { document.addEventListener(name, wake); });
  setInterval(look, every);
  look();
})();
