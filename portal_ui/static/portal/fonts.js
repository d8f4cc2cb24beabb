// Some browsers leave text as it was set before its letters came: another way of setting it has it set again.
(() => {
  "use strict";
  const again = () => {
    if (![...document.fonts].some((font) => font.status === "loaded")) return;
    document.body.classList.remove("lettered");
    requestAnimationFrame(() => document.body.classList.add("lettered"));
  };
  document.fonts.addEventListener("loadingdone", again);
  addEventListener("load", () => document.fonts.ready.then(again));
})();
