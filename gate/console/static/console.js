// The little that markup alone cannot do: the sheet of an act, the notice, and not swapping under a finger.
(function () {
  "use strict";

  var sheet = document.getElementById("sheet");
  var notice = document.getElementById("notice");
  var live = document.getElementById("checkpoint");
  var pressed = false;
  var missed = false;
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

  // A button that is replaced between press and release loses its click: wait for the release.
  document.addEventListener("pointerdown", function () { pressed = true; });
  ["pointerup", "pointercancel"].forEach(function (name) {
    document.addEventListener(name, function () {
      // After the click that follows pointerup.
      setTimeout(function () {
        pressed = false;
        if (missed) { missed = false; htmx.trigger(live, "fresh"); }
      }, 0);
    });
  });
  document.body.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target === live && pressed) {
      event.detail.shouldSwap = false;
      missed = true;
    }
  });

  document.body.addEventListener("htmx:afterSwap", function (event) {
    var target = event.detail.target;
    if (target === notice) { fade(); }
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
  sheet.addEventListener("close", function () { sheet.replaceChildren(); });

  document.body.addEventListener("htmx:sseError", function () {
    document.body.classList.add("offline");
    // Refused, perhaps, because the login is over: then this answer leads to the login page.
    htmx.trigger(live, "fresh");
  });
  document.body.addEventListener("htmx:sseOpen", function () {
    document.body.classList.remove("offline");
    // From here on forms open in place and changes come by themselves.
    document.documentElement.classList.add("ready");
  });
})();
