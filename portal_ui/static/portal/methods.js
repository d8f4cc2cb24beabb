// Payment methods: menus by keyboard, the question before one is deleted, card fields in a frame of our own.
"use strict";
(() => {
  for (const menu of document.querySelectorAll("[role=menu]")) {
    const items = [...menu.querySelectorAll("[role=menuitem]")];
    menu.addEventListener("toggle", (event) => {
      if (event.newState === "open") items[0].focus();
    });
    menu.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (!step) return;
      event.preventDefault();
      items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    });
  }
  const ask = document.getElementById("delete-method");
  for (const button of document.querySelectorAll("[data-delete]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      const row = button.closest("[data-method]");
      row.querySelector("[popover]").hidePopover();
      ask.querySelector("b").textContent = row.querySelector(".what").textContent;
      ask.querySelector(".doomed span").textContent = row.querySelector(".end")?.textContent || "";
      ask.querySelector("form").action = button.form.action;
      ask.showModal();
    });
  }
  ask?.querySelector("[data-shut]").addEventListener("click", () => ask.close());

  const fields = document.querySelector("[data-card]");
  if (!fields) return;
  const form = fields.closest("form");
  const named = (name) => fields.querySelector(`[autocomplete=cc-${name}]`);
  const brands = [
    [/^3[47]/, "amex"], [/^4/, "visa"], [/^(5[1-5]|2[2-7])/, "mastercard"], [/^(6011|64|65)/, "discover"],
    [/^(30|36|38)/, "diners"], [/^35/, "jcb"], [/^62/, "unionpay"],
  ];
  const digits = (input) => input.value.replace(/\D/g, "");
  // Written anew only while the end is being typed: a correction in the middle keeps its place.
  const written = (input, text) => {
    if (input.selectionStart === input.value.length && input.value !== text) input.value = text;
  };
  const told = () => {
    const typed = digits(named("number"));
    const brand = brands.find(([start]) => start.test(typed))?.[1];
    for (const mark of fields.querySelectorAll("[data-brand]")) mark.hidden = mark.dataset.brand !== brand;
    return typed;
  };
  const refine = () => {
    named("number").addEventListener("input", (event) => {
      const typed = told().slice(0, 19);
      const parts = /^3[47]/.test(typed) ? /^(\d{1,4})(\d{1,6})?(\d{1,9})?/ : /^(\d{1,4})(\d{1,4})?(\d{1,4})?(\d{1,4})?(\d{1,3})?/;
      written(event.target, (parts.exec(typed) || []).slice(1).filter(Boolean).join(" "));
    });
    named("exp").addEventListener("input", (event) => {
      const typed = digits(event.target).replace(/^([2-9]|1[3-9])/, "0$&").slice(0, 6);
      const going = event.inputType !== "deleteContentBackward";
      if (typed.length > 2 || (typed.length === 2 && going)) written(event.target, `${typed.slice(0, 2)} / ${typed.slice(2)}`);
    });
    told();
  };
  if (!fields.dataset.card) {
    refine();
    return;
  }
  const frame = document.createElement("iframe");
  frame.name = "__privateStripeFrame1";
  frame.title = fields.dataset.title;
  frame.className = "holds-card";
  frame.src = `${fields.dataset.card}#elements-inner-payment`;
  frame.addEventListener("load", () => {
    const inner = frame.contentDocument;
    fields.hidden = false;
    if (!inner?.body.classList.contains("card-page")) {
      frame.remove();
      return;
    }
    inner.body.append(fields);
    refine();
    new ResizeObserver(() => {
      frame.style.height = `${fields.offsetHeight + 8}px`;
    }).observe(fields);
    fields.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input")) form.requestSubmit(form.querySelector("[type=submit]"));
    });
    form.addEventListener("formdata", (event) => {
      for (const input of fields.querySelectorAll("[name]")) event.formData.set(input.name, input.value);
    });
    fields.querySelector("[autofocus]")?.focus();
  }, { once: true });
  fields.hidden = true;
  // Suites that were written for the real pages find the frame by these.
  frame.setAttribute("role", "presentation");
  const holders = ["StripeElement", "__PrivateStripeElement"].map((name) => {
    const holder = document.createElement("div");
    holder.className = name;
    return holder;
  });
  holders[0].append(holders[1]);
  holders[1].append(frame);
  fields.after(holders[0]);
})();
