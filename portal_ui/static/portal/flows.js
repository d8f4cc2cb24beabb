// A list of reasons opens below a button, as in the redesigned portal; without scripts it is a plain select.
"use strict";
(() => {
  for (const select of document.querySelectorAll("select[data-list]")) {
    const label = document.querySelector(`label[for="${select.id}"]`);
    const button = document.createElement("button");
    const list = document.createElement("ul");
    const around = document.createElement("div");
    around.className = "listed";
    button.className = "opener";
    button.type = "button";
    button.textContent = label.textContent;
    button.setAttribute("aria-haspopup", "listbox");
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", label.textContent);
    const open = (on, back) => {
      list.hidden = !on;
      button.setAttribute("aria-expanded", on);
      if (on) (list.querySelector("[aria-selected=true]") || list.firstElementChild).focus();
      else if (back) button.focus();
    };
    const free = document.querySelector("[data-free]");
    const told = () => {
      if (free) free.hidden = select.value !== free.dataset.free;
    };
    for (const option of select.options) {
      if (!option.value) continue;
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", false);
      item.tabIndex = -1;
      item.textContent = option.textContent;
      item.addEventListener("click", () => {
        select.value = option.value;
        for (const other of list.children) other.setAttribute("aria-selected", other === item);
        button.textContent = `${label.textContent}: ${item.textContent}`;
        told();
        open(false, true);
      });
      list.append(item);
    }
    list.addEventListener("keydown", (event) => {
      const here = document.activeElement;
      const next = { ArrowDown: here.nextElementSibling, ArrowUp: here.previousElementSibling }[event.key];
      if (next) next.focus();
      else if (event.key === "Enter" || event.key === " ") here.click();
      else if (event.key === "Escape") open(false, true);
      else if (event.key === "Tab") return open(false, false);
      else if (!event.key.startsWith("Arrow")) return;
      event.preventDefault();
    });
    button.addEventListener("click", () => open(list.hidden, true));
    document.addEventListener("click", (event) => {
      if (!around.contains(event.target)) open(false, false);
    });
    open(false, false);
    told();
    select.hidden = true;
    label.hidden = true;
    around.append(button, list);
    select.after(around);
  }
})();
