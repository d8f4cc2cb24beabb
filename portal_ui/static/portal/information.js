// Another country shows its own fields at once; what was typed stays. Without scripts a button asks for them.
"use strict";
(() => {
  for (const form of document.querySelectorAll("form[data-refine]")) {
    let latest = 0;
    const refine = async (select) => {
      const mine = ++latest;
      const query = new URLSearchParams();
      for (const one of form.querySelectorAll('select[name$="[country]"]')) query.set(one.name, one.value);
      const answer = await fetch(`${form.action}?${query}`);
      if (!answer.ok || mine !== latest) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const old = select.closest(".group").querySelector("[data-parts]");
      const fresh = page.querySelector(`[data-parts="${old.dataset.parts}"]`);
      if (!fresh) return;
      for (const field of fresh.querySelectorAll("input,select")) {
        const typed = old.querySelector(`[name="${field.name}"]`);
        // A state is one of its country only.
        if (typed && !field.name.endsWith("[state]")) field.value = typed.value;
      }
      old.replaceWith(fresh);
    };
    form.addEventListener("change", (event) => {
      if (event.target.matches('select[name$="[country]"]')) refine(event.target).catch(() => {});
    });
  }
})();
