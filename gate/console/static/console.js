// The little that markup alone cannot do: the sheet of an act, the notice, parts put on the page without
// taking a click from a finger or the focus from the keyboard.
(function () {
  "use strict";

  var sheet = document.getElementById("sheet");
  var notice = document.getElementById("notice");
  var stream = document.getElementById("stream");
  var fresh = document.getElementById("fresh");
  var pressed = false;
  var kept = []; // what came while a button was pressed
  var place = null; // where the keyboard was: [id of the control, id of its card]
  var layout = document.getElementById("now").dataset.layout;
  var fading = 0;

  function say(text) {
    notice.replaceChildren();
    var line = document.createElement("p");
    line.className = "done";
    line.textContent = text;
    notice.append(line);
    fade();
  }

  function fade() {
    clearTimeout(fading);
    fading = setTimeout(function () { notice.replaceChildren(); }, 8000);
  }

  // --- the keyboard's place -------------------------------------------------------------------

  document.addEventListener("focusin", function (event) {
    var card = event.target.closest("#live .card, #live .call");
    place = card ? [event.target.id, card.id] : null;
  });

  // A part that is put anew takes the focus along with what had it: give it back to the same control, to
  // its card where the control is gone, to what comes first where the card is gone, too.
  function giveBack() {
    if (sheet.open || !place || document.activeElement !== document.body) { return; }
    var next = document.getElementById(place[0]) || document.getElementById(place[1]) ||
      document.querySelector("#calls .button") || document.getElementById("ground");
    if (next) { next.focus({ preventScroll: true }); }
  }

  // --- parts ----------------------------------------------------------------------------------

  // A button that is replaced between press and release loses its click: wait for the release.
  document.addEventListener("pointerdown", function () { pressed = true; });
  ["pointerup", "pointercancel"].forEach(function (name) {
    document.addEventListener(name, function () {
      // After the click that follows pointerup.
      setTimeout(function () {
        pressed = false;
        kept.splice(0).forEach(put);
      }, 0);
    });
  });

  function put(html) {
    htmx.swap(stream, html, { swapStyle: "none", swapDelay: 0, settleDelay: 0 });
    settled();
  }

  function settled() {
    giveBack();
    // The points are others than this page was made for: the gate was restarted with another configuration.
    if (document.getElementById("now").dataset.layout !== layout && !sheet.open) { location.reload(); }
    document.dispatchEvent(new Event("gate:drawn"));
  }

  document.body.addEventListener("htmx:sseBeforeMessage", function (event) {
    if (event.target !== stream || !pressed) { return; }
    event.preventDefault();
    kept.push(event.detail.data);
  });
  document.body.addEventListener("htmx:sseMessage", function (event) {
    if (event.target === stream) { settled(); }
  });
  document.body.addEventListener("htmx:oobBeforeSwap", function (event) {
    var told = event.detail.fragment.firstElementChild;
    var is = told && told.dataset && told.dataset.is;
    if (is && is === event.detail.target.dataset.is) { event.detail.shouldSwap = false; }
  });

  // --- the sheet ------------------------------------------------------------------------------

  document.body.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target;
    if (target === notice) { fade(); giveBack(); }
    if (target === fresh) { settled(); }
    if (target !== sheet) { return; }
    var done = sheet.querySelector("[data-done]");
    if (done) {
      sheet.close();
      say(done.textContent);
    } else if (!sheet.open) {
      sheet.showModal();
    }
    var first = sheet.querySelector("[autofocus]");
    if (sheet.open && first) { first.focus(); }
  });
  sheet.addEventListener("click", function (event) {
    if (event.target.closest("[data-close]")) {
      event.preventDefault();
      sheet.close();
    }
  });
  sheet.addEventListener("close", function () {
    sheet.replaceChildren();
    giveBack();
  });

  // --- the stream -----------------------------------------------------------------------------

  document.body.addEventListener("htmx:sseError", function () {
    document.body.classList.add("offline");
    // Refused, perhaps, because the login is over: then this answer leads to the login page.
    htmx.trigger(fresh, "fresh");
  });
  document.body.addEventListener("htmx:sseOpen", function () {
    document.body.classList.remove("offline");
    // From here on forms open in place and changes come by themselves.
    document.documentElement.classList.add("ready");
  });
})();
