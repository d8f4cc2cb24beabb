// The menu of languages needs no button where scripts run and a pointer chooses; the query of the page stays as it is.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form.language")) {
    const go = () => {
      const there = new URL(location.href);
      there.searchParams.set("lang", form.elements.lang.value);
      location.assign(there);
    };
    // Arrow keys pass by one language after the other: whoever uses them says by the button which one is meant.
    let keyed = false;
    form.classList.add("quick");
    form.addEventListener("pointerdown", () => {
      keyed = false;
    });
    form.addEventListener("keydown", () => {
      keyed = true;
    });
    form.addEventListener("change", () => {
      if (keyed) form.classList.remove("quick");
      else go();
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      go();
    });
  }
})();
