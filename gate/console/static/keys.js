// The first screen by keyboard alone. What each key does stands in templates/keys.html and docs/console.md.
(function () {
  "use strict";

  var BETWEEN_MS = 900; // of two digits of one lane's number, or of "g" and its letter
  var typed = "";
  var at = 0;

  function here(selector) { return document.querySelector(selector); }

  function go(card) {
    if (!card) { return; }
    card.focus();
    card.scrollIntoView({ block: "nearest" });
  }

  function labelled(label) {
    return Array.prototype.find.call(document.querySelectorAll("#ground .card"), function (card) {
      var own = card.dataset.label || (card.querySelector(".label") || card).textContent;
      return own.toLowerCase() === label;
    });
  }

  function current() {
    var active = document.activeElement;
    return active && active.closest ? active.closest("#ground .card") : null;
  }

  // The next card in a direction: the nearest, what lies straight ahead before what lies aside.
  function beside(key) {
    var from = current();
    var cards = Array.prototype.slice.call(document.querySelectorAll("#ground .card"));
    if (!from) { return here("#ground .card.wants") || cards[0]; }
    var a = from.getBoundingClientRect();
    var across = key === "ArrowLeft" || key === "ArrowRight";
    var sign = key === "ArrowLeft" || key === "ArrowUp" ? -1 : 1;
    var best = null;
    var least = Infinity;
    cards.forEach(function (card) {
      var b = card.getBoundingClientRect();
      var ahead = across
        ? (sign > 0 ? b.left - a.right : a.left - b.right)
        : (sign > 0 ? b.top - a.bottom : a.top - b.bottom);
      var aside = across
        ? Math.max(0, b.top - a.bottom, a.top - b.bottom)
        : Math.max(0, b.left - a.right, a.left - b.right);
      if (card === from || ahead < -4 || (!across && aside > 0)) { return; }
      var far = ahead + 3 * aside;
      if (far < least) { least = far; best = card; }
    });
    return best;
  }

  function nextWanting() {
    var cards = Array.prototype.slice.call(
      document.querySelectorAll("#ground .card:is(.wants, .emergency), #ground .visit:has(.button.main)"));
    return cards[(cards.indexOf(current()) + 1) % (cards.length || 1)];
  }

  function open(card) {
    var first = card.querySelector(".button.main") || card.querySelector("[data-opens]") || card.querySelector(".button");
    if (first) { first.click(); }
  }

  function lane(key, now) {
    var both = now - at < BETWEEN_MS ? typed + key : key;
    var card = labelled(both) || labelled(key);
    typed = labelled(both) ? both : key;
    at = now;
    go(card);
  }

  function pressed(event) {
    var key = event.key;
    var now = performance.now();
    if (typed === "g" && now - at < BETWEEN_MS && /^[a-z0-9]$/i.test(key)) {
      typed = "";
      go(labelled(key.toLowerCase()));
      return true;
    }
    if (/^[0-9]$/.test(key)) { lane(key, now); return true; }
    typed = "";
    switch (key) {
      case "g": typed = "g"; at = now; return true;
      case "ArrowUp": case "ArrowDown": case "ArrowLeft": case "ArrowRight": go(beside(key)); return true;
      case "Enter":
        if (!document.activeElement.matches("#ground .card")) { return false; }
        open(document.activeElement);
        return true;
      case "w": go(nextWanting()); return true;
      case "v": go(here("#visits .card")); return true;
      case "/": if (here("#find")) { here("#find").focus(); } return true;
      case "?": here("#keys").click(); return true;
      case "m": if (here("#mute")) { here("#mute").click(); } return true;
      case "a":
        var coming = here("#calls .call:not(.taken) button");
        if (coming) { coming.focus(); coming.click(); }
        return true;
      default: return false;
    }
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || event.repeat && event.key === "a") { return; }
    if (here("dialog[open]") || event.target.closest("input, textarea, select")) { return; }
    if (pressed(event)) { event.preventDefault(); }
  });
})();
