// The menu of languages needs no button where scripts run; the query of the page stays as it is.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form.language")) {
    form.classList.add("quick");
    form.addEventListener("change", () => {
      const there = new URL(location.href);
      there.searchParams.set("lang", form.elements.lang.value);
      location.assign(there);
    });
  }
})();
