// The kiosk: digits, the check digit, and what the gate says next. No number is kept anywhere.
(function () {
  "use strict";

  var POLL = 500, IDLE = 60000, THANKS = 45000;
  var body = document.body, point = body.dataset.point, dialogue = Boolean(body.dataset.rows);
  var rows = dialogue ? body.dataset.rows.split(",") : [];
  // The spaces of numbers: how long, what the last digit proves, in which groups the notice has them.
  var formats = dialogue ? body.dataset.formats.split(",").map(function (told) {
    var parts = told.split(" ");
    return { length: Number(parts[0]), check: parts[1], groups: parts[2].split("-").map(Number) };
  }) : [];
  var LENGTH = Math.max.apply(null, formats.map(function (format) { return format.length; }));
  var typed = "", timer = 0, answered = false;

  function byId(id) { return document.getElementById(id); }
  function show(screen) { body.dataset.screen = screen; }
  function toStart() { location.replace("/" + point); }
  function startAfter(milliseconds) {
    clearTimeout(timer);
    if (dialogue) { timer = setTimeout(toStart, milliseconds); }
  }

  // --- what the gate says ----------------------------------------------------------------------

  function take(message) {
    var waits = message.kind === "wait";
    body.classList.toggle("held", waits);
    if (message.kind === "blank") {
      if (answered) { toStart(); }
      return;
    }
    // While a driver is choosing or typing, the neutral text does not take the keypad away.
    if (waits && body.dataset.screen === "ask") { return; }
    clearTimeout(timer);
    answered = true;
    body.dataset.kind = message.kind;
    body.dataset.corridor = (message.corridor || "").toLowerCase();
    byId("lane").textContent = message.lane || "";
    show("answer");
  }

  function poll() {
    fetch("/api/" + point, { cache: "no-store" })
      .then(function (response) { if (!response.ok) { throw new Error(response.status); } return response.json(); })
      .then(function (message) { body.classList.remove("cut-off"); take(message); })
      .catch(function () { body.classList.add("cut-off"); })
      .finally(function () { setTimeout(poll, POLL); });
  }
  poll();
  if (!dialogue) { return; }

  // --- what the driver types -------------------------------------------------------------------

  var PROVES = {
    damm: function (digits) {
      var state = 0;
      for (var i = 0; i < digits.length; i++) { state = Number(rows[state][Number(digits[i])]); }
      return state === 0;
    },
    luhn: function (digits) {
      var sum = 0;
      for (var i = 0; i < digits.length; i++) {
        var digit = Number(digits[digits.length - 1 - i]) * (i % 2 ? 2 : 1);
        sum += digit > 9 ? digit - 9 : digit;
      }
      return sum % 10 === 0;
    },
    none: function () { return true; }
  };

  function isValid(digits) {
    return formats.some(function (format) {
      return digits.length === format.length && PROVES[format.check](digits);
    });
  }

  function gentle(id) {
    ["slip", "often", "unheard"].forEach(function (each) { byId(each).hidden = each !== id; });
  }

  function draw() {
    var groups = [], from = 0, sizes = formats[0].groups.slice();
    var rest = LENGTH - formats[0].length;
    if (rest > 0) { sizes.push(rest); }
    sizes.forEach(function (size) {
      var group = document.createElement("span");
      for (var i = from; i < from + size; i++) {
        var slot = document.createElement("i");
        slot.textContent = typed[i] || "";
        if (i === typed.length) { slot.className = "next"; }
        group.append(slot);
      }
      groups.push(group);
      from += size;
    });
    byId("number").replaceChildren.apply(byId("number"), groups);
    var valid = isValid(typed);
    byId("continue").disabled = !valid;
    gentle(typed.length === LENGTH && !valid ? "slip" : null);
    startAfter(IDLE);
  }

  function press(digit) {
    if (body.dataset.screen === "ask" && typed.length < LENGTH) { typed += digit; draw(); }
  }
  function erase() { typed = typed.slice(0, -1); draw(); }

  function post(what, content, screen) {
    return fetch("/api/" + point + "/" + what, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content)
    }).then(function (response) {
      if (response.status === 202) { typed = ""; draw(); show(screen); startAfter(THANKS); return; }
      gentle(response.status === 429 ? "often" : response.status === 422 ? "slip" : "unheard");
    }).catch(function () { gentle("unheard"); });
  }

  function send() {
    if (body.dataset.screen !== "ask" || !isValid(typed)) { return; }
    byId("continue").disabled = true;
    post("number", { number: typed }, "thanks").finally(function () { byId("continue").disabled = !isValid(typed); });
  }

  document.addEventListener("click", function (event) {
    var key = event.target.closest("button");
    if (!key) { return; }
    if (key.dataset.digit) { press(key.dataset.digit); }
    if (key.dataset.help) { post("help", { reason: key.dataset.help }, "called"); }
    if (key.id === "delete") { erase(); }
    if (key.id === "continue") { send(); }
  });
  // A keypad or a scanner that types.
  document.addEventListener("keydown", function (event) {
    if (/^[0-9]$/.test(event.key)) { press(event.key); event.preventDefault(); }
    if (event.key === "Backspace") { erase(); }
    if (event.key === "Enter") { event.preventDefault(); send(); }
  });
  draw();
})();
