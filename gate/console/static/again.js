// A login that ends while a form is open: the form stays, what shows vehicles is covered, and the officer
// logs in again over it. Nothing is sent again by itself. Also counts down what waits for a second officer.
(function () {
  "use strict";

  var again = document.getElementById("again");
  var sheet = document.getElementById("sheet");
  var live = document.getElementById("live");
  var officer = document.body.querySelector("[data-officer]");
  var asking = false;
  var name = officer ? officer.dataset.officer : "";

  // Nobody is logged in: nothing of the checkpoint stays on the screen. Each part's place stays, to be filled.
  function cover() {
    live.querySelectorAll("[data-is]").forEach(function (part) {
      part.replaceChildren();
      delete part.dataset.is;
    });
  }

  function show(page) {
    var form = new DOMParser().parseFromString(page, "text/html").querySelector("form");
    var told = document.createElement("p");
    told.className = "note";
    told.textContent = "Your login has ended, and nothing was done. Log in again: your form is kept.";
    form.querySelector("header").append(told);
    form.addEventListener("submit", send);
    again.replaceChildren(form);
    if (!again.open) { again.showModal(); }
    var typed = form.querySelector('[name="name"]');
    typed.value = name;
    form.querySelector(name ? '[name="password"]' : '[name="name"]').focus();
  }

  function unreachable() {
    var told = document.createElement("p");
    told.className = "problem";
    told.setAttribute("role", "alert");
    told.textContent = "The gate does not answer. Try again.";
    again.prepend(told);
    if (!again.open) { again.showModal(); }
  }

  function send(event) {
    event.preventDefault();
    fetch("/login", { method: "POST", credentials: "same-origin", body: new URLSearchParams(new FormData(event.target)) })
      .then(function (response) {
        if (response.ok && response.redirected) { return goOn(); }
        return response.text().then(show);
      }).catch(unreachable);
  }

  function goOn() {
    return fetch("/api/me", { credentials: "same-origin" }).then(function (response) { return response.json(); })
      .then(function (me) {
        // Another officer does not go on with a colleague's form.
        if (me.officer !== name) { location.assign("/"); return; }
        document.querySelectorAll('input[name="csrf"]').forEach(function (field) { field.value = me.csrf; });
        asking = false;
        again.replaceChildren();
        again.close();
        document.body.dispatchEvent(new CustomEvent("gate:logged-in"));
        htmx.trigger(document.getElementById("fresh"), "fresh");
        var first = sheet.querySelector("footer button");
        if (first) { first.focus(); }
      });
  }

  // Before htmx looks at the answer: with a form open it may not lead away.
  document.body.addEventListener("htmx:beforeOnLoad", function (event) {
    if (event.detail.xhr.status !== 401 || !sheet.open) { return; }
    event.preventDefault();
    cover();
    // Once, however many answers say so: each login page makes the one before it out of date.
    if (asking) { return; }
    asking = true;
    fetch("/login", { credentials: "same-origin" })
      .then(function (response) { return response.text(); }).then(show).catch(function () {
        asking = false;
        unreachable();
      });
  });
  // Escape leaves nobody before an uncovered page.
  again.addEventListener("cancel", function (event) { event.preventDefault(); });
  again.addEventListener("close", function () { if (again.firstChild) { location.assign("/login"); } });

  // --- what is left of a request: counted from when it was drawn, for clocks of booths are not the gate's.
  var drawn = new WeakMap();
  setInterval(function () {
    document.querySelectorAll("[data-left]").forEach(function (one) {
      if (!drawn.has(one)) { drawn.set(one, performance.now()); }
      var left = Math.max(0, Math.round(one.dataset.left - (performance.now() - drawn.get(one)) / 1000));
      one.querySelector("time").textContent = Math.floor(left / 60) + ":" + String(left % 60).padStart(2, "0");
      one.classList.toggle("over", left === 0);
    });
  }, 500);
})();
