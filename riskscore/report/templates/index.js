"use strict";
const table = document.querySelector("table"), body = table.tBodies[0], rows = [...body.rows];
const box = document.querySelector("input"), band = document.querySelector("select"), said = document.querySelector("output");
document.querySelector(".tools").hidden = false;
const filter = () => {
  const wanted = box.value.toLowerCase();
  rows.forEach((row) => {
    row.hidden = !row.textContent.toLowerCase().includes(wanted) || (band.value !== "" && row.dataset.band !== band.value);
  });
  const shown = rows.filter((row) => !row.hidden).length;
  said.textContent = said.dataset.said.replace("{shown}", shown).replace("{all}", rows.length);
};
box.addEventListener("input", filter);
band.addEventListener("input", filter);
[...table.tHead.rows[0].cells].forEach((head, i) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    [...table.tHead.rows[0].cells].forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const key = (row) => row.cells[i].dataset.key ?? row.cells[i].textContent.trim();
    const order = (a, b) => key(a).localeCompare(key(b), undefined, { numeric: true });
    body.append(...rows.sort((a, b) => (up ? order(a, b) : order(b, a))));
  });
});
