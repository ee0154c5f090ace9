// Sound for calls: a short one when somebody is wanted, and one that comes again while an alarm, or a call
// that nobody came to, is on the page. Browsers let a page sound only once somebody has clicked or typed
// on it: until then it says so. What is silenced is silent; what comes after it sounds again.
(function () {
  "use strict";

  var EVERY_MS = 4000;
  var root = document.documentElement;
  var sound = window.AudioContext ? new AudioContext() : null;
  var known = null; // calls that were on the page at the last look
  var silenced = {};
  var played = 0;
  var bar = document.createElement("p");
  var mute = document.createElement("button");

  bar.className = "sound";
  bar.setAttribute("role", "status");
  bar.append(document.createElement("span"), mute);
  mute.id = "mute";
  mute.type = "button";
  mute.className = "button";
  mute.textContent = "Silence";
  mute.addEventListener("click", function () {
    loud().forEach(function (call) { silenced[name(call)] = true; });
    look(false);
  });
  document.body.append(bar);

  function name(call) { return call.id + (call.classList.contains("escalated") ? " again" : ""); }

  function open() { return Array.prototype.slice.call(document.querySelectorAll(".call:not(.taken)")); }

  function loud() {
    return open().filter(function (call) {
      return call.matches(".alarm, .escalated") && !silenced[name(call)];
    });
  }

  function wake() {
    if (sound && sound.state !== "running") { sound.resume().then(say); }
  }

  function beep(after, pitch) {
    var tone = sound.createOscillator();
    var volume = sound.createGain();
    tone.frequency.value = pitch;
    volume.gain.value = 0.15;
    tone.connect(volume);
    volume.connect(sound.destination);
    tone.start(sound.currentTime + after);
    tone.stop(sound.currentTime + after + 0.25);
    // Ends only where the sound card's clock runs: what counts here was really played.
    tone.onended = function () { played += 1; root.dataset.played = played; };
  }

  function say() {
    var can = Boolean(sound) && sound.state === "running";
    var sounding = loud().length > 0;
    root.classList.toggle("sounding", sounding);
    root.dataset.sound = sound ? sound.state : "none";
    mute.hidden = !sounding || !can;
    bar.classList.toggle("blocked", !can);
    bar.firstChild.textContent = can ? (sounding ? "Alarm" : "")
      : sound ? "Sound is blocked: press a key or click here, so that alarms can be heard." : "This browser has no sound: watch the calls.";
    bar.hidden = can && !sounding;
  }

  function look(again) {
    var now = open().map(name);
    var fresh = known === null ? [] : now.filter(function (one) { return known.indexOf(one) < 0; });
    known = now;
    say();
    if (!sound || sound.state !== "running") { return; }
    if (loud().length && (again || fresh.length)) {
      beep(0, 880);
      beep(0.3, 660);
    } else if (fresh.length) {
      beep(0, 520);
    }
  }

  ["pointerdown", "keydown"].forEach(function (kind) { document.addEventListener(kind, wake, true); });
  if (sound) { sound.addEventListener("statechange", function () { look(sound.state === "running"); }); }
  document.addEventListener("gate:drawn", function () { look(false); });
  document.body.addEventListener("htmx:afterSwap", function () { look(false); });
  setInterval(function () { look(true); }, EVERY_MS);
  look(false);
})();
