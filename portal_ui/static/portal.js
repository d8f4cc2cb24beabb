// Refines what already works without it: nothing here is needed for any flow.
"use strict";
(() => {
  // A form is sent once: the pressed button turns and the second press does nothing.
  for (const form of document.querySelectorAll("form[data-once]")) {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "1";
      const button = event.submitter || form.querySelector("[type=submit]");
      button.classList.add("busy");
      button.setAttribute("aria-busy", "true");
    });
  }
  // A page that comes back out of the history may be sent again.
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll(".busy")) {
      button.classList.remove("busy");
      button.removeAttribute("aria-busy");
    }
  });
  // The question after an act becomes a real dialog: focus stays inside, Escape closes.
  for (const dialog of document.querySelectorAll("dialog[open]")) {
    dialog.close();
    dialog.showModal();
    for (const button of dialog.querySelectorAll("[data-close]")) {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        dialog.close();
      });
    }
  }
  // Of a fold's two words only the one that applies stands in the page, as on the real ones.
  for (const fold of document.querySelectorAll("details.fold")) {
    const show = fold.querySelector("[data-test=show-cost-details]");
    const hide = fold.querySelector("[data-test=hide-cost-details]");
    if (!show) continue;
    (fold.open ? show : hide).remove();
    fold.addEventListener("toggle", () => (fold.open ? show.isConnected && show.replaceWith(hide) : hide.isConnected && hide.replaceWith(show)));
  }
  // On paper everything is unfolded.
  const folds = document.querySelectorAll("details[data-print]");
  addEventListener("beforeprint", () => {
    for (const fold of folds) {
      if (fold.open) continue;
      fold.dataset.folded = "1";
      fold.open = true;
    }
  });
  addEventListener("afterprint", () => {
    for (const fold of folds) {
      if (!fold.dataset.folded) continue;
      fold.open = false;
      delete fold.dataset.folded;
    }
  });
  // What was just done is said once, not at every reload.
  const here = new URL(location.href);
  if (here.searchParams.has("done") || here.searchParams.has("failed")) {
    for (const name of ["done", "canceled", "failed"]) here.searchParams.delete(name);
    history.replaceState(null, "", here);
  }
})();
