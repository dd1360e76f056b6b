// Flame graphs, roots on top: each box is a function, as wide as the time in and below it.
//
//   data: { frames: [text], kinds: [0 own | 1 library | 2 native], modes: [{name, unit, pair, low, high, tree}] }
//   tree: [frame, load at high load, load at low load, [children]]      pair: both moments are there
//
// Click or Enter zooms, Escape goes back, arrows move, / searches. Boxes too narrow to see are not made.
"use strict";

(() => {
  const ROW = 21;
  const NARROWEST = 2;
  const KINDS = ["own", "library", "native"];
  const LEGENDS = {
    change: [["more", "its share grew"], ["less", "its share shrank"]],
    kind: [["own", "the application"], ["library", "libraries"], ["native", "native code"]],
  };

  class Flame {
    constructor(figure) {
      this.figure = figure;
      this.data = JSON.parse(figure.querySelector("script").textContent);
      this.plot = figure.querySelector(".flame");
      this.told = figure.querySelector(".told");
      this.controls = figure.querySelector(".flame-controls");
      this.pick = { mode: 0, view: "high", query: "" };
      this.controls.hidden = this.plot.hidden = this.told.hidden = false;
      this.makeControls();
      this.plot.addEventListener("click", (event) => this.clicked(event));
      this.plot.addEventListener("keydown", (event) => this.pressed(event));
      this.plot.addEventListener("mouseover", (event) => this.tell(this.boxOf(event)));
      this.plot.addEventListener("focusin", (event) => this.tell(this.boxOf(event)));
      this.plot.addEventListener("mouseleave", () => this.tell(null));
      figure.addEventListener("keydown", (event) => {
        if (event.key === "/" && event.target !== this.search) {
          event.preventDefault();
          this.search.focus();
        }
      });
      this.choose(0);
      new ResizeObserver(() => this.width !== this.plot.clientWidth && this.draw()).observe(this.plot);
    }

    makeControls() {
      const modes = this.data.modes.map((mode, index) => [String(index), mode.name]);
      this.modes = this.select("Time", modes, (value) => this.choose(Number(value)));
      this.views = this.select("Load", [], (value) => {
        this.pick.view = value;
        this.draw();
      });
      this.search = document.createElement("input");
      this.search.type = "search";
      this.search.placeholder = "Search  ( / )";
      this.search.setAttribute("aria-label", "Search functions and files");
      this.search.addEventListener("input", () => {
        this.pick.query = this.search.value.trim().toLowerCase();
        this.draw();
      });
      this.search.addEventListener("keydown", (event) => {
        if (event.key !== "Escape" && event.key !== "Enter") return;
        if (event.key === "Escape") this.search.value = this.pick.query = "";
        event.stopPropagation();
        this.draw();
        this.focus(this.plot.querySelector(".hit") ? this.nodeOf(this.plot.querySelector(".hit")) : this.zoom);
      });
      this.back = document.createElement("button");
      this.back.type = "button";
      this.back.textContent = "Whole graph";
      this.back.addEventListener("click", () => this.zoomTo(this.root));
      this.found = document.createElement("output");
      this.legend = document.createElement("span");
      this.legend.className = "flame-legend";
      this.controls.append(this.search, this.back, this.legend, this.found);
    }

    select(name, options, changed) {
      const label = document.createElement("label");
      const select = document.createElement("select");
      label.append(`${name} `, select);
      select.addEventListener("change", () => changed(select.value));
      this.controls.append(label);
      this.fill(select, options);
      return select;
    }

    fill(select, options) {
      select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
      select.parentElement.hidden = options.length < 2;
    }

    choose(mode) {
      this.pick.mode = mode;
      this.mode = this.data.modes[mode];
      const { high, low, pair } = this.mode;
      this.pick.view = pair ? "change" : "high";
      const both = [["change", `${high}, coloured by what grew`], ["high", high], ["low", low]];
      this.fill(this.views, pair ? both : [["high", high]]);
      this.root = this.zoom = this.linked(this.mode.tree, null);
      this.draw();
    }

    linked([frame, high, low, children], parent) {
      const node = { frame, high, low, parent };
      node.children = children.map((child) => this.linked(child, node));
      return node;
    }

    load(node) {
      return this.pick.view === "low" ? node.low : node.high;
    }

    draw() {
      this.width = this.plot.clientWidth;
      this.nodes = [];
      const boxes = document.createDocumentFragment();
      const above = [];
      for (let node = this.zoom.parent; node; node = node.parent) above.unshift(node);
      above.forEach((node, depth) => this.box(boxes, node, depth, 0, this.width, "above"));
      this.hits = 0;
      this.deepest = above.length;
      this.row(boxes, this.zoom, above.length, 0, this.width, false);
      this.plot.replaceChildren(boxes);
      this.plot.style.height = `${(this.deepest + 1) * ROW}px`;
      this.back.disabled = this.zoom === this.root;
      const share = this.load(this.root) ? this.hits / this.load(this.root) : 0;
      this.found.textContent = this.pick.query ? `${(100 * share).toFixed(1)}% of the time matches` : "";
      this.explain();
      this.tell(null);
      this.focusable(this.zoom);
    }

    explain() {
      const shown = LEGENDS[this.pick.view === "change" ? "change" : "kind"];
      const kinds = new Set(this.nodes.map((node) => KINDS[this.data.kinds[node.frame]]));
      const entries = shown.filter(([name]) => this.pick.view === "change" || kinds.has(name));
      this.legend.replaceChildren(
        ...entries.map(([name, text]) => {
          const entry = document.createElement("span");
          entry.className = name;
          entry.textContent = text;
          return entry;
        }),
      );
    }

    row(boxes, node, depth, left, width, counted) {
      const hit = this.matches(node);
      if (hit && !counted) this.hits += this.load(node);
      this.deepest = Math.max(this.deepest, depth);
      this.box(boxes, node, depth, left, width, hit ? "hit" : "");
      let at = left;
      for (const child of this.ordered(node)) {
        const wide = (width * this.load(child)) / this.load(node);
        if (wide >= NARROWEST) this.row(boxes, child, depth + 1, at, wide, counted || hit);
        else this.countHits(child, counted || hit);
        at += wide;
      }
    }

    countHits(node, counted) {
      const hit = this.matches(node);
      if (hit && !counted) this.hits += this.load(node);
      if (!counted && !hit) for (const child of node.children) this.countHits(child, false);
    }

    ordered(node) {
      return node.children.filter((child) => this.load(child) > 0);
    }

    matches(node) {
      return this.pick.query !== "" && this.data.frames[node.frame].toLowerCase().includes(this.pick.query);
    }

    box(boxes, node, depth, left, width, state) {
      const box = document.createElement("div");
      const kind = this.pick.view === "change" ? "change" : KINDS[this.data.kinds[node.frame]];
      box.className = `box ${kind} ${state}`;
      box.style.cssText = `left:${left}px;top:${depth * ROW}px;width:${Math.max(1, width - 1)}px`;
      if (kind === "change") {
        const change = node.high / (this.root.high || 1) - node.low / (this.root.low || 1);
        box.classList.add(change >= 0 ? "more" : "less");
        box.style.setProperty("--part", `${Math.min(85, 6 + 250 * Math.abs(change)).toFixed(0)}%`);
      }
      box.setAttribute("role", "treeitem");
      box.setAttribute("aria-level", String(depth + 1));
      box.setAttribute("aria-label", this.words(node));
      box.tabIndex = -1;
      box.dataset.node = String(this.nodes.push(node) - 1);
      if (width > 28) box.textContent = this.data.frames[node.frame];
      boxes.append(box);
    }

    words(node) {
      const share = (load, root) => (root ? `${((100 * load) / root).toFixed(1)}%` : "–");
      const { unit, high, low, pair } = this.mode;
      const said = (load, root) => `${load.toFixed(2)} ${unit}, ${share(load, root)}`;
      const now = pair
        ? `${high} ${said(node.high, this.root.high)} · ${low} ${said(node.low, this.root.low)}`
        : said(node.high, this.root.high);
      return `${this.data.frames[node.frame]}: ${now}`;
    }

    tell(node) {
      const shown = node ?? this.zoom;
      this.told.textContent = this.words(shown);
    }

    boxOf(event) {
      const box = event.target.closest(".box");
      return box ? this.nodeOf(box) : null;
    }

    nodeOf(box) {
      return this.nodes[Number(box.dataset.node)];
    }

    clicked(event) {
      const node = this.boxOf(event);
      if (node) this.zoomTo(node);
    }

    zoomTo(node) {
      this.zoom = node;
      this.draw();
      this.focus(node);
    }

    focusable(node) {
      this.plot.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
      const box = this.plot.querySelector(`[data-node="${this.nodes.indexOf(node)}"]`);
      box?.setAttribute("tabindex", "0");
      return box;
    }

    focus(node) {
      this.focusable(node)?.focus({ preventScroll: false });
    }

    pressed(event) {
      const node = this.boxOf(event);
      if (!node) return;
      const drawn = (other) => other && this.nodes.includes(other);
      const beside = (step) => {
        const row = node.parent ? this.ordered(node.parent).filter(drawn) : [];
        return row[row.indexOf(node) + step];
      };
      const moves = {
        ArrowUp: () => node.parent,
        ArrowDown: () => this.ordered(node).filter(drawn).sort((a, b) => this.load(b) - this.load(a))[0],
        ArrowLeft: () => beside(-1),
        ArrowRight: () => beside(1),
        Home: () => this.root,
      };
      if (event.key in moves) {
        const to = moves[event.key]();
        if (drawn(to)) this.focus(to);
      } else if (event.key === "Enter" || event.key === " ") this.zoomTo(node);
      else if (event.key === "Escape" && this.zoom.parent) this.zoomTo(this.zoom.parent);
      else return;
      event.preventDefault();
    }
  }

  for (const figure of document.querySelectorAll("figure[data-flame]")) new Flame(figure);
})();
