// The kiosk: digits, the check digit, and what the gate says next. No number is kept anywhere.
// It never leaves its page: what follows is fetched and put in its place, so that a server that is
// away just then leaves a page that goes on by itself and no browser's error that nobody can dismiss.
(function () {
  "use strict";

  var POLL = 500, IDLE = 60000, THANKS = 45000, CALLED = 12000, AGAIN = 1000;
  var point = document.body.dataset.point;
  var body, dialogue, rows, formats, LENGTH, typed, timer, strip, answered, going = false;

  function byId(id) { return document.getElementById(id); }
  function show(screen) { body.dataset.screen = screen; }

  // --- from page to page -----------------------------------------------------------------------

  function begin() {
    body = document.body;
    dialogue = Boolean(body.dataset.rows);
    rows = dialogue ? body.dataset.rows.split(",") : [];
    // The spaces of numbers: how long, what the last digit proves, in which groups the notice has them.
    formats = dialogue ? body.dataset.formats.split(",").map(function (told) {
      var parts = told.split(" ");
      return { length: Number(parts[0]), check: parts[1], groups: parts[2].split("-").map(Number) };
    }) : [];
    LENGTH = Math.max.apply(null, formats.map(function (format) { return format.length; }));
    typed = "";
    answered = false;
    clearTimeout(timer);
    clearTimeout(strip);
    if (dialogue) { draw(); }
  }

  function go(url) {
    if (going) { return Promise.resolve(false); }
    going = true;
    return fetch(url, { cache: "no-store" })
      .then(function (response) { if (!response.ok) { throw new Error(response.status); } return response.text(); })
      .then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html"), root = document.documentElement;
        root.lang = page.documentElement.lang;
        root.dir = page.documentElement.dir;
        document.body.replaceWith(document.adoptNode(page.body));
        history.replaceState(null, "", url);
        begin();
        return true;
      })
      .catch(function () { body.classList.add("cut-off"); return false; })
      .finally(function () { going = false; });
  }

  function toStart() {
    clearTimeout(timer);
    return go("/" + point).then(function (there) { if (!there) { timer = setTimeout(toStart, AGAIN); } });
  }

  function startAfter(milliseconds) {
    clearTimeout(timer);
    if (dialogue || body.dataset.screen !== "ask") { timer = setTimeout(toStart, milliseconds); }
  }

  // --- what the gate says ----------------------------------------------------------------------

  function fill(which, text) {
    body.querySelectorAll(".bound ." + which).forEach(function (line) {
      line.hidden = !text;
      line.querySelector("bdi").textContent = text;
    });
  }

  function photograph(code) {
    var picture = byId("code");
    picture.closest("figure").hidden = !code;
    if (code && picture.dataset.visit !== code) { picture.src = "/api/" + point + "/code.svg?" + encodeURIComponent(code); }
    picture.dataset.visit = code || "";
  }

  function take(message) {
    var waits = message.kind === "wait";
    body.classList.toggle("held", waits);
    if (message.kind === "blank") {
      if (answered) { answered = false; toStart(); }
      return;
    }
    // While a driver is choosing or typing, the neutral text does not take the keypad away.
    if (waits && body.dataset.screen === "ask") { return; }
    clearTimeout(timer);
    answered = true;
    body.dataset.kind = message.kind;
    body.dataset.corridor = (message.corridor || "").toLowerCase();
    byId("lane").textContent = message.lane || "";
    byId("lane").dataset.length = (message.lane || "").length;
    fill("routes", message.routes.join("; "));
    fill("hours", message.hours === null ? "" : String(message.hours));
    photograph(message.code);
    show("answer");
  }

  function poll() {
    fetch("/api/" + point, { cache: "no-store" })
      .then(function (response) { if (!response.ok) { throw new Error(response.status); } return response.json(); })
      .then(function (message) {
        body.classList.remove("cut-off");
        if (dialogue && !byId("unheard").hidden) { gentle(null); }
        if (!going) { take(message); }
      })
      .catch(function () { body.classList.add("cut-off"); })
      .finally(function () { setTimeout(poll, POLL); });
  }

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

  // A keyboard may write Arabic or Persian digits; the notice's are these.
  function inLatin(text) {
    return text.replace(/[\u0660-\u0669\u06f0-\u06f9]/g, function (digit) { return String(digit.charCodeAt(0) % 16); });
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
  function erase() { if (body.dataset.screen === "ask") { typed = typed.slice(0, -1); draw(); } }

  function post(what, content) {
    return fetch("/api/" + point + "/" + what, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(content)
    });
  }

  function send() {
    if (body.dataset.screen !== "ask" || !isValid(typed)) { return; }
    byId("continue").disabled = true;
    post("number", { number: typed }).then(function (response) {
      if (response.status === 202) { typed = ""; draw(); show("thanks"); startAfter(THANKS); return; }
      gentle(response.status === 429 ? "often" : response.status === 422 ? "slip" : "unheard");
    }).catch(function () { gentle("unheard"); })
      .finally(function () { if (dialogue) { byId("continue").disabled = !isValid(typed); } });
  }

  function call(reason) {
    post("help", { reason: reason }).then(function (response) {
      // Too many calls are a call all the same: somebody has been called already.
      if (response.status !== 202 && response.status !== 429) { throw new Error(response.status); }
      if (body.dataset.screen === "answer") {
        body.classList.add("called");
        clearTimeout(strip);
        strip = setTimeout(function () { body.classList.remove("called"); }, CALLED);
        return;
      }
      typed = "";
      if (dialogue) { draw(); }
      show("called");
      startAfter(THANKS);
    }).catch(function () { body.classList.add("cut-off"); });
  }

  function paste(text) {
    var digits = inLatin(text).replace(/[\s\u200b-\u200f\ufeff-]/g, "");
    if (isValid(digits)) { typed = digits; draw(); return; }
    gentle("slip");
    startAfter(IDLE);
  }

  document.addEventListener("click", function (event) {
    var key = event.target.closest(".key");
    if (!key) { return; }
    // A finger leaves no focus behind: a scanner that types a space must not press the key again.
    if (event.detail) { key.blur(); }
    if (key.href) { event.preventDefault(); go(new URL(key.href).pathname); }
    if (key.dataset.digit) { press(key.dataset.digit); }
    if (key.dataset.help) { call(key.dataset.help); }
    if (key.id === "delete") { erase(); }
    if (key.id === "continue") { send(); }
  });
  // A keypad or a scanner that types.
  document.addEventListener("keydown", function (event) {
    if (!dialogue || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var digit = inLatin(event.key);
    if (/^[0-9]$/.test(digit)) { press(digit); event.preventDefault(); }
    if (event.key === "Backspace") { erase(); event.preventDefault(); }
    // On a key that a keyboard has reached Enter means that key.
    if (event.key === "Enter" && !document.activeElement.matches(".key")) { event.preventDefault(); send(); }
  });
  document.addEventListener("paste", function (event) {
    event.preventDefault();
    if (dialogue && body.dataset.screen === "ask") { paste((event.clipboardData || new DataTransfer()).getData("text")); }
  });
  document.addEventListener("contextmenu", function (event) { event.preventDefault(); });
  begin();
  poll();
})();
