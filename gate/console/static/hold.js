// Hold-to-run. While a hand is on the button a word goes to the gate a few times a second; the moment it
// is gone, or nobody can be sure that it is still there, the button is let go. The gate by itself lets go
// when it hears nothing for a second: what happens here only makes that faster.
(function () {
  "use strict";

  var EVERY_MS = 250;
  var ANSWER_MS = 800;
  var held = null; // {form, button, timer, asking, point, token}

  function say(hold, text, wrong) {
    var line = hold.form.querySelector("[data-hold-says]");
    line.textContent = text;
    line.classList.toggle("wrong", Boolean(wrong));
  }

  function field(form, name) { return form.querySelector('[name="' + name + '"]').value; }

  function send(path, token, body, more) {
    var request = { method: "POST", credentials: "same-origin", headers: { "X-CSRF-Token": token } };
    if (body) {
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    return fetch(path, Object.assign(request, more));
  }

  function act(hold, body, more) {
    return send("/api/acts", hold.token, body, more).then(function (response) {
      return response.json().then(function (answer) {
        return { done: response.ok, text: answer.message || answer.error || "" };
      });
    });
  }

  function checked(form) {
    var things = Array.prototype.map.call(
      form.querySelectorAll('[name="checked"]:checked'), function (box) { return box.value; });
    var other = field(form, "also_checked").trim();
    return other ? things.concat(other) : things;
  }

  function press(button) {
    if (held) { return; }
    var form = button.form;
    var hold = { form: form, button: button, point: field(form, "point"), token: field(form, "csrf") };
    held = hold;
    button.classList.add("held");
    say(hold, "Asking…");
    act(hold, { act: "HoldToRun", point: hold.point, visit_id: field(form, "visit_id"), seen: field(form, "seen"), checked: checked(form) })
      .then(function (answer) {
        if (!answer.done) {
          stop(hold);
          say(hold, answer.text, true);
        } else if (held === hold) {
          hold.pressed = true;
          say(hold, "Opening. Keep holding.");
        } else {
          // The hand was gone before the answer came: say it again, in case the first word came too early.
          leave(hold);
        }
      }, function () { letGo("The gate does not answer. Let go.", hold); });
    hold.timer = setInterval(function () { keep(hold); }, EVERY_MS);
  }

  function keep(hold) {
    if (!hold.button.isConnected || !document.hasFocus()) { letGo("Let go: the page is not in front.", hold); return; }
    if (hold.asking) {
      if (performance.now() - hold.asked > ANSWER_MS) { letGo("No connection to the gate: let go.", hold); }
      return; // never two at a time: late words must not pile up and outlive the hand
    }
    hold.asking = new AbortController();
    hold.asked = performance.now();
    send("/api/hold/" + encodeURIComponent(hold.point), hold.token, null, { signal: hold.asking.signal })
      .then(function (response) {
        hold.asking = null;
        if (!response.ok) { letGo("The gate does not take this hold any more. Load the page again.", hold); }
      }, function () {
        hold.asking = null;
        letGo("No connection to the gate: let go.", hold);
      });
  }

  function stop(hold) {
    clearInterval(hold.timer);
    hold.button.classList.remove("held");
    if (held === hold) { held = null; }
    if (hold.asking) { hold.asking.abort(); }
  }

  function leave(hold) {
    // keepalive: it goes out even when the page is going away.
    act(hold, { act: "LetGo", point: hold.point }, { keepalive: true }).catch(function () {
      say(hold, "The gate does not answer: it lets go by itself within a second.", true);
    });
  }

  function letGo(why, only) {
    var hold = held;
    if (!hold || (only && only !== hold)) { return; }
    stop(hold);
    say(hold, why || "Let go: the boom stays where it is.", Boolean(why));
    leave(hold);
  }

  function buttonOf(event) {
    return event.target instanceof Element ? event.target.closest("[data-hold-button]") : null;
  }

  document.documentElement.classList.add("can-hold");

  // On the window and first, so that the live page goes on following the lane while the button is held.
  window.addEventListener("pointerdown", function (event) {
    var button = buttonOf(event);
    if (!button || !event.isPrimary || event.button !== 0) { return; }
    event.stopPropagation();
    press(button);
  }, true);
  window.addEventListener("keydown", function (event) {
    var button = buttonOf(event);
    if (!button || event.key !== " ") { return; }
    event.preventDefault();
    if (!event.repeat) { press(button); }
  }, true);
  window.addEventListener("keyup", function (event) { if (event.key === " ") { letGo(); } }, true);
  window.addEventListener("contextmenu", function (event) { if (buttonOf(event)) { event.preventDefault(); } }, true);
  // A finger or a mouse that slips off the button is off the button.
  window.addEventListener("pointerout", function (event) {
    if (held && buttonOf(event) === held.button && !held.button.contains(event.relatedTarget)) { letGo(); }
  }, true);
  ["pointerup", "pointercancel", "blur", "pagehide", "offline"].forEach(function (name) {
    window.addEventListener(name, function (event) {
      // Not every element's own blur: the window's.
      if (name !== "blur" || event.target === window || event.target === document) { letGo(); }
    }, true);
  });
  document.addEventListener("visibilitychange", function () { if (document.hidden) { letGo(); } });
  // The sheet was closed, by Escape for instance.
  document.addEventListener("close", function () { letGo(); }, true);
})();
