"use strict";
// The map of the page: drag, pinch, wheel, keys and buttons move it; a tap names what is nearest. Without this script
// the map stands still and everything else of the page is the same.
for (const box of document.querySelectorAll(".map")) {
  const svg = box.querySelector("svg");
  const told = box.querySelector("output");
  const whole = svg.viewBox.baseVal;
  const full = { x: whole.x, y: whole.y, w: whole.width, h: whole.height };
  let view = { ...full };
  const things = [...svg.querySelectorAll("[data-x]")].map(e => ({ e, x: +e.dataset.x, y: +e.dataset.y }));
  const names = [...svg.querySelectorAll("text")].map(e => ({ e, x: +e.getAttribute("x"), y: +e.getAttribute("y") }));
  const pointers = new Map();
  let moved = 0;

  // Points of the map to a pixel of the screen: the drawing keeps its shape within the box.
  const perPixel = () => Math.max(view.w / svg.clientWidth, view.h / svg.clientHeight);
  const place = (px, py) => {
    const k = perPixel(), r = svg.getBoundingClientRect();
    return {
      x: view.x + view.w / 2 + (px - r.left - r.width / 2) * k,
      y: view.y + view.h / 2 + (py - r.top - r.height / 2) * k,
    };
  };
  const draw = () => {
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.w} ${view.h}`);
    const k = Math.min(perPixel(), 3); // symbols and names keep their size on the screen
    for (const { e, x, y } of [...things, ...names]) e.setAttribute("transform", `translate(${x} ${y}) scale(${k}) translate(${-x} ${-y})`);
  };
  const zoom = (factor, at) => {
    const w = Math.min(Math.max(view.w * factor, full.w / 40), full.w * 1.5);
    const f = w / view.w;
    view = { x: at.x - (at.x - view.x) * f, y: at.y - (at.y - view.y) * f, w, h: view.h * f };
    draw();
  };
  const shift = (dx, dy) => {
    view.x = Math.min(Math.max(view.x + dx, full.x - view.w / 2), full.x + full.w - view.w / 2);
    view.y = Math.min(Math.max(view.y + dy, full.y - view.h / 2), full.y + full.h - view.h / 2);
    draw();
  };
  const middle = () => ({ x: view.x + view.w / 2, y: view.y + view.h / 2 });
  const name = (px, py) => {
    const at = place(px, py), k = perPixel();
    let best = null, least = 28 * k;
    for (const one of things) {
      const away = Math.hypot(one.x - at.x, one.y - at.y);
      if (away < least) { least = away; best = one; }
    }
    told.textContent = best ? best.e.querySelector("title").textContent : "";
    told.classList.toggle("on", best !== null);
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return { d: Math.hypot(a.x - b.x, a.y - b.y), x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
  };

  svg.addEventListener("pointerdown", event => {
    svg.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved = pointers.size > 1 ? 99 : 0;
  });
  svg.addEventListener("pointermove", event => {
    const last = pointers.get(event.pointerId);
    if (!last) return;
    const before = pointers.size === 2 ? spread() : null;
    pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const k = perPixel();
    if (before) {
      const after = spread();
      shift((before.x - after.x) * k, (before.y - after.y) * k);
      if (after.d > 0) zoom(before.d / after.d, place(after.x, after.y));
    } else {
      moved += Math.abs(event.clientX - last.x) + Math.abs(event.clientY - last.y);
      shift((last.x - event.clientX) * k, (last.y - event.clientY) * k);
    }
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, event => {
      if (pointers.delete(event.pointerId) && end === "pointerup" && moved < 8) name(event.clientX, event.clientY);
    });
  }
  svg.addEventListener("wheel", event => {
    event.preventDefault();
    zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, place(event.clientX, event.clientY));
  }, { passive: false });
  svg.setAttribute("tabindex", "0");
  svg.addEventListener("keydown", event => {
    const step = view.w / 8;
    const keys = {
      ArrowLeft: () => shift(-step, 0), ArrowRight: () => shift(step, 0),
      ArrowUp: () => shift(0, -step), ArrowDown: () => shift(0, step),
      "+": () => zoom(1 / 1.5, middle()), "-": () => zoom(1.5, middle()), "0": () => { view = { ...full }; draw(); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  const [nearer, farther, all] = box.querySelectorAll("button");
  nearer.addEventListener("click", () => zoom(1 / 1.5, middle()));
  farther.addEventListener("click", () => zoom(1.5, middle()));
  all.addEventListener("click", () => { view = { ...full }; draw(); });
  window.addEventListener("resize", draw);
  box.classList.add("live");
  draw();
}
