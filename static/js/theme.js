// Runs before the first paint, so that a chosen theme never flashes the other one.
(function () {
  var root = document.documentElement;
  root.dataset.js = "";
  try {
    var theme = localStorage.getItem("theme");
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  } catch (refused) {
    // Storage is switched off: the system's theme it is.
  }
})();
