// How long things have lasted, and how long they may: counted here, once a second, without asking the gate.
// The gate says what time it is there with everything it sends. This computer's own clock is never read: it
// may be wrong, and may be set while somebody looks.
(function () {
  "use strict";

  var told = null;
  var ahead = 0; // the gate's clock minus this page's stopwatch

  function listen() {
    var now = document.getElementById("now").dataset.now;
    if (now === told) { return; }
    told = now;
    ahead = Number(now) - performance.now();
  }

  function lasted(seconds) {
    var whole = Math.max(0, Math.floor(seconds));
    var hours = Math.floor(whole / 3600);
    var minutes = Math.floor(whole / 60) % 60;
    var rest = String(whole % 60).padStart(2, "0");
    return hours ? hours + ":" + String(minutes).padStart(2, "0") + ":" + rest : minutes + ":" + rest;
  }

  function write(element, text) {
    if (element.textContent !== text) { element.textContent = text; }
  }

  function count() {
    listen();
    var now = performance.now() + ahead;
    document.querySelectorAll("time[data-since]").forEach(function (element) {
      write(element, lasted((now - Number(element.dataset.since)) / 1000));
    });
    document.querySelectorAll("time[data-until]").forEach(function (element) {
      var left = (Number(element.dataset.until) - now) / 1000;
      write(element, left > 0 ? left > 99 ? lasted(left) : Math.ceil(left) + " s" : "now");
    });
  }

  document.addEventListener("gate:drawn", count);
  setInterval(count, 1000);
  count();
})();
