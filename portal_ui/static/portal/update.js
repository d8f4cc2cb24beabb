// Choosing a plan without leaving the page.
"use strict";
(() => {
  const order = document.querySelector("form.order");
  if (!order) return;
  const table = document.getElementById("offers");
  const field = document.getElementById("quantity-field");
  const { price, quantity } = order.elements;
  const button = order.querySelector("[data-testid=continue-button]");
  // There is something to continue with once plan or quantity are others.
  const weigh = () => {
    const count = quantity.disabled ? order.dataset.count : quantity.value.trim();
    button.disabled = !price.value || (price.value === order.dataset.present && count === order.dataset.count);
  };
  const within = (count) => Math.min(Math.max(count, Number(quantity.min) || 0), quantity.max ? Number(quantity.max) : Infinity);
  const pick = (pressed) => {
    const everywhere = [table, ...[...document.querySelectorAll("template[data-rhythm]")].map((found) => found.content)];
    for (const place of everywhere) {
      for (const other of place.querySelectorAll("[aria-pressed]")) {
        other.setAttribute("aria-pressed", String(other === pressed));
        other.ariaLabel = other === pressed ? table.dataset.on : table.dataset.off;
        other.textContent = other === pressed ? "✓" : table.dataset.off;
        other.closest(".tier").classList.toggle("picked", other === pressed);
      }
    }
    price.value = pressed.value;
    field.hidden = quantity.disabled = pressed.dataset.min === "";
    quantity.min = pressed.dataset.min;
    quantity.max = pressed.dataset.max;
    if (!quantity.disabled && quantity.value) quantity.value = within(Number(quantity.value));
    weigh();
  };
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-pick]")) return;
    event.preventDefault();
    pick(event.submitter);
  });
  for (const step of order.querySelectorAll("[data-step]")) {
    step.hidden = false;
    step.addEventListener("click", () => {
      quantity.value = within((Number(quantity.value) || 0) + Number(step.dataset.step));
      weigh();
    });
  }
  quantity.addEventListener("input", weigh);
  const tabs = document.querySelector(".rhythms");
  tabs?.addEventListener("click", (event) => {
    const tab = event.target.closest("[data-rhythm]");
    const shelf = tab && document.querySelector(`template[data-rhythm="${tab.dataset.rhythm}"]`);
    if (!tab || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!shelf) return;
    const before = tabs.querySelector("[aria-current]");
    const coming = shelf.content.cloneNode(false);
    coming.append(...shelf.content.childNodes);
    shelf.content.append(...table.childNodes);
    shelf.dataset.rhythm = before.dataset.rhythm;
    table.append(coming);
    before.removeAttribute("aria-current");
    tab.setAttribute("aria-current", "true");
  });
  addEventListener("pageshow", weigh);
  weigh();
})();
