/**
 * @file The page's one style sheet. Two colours carry the whole story: `--truth`
 * for what the verifier says, `--self` for what the model says of itself; nothing
 * else uses them. `--data` is for what a data set is like. Fonts are the reader's own.
 */

const COLORS = `
:root {
  color-scheme: light dark;
  --paper: #faf8f3; --card: #ffffff; --line: #e5e0d4; --line-strong: #cfc8b8;
  --shade: #1b233033; --ink: #1b2330; --ink-soft: #55606f; --ink-faint: #69727e;
  --truth: #0c7489; --truth-soft: #3a7f90; --self: #b45309; --self-wash: #d9730d24;
  --judge: #5b4b9a; --judge-soft: #7568ad; --heat-color: #5b4b9a;
  --data: #2f6299;
  --good: #2c7a4b; --bad: #b3261e; --caution: #95600a;
  --win: #2c7a4b; --tie: #b9b3a4; --lose: #b5513f;
  --model-base: #9aa1ab; --model-first: #74a8d6; --model-last: #0d2650;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11151b; --card: #181e27; --line: #2a323e; --line-strong: #3d4757;
    --shade: #00000085; --ink: #e9e6df; --ink-soft: #a9b1bd; --ink-faint: #8d96a3;
    --truth: #57c3d8; --truth-soft: #4da1b4; --self: #f2a154; --self-wash: #f2a15426;
    --judge: #b0a1ee; --judge-soft: #9489cd; --heat-color: #6a5bb5;
    --data: #7fb0e0;
    --good: #6cc48d; --bad: #ff8b7d; --caution: #e7b457;
    --win: #337a4e; --tie: #4c5563; --lose: #a9503f;
    --model-base: #77808d; --model-first: #4f7399; --model-last: #d3e7ff;
  }
}`;

const PAGE = `
* { box-sizing: border-box; }
html { scroll-behavior: smooth; -webkit-text-size-adjust: 100%; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
main, nav, footer { width: min(1200px, 100% - 40px); margin-inline: auto; }
h1, h2, .model h3, .figures strong, .big, .funnel b {
  font-family: "Iowan Old Style", "Palatino Linotype", Palatino, "Book Antiqua", "Source Serif 4", Georgia, "DejaVu Serif", serif;
  font-weight: 600; letter-spacing: -0.012em; line-height: 1.12;
}
h1 { font-size: clamp(2.3rem, 6.4vw, 4.2rem); margin: 0.2em 0 0.25em; text-wrap: balance; }
h2 { font-size: clamp(1.5rem, 3.2vw, 2.05rem); margin: 0 0 0.35em; }
h3 { font-size: 1.02rem; margin: 0 0 0.3em; line-height: 1.3; }
h4 { font-size: 0.9rem; margin: 0 0 0.4em; font-weight: 600; }
p { margin: 0 0 0.8em; text-wrap: pretty; }
small { font-weight: 400; color: var(--ink-soft); font-size: 0.82em; }
a { color: inherit; text-decoration-color: var(--line-strong); text-underline-offset: 3px; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 3px solid var(--truth); outline-offset: 2px; border-radius: 4px; }
b.truth, dd.truth { color: var(--truth); } b.self, dd.self { color: var(--self); } b.judge { color: var(--judge); }
.bad-text { color: var(--bad); }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 12px; top: 12px; background: var(--card); padding: 8px 14px; z-index: 2; }
nav { display: flex; flex-wrap: wrap; align-items: baseline; gap: 6px 22px; padding: 18px 0 0; font-size: 0.86rem; color: var(--ink-soft); }
nav b { color: var(--ink); letter-spacing: 0.01em; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; margin: 0; padding: 0; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
section { margin-top: clamp(44px, 7vw, 76px); scroll-margin-top: 16px; }
.lead { color: var(--ink-soft); max-width: 68ch; margin-bottom: 1.3em; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 20px 22px; margin: 0; min-width: 0; }
.grid-2, .grid-3 { display: grid; gap: 18px; grid-template-columns: repeat(2, minmax(0, 1fr)); align-items: stretch; }
.grid-3 { grid-template-columns: repeat(3, minmax(0, 1fr)); }
.grid-2 + .card, .card + .card { margin-top: 18px; } .grid-2 > .card, .grid-3 > .card { margin-top: 0; }
footer { margin-top: 60px; padding: 20px 0 40px; border-top: 1px solid var(--line); color: var(--ink-soft); font-size: 0.85rem; }
.pill { display: inline-flex; gap: 0.45em; align-items: center; border: 1px solid currentColor; border-radius: 99px; padding: 1px 11px; font: 600 0.78rem/1.7 system-ui, sans-serif; letter-spacing: 0; white-space: nowrap; }
.pill.bad { color: var(--bad); }
.grid-2.top { align-items: start; }
@media (max-width: 900px) { .grid-2, .grid-3 { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 600px) { main, nav, footer { width: calc(100% - 28px); } .card { padding: 16px 14px; border-radius: 12px; } }`;

const VERDICT = `
.verdict { --tone: var(--ink-soft); margin-top: clamp(22px, 4vw, 44px); padding: clamp(24px, 4vw, 48px) clamp(18px, 4vw, 52px) clamp(20px, 3vw, 34px);
  background: linear-gradient(180deg, color-mix(in oklab, var(--tone) 9%, var(--card)), var(--card) 72%);
  border: 1px solid var(--line); box-shadow: inset 0 5px 0 var(--tone); border-radius: 16px; overflow: clip; }
.verdict.good { --tone: var(--good); } .verdict.bad { --tone: var(--bad); } .verdict.caution { --tone: var(--caution); }
.kicker { display: flex; flex-wrap: wrap; gap: 6px 16px; align-items: center; color: var(--ink-soft); font-size: 0.86rem; margin: 0; }
.kicker .pill { color: var(--tone); }
.headline { font-size: clamp(1.12rem, 2.2vw, 1.42rem); line-height: 1.4; max-width: 52ch; margin-bottom: 0.5em; }
.more { color: var(--ink-soft); max-width: 78ch; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(190px, 44%), 1fr)); gap: 18px clamp(14px, 3vw, 30px); margin: clamp(18px, 3vw, 32px) 0 0; padding-top: 20px; border-top: 1px solid var(--line); }
.figures dt { font-size: 0.84rem; color: var(--ink-soft); } .figures dd { margin: 0; }
.figures strong { display: block; font-size: clamp(1.8rem, 3.4vw, 2.5rem); color: var(--tone-figure); margin: 2px 0 4px; }
.figures dd span { font-size: 0.82rem; color: var(--ink-soft); }
.figure-truth { --tone-figure: var(--truth); } .figure-self { --tone-figure: var(--self); } .figure-judge { --tone-figure: var(--judge); } .figure-data { --tone-figure: var(--data); }
#models { margin-top: 18px; }
.ribbon { list-style: none; margin: 0; padding: 0; display: flex; gap: 0; align-items: stretch; overflow-x: auto; }
.ribbon li { display: flex; flex: 1 1 96px; min-width: 0; } .ribbon li:first-child { flex-basis: 0; }
.model { flex: 1; min-width: 150px; background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 16px 15px 20px; box-shadow: inset 0 -5px 0 var(--tone); overflow: clip; }
.model.result { border-color: var(--tone); }
.model h3 { font-size: 1.5rem; margin: 0; display: flex; align-items: center; gap: 10px; flex-wrap: wrap; }
.role { font-size: 0.8rem; color: var(--ink-soft); margin: 2px 0 10px; min-height: 2.5em; line-height: 1.25; }
.big { font-size: 1.9rem; margin: 0 0 6px; color: var(--truth); } .big small { font: 600 0.9rem/1 system-ui, sans-serif; margin-left: 4px; }
.rose { color: var(--good); } .fell { color: var(--bad); }
.model dl { display: grid; grid-template-columns: 1fr auto; gap: 1px 8px; margin: 12px 0 0; font-size: 0.84rem; } .model dt { color: var(--ink-soft); white-space: nowrap; } .model dd { margin: 0; text-align: right; font-weight: 600; }
.meter { position: relative; height: 7px; border-radius: 4px; background: var(--line); overflow: hidden; }
.meter i { position: absolute; inset: 0 auto 0 0; background: var(--truth); } .meter b { position: absolute; top: 0; bottom: 0; background: color-mix(in oklab, var(--ink) 55%, transparent); min-width: 1px; }
.model .pill { padding: 0 8px; font-size: 0.7rem; }
.arrow { align-self: center; flex: none; width: 82px; margin: 0; text-align: center; font-size: 0.78rem; line-height: 1.25; color: var(--ink-soft); padding: 0 6px 12px; position: relative; }
.arrow b { display: block; color: var(--ink); } .arrow::after { content: ""; position: absolute; left: 8px; right: 12px; bottom: 2px; border-bottom: 1.5px solid var(--line-strong); }
.arrow::before { content: ""; position: absolute; right: 11px; bottom: -2px; width: 7px; height: 7px; border: solid var(--line-strong); border-width: 1.5px 1.5px 0 0; transform: rotate(45deg); }
@media (max-width: 900px) { .ribbon { flex-direction: column; } .ribbon li { flex-direction: column; } .arrow { width: auto; padding: 10px; display: flex; gap: 8px; justify-content: center; } .arrow::after, .arrow::before { display: none; } .arrow b::before { content: "↓ "; } .role { min-height: 0; } }
.notices { list-style: none; margin: 12px 0 0; padding: 0; display: grid; gap: 12px; }
.notices li { display: flex; gap: 14px; background: color-mix(in oklab, var(--caution) 9%, var(--card)); border: 1px solid color-mix(in oklab, var(--caution) 40%, var(--line)); border-left: 5px solid var(--caution); border-radius: 12px; padding: 14px 18px; }
.notices .sign { color: var(--caution); font-size: 1.4rem; line-height: 1.1; } .notices p { margin: 0; max-width: 82ch; } .notices small { border: 1px solid var(--line-strong); border-radius: 99px; padding: 0 9px; margin-left: 6px; }
.calm { margin-top: 18px; color: var(--ink-soft); font-size: 0.9rem; border: 1px solid var(--line); border-radius: 12px; padding: 12px 18px; background: color-mix(in oklab, var(--good) 5%, var(--card)); } .calm p { margin: 0; } .calm b { color: var(--good); }`;

const FIGURES = `
figcaption p { color: var(--ink-soft); font-size: 0.88rem; margin-bottom: 0.9em; max-width: 70ch; }
figure.card { display: flex; flex-direction: column; } figure .numbers { margin-top: auto; }
.chart { display: block; width: 100%; height: auto; margin-inline: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow: visible; }
.wide .chart { max-width: 700px; } .full .wide .chart { max-width: none; } .narrow { display: none; }
@media (max-width: 600px) { .wide { display: none; } .narrow { display: block; } }
.grid { stroke: var(--line); } .zero { stroke: var(--ink-soft); } .tick { fill: var(--ink-soft); font-size: 12px; } .tick.strong { fill: var(--ink); font-weight: 600; font-size: 13px; }
.line { fill: none; stroke: var(--tone); stroke-width: 2.4; stroke-linejoin: round; stroke-linecap: round; } .line.dashed { stroke-dasharray: 2 5; }
.bar { fill: none; stroke: var(--tone); stroke-width: 1.4; opacity: 0.75; } .point { fill: var(--tone); stroke: var(--card); stroke-width: 1.5; }
.value { fill: var(--tone-text, var(--ink)); font-size: 12px; font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3.5px; stroke-linejoin: round; }
.name { fill: color-mix(in oklab, var(--tone) 58%, var(--ink)); font-weight: 600; font-size: 12.5px; } .leader { stroke: var(--tone); opacity: 0.4; fill: none; } .leader.far { stroke-dasharray: 1 5; stroke-linecap: round; }
.tick.note { paint-order: stroke; stroke: var(--card); stroke-width: 4px; } .reference { stroke: var(--ink-faint); stroke-dasharray: 3 4; } .excess { fill: var(--self-wash); }
.span { stroke: var(--tone); stroke-width: 5; stroke-linecap: round; opacity: 0.32; } .dot { fill: var(--tone); stroke: var(--card); stroke-width: 1.2; } .dot.hollow { fill: var(--card); stroke: var(--tone); stroke-width: 2; }
.mark { stroke: var(--ink); stroke-width: 2.5; } .row-name { fill: var(--ink); font-size: 12.5px; } .row-note { fill: var(--ink-soft); font-weight: 600; }
.column { fill: var(--tone); }
.bars { table-layout: fixed; margin-top: 6px; } .bars th:first-child { width: 34%; } .bars th, .bars td { vertical-align: middle; white-space: nowrap; padding: 5px 8px; } .bars th[scope="row"] { white-space: normal; text-align: left; padding-left: 0; overflow-wrap: anywhere; } .bars small { display: block; line-height: 1.35; }
.bars th[scope="col"] + td { width: auto; } .bars thead th:nth-child(n + 3) { width: 5.6em; } .bars tbody td:last-child { min-width: 0; white-space: nowrap; } .bars tbody td:nth-child(2) { white-space: normal; text-align: left; }
.track { position: relative; height: 16px; } .track i { position: absolute; top: 0; bottom: 0; min-width: 2px; border-radius: 2px; }
.numbers { font-size: 0.86rem; padding-top: 12px; } .numbers summary { cursor: pointer; color: var(--ink-soft); width: fit-content; } .numbers summary:hover { color: var(--ink); }
/* Where a table goes on at a side, that side is shaded; at the end its own ground covers the shade. */
.scroll { --ground: var(--paper); overflow-x: auto; margin-top: 8px; background: linear-gradient(to right, var(--ground) 40%, transparent) 0 0 / 48px 100% no-repeat local, linear-gradient(to left, var(--ground) 40%, transparent) 100% 0 / 48px 100% no-repeat local, linear-gradient(to right, var(--shade), transparent) 0 0 / 18px 100% no-repeat scroll, linear-gradient(to left, var(--shade), transparent) 100% 0 / 18px 100% no-repeat scroll; }
.card .scroll { --ground: var(--card); } .scroll-hint { display: none; margin: 0; font-size: 0.78rem; color: var(--ink-soft); }
@media (max-width: 600px) { .scroll-hint { display: block; } }
.legend { margin: 14px 0 0; font-size: 0.82rem; color: var(--ink-soft); max-width: 78ch; }
table { border-collapse: collapse; width: 100%; font-size: 0.86rem; } th, td { padding: 6px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--ink-soft); font-size: 0.8rem; vertical-align: bottom; } th:first-child { text-align: left; padding-left: 0; } tbody th { font-weight: 600; } th small { display: block; font-weight: 400; } tbody td:last-child { white-space: normal; min-width: 9em; }
code { font: 0.92em ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.heat { border-collapse: separate; border-spacing: 4px; table-layout: fixed; } .heat th, .heat td { border: 0; text-align: center; white-space: normal; padding: 6px 4px; } .heat th[scope="row"] { text-align: left; width: 6.2em; }
.heat tbody td { background: color-mix(in oklab, var(--heat-color) var(--heat), var(--card)); border-radius: 8px; padding: 14px 4px; min-width: 0; } .heat td b { display: block; font-size: 1.15rem; } .heat td small { color: var(--ink); font-size: 0.76rem; } .heat .own { outline: 2px solid var(--judge); outline-offset: -2px; }
.duels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 22px 34px; }
.stack-row { display: grid; grid-template-columns: 6.4em 1fr; gap: 10px; align-items: center; font-size: 0.84rem; color: var(--ink-soft); margin-top: 6px; }
.stack { display: flex; gap: 2px; height: 26px; border-radius: 6px; overflow: hidden; } .stack i { font: 600 0.78rem/26px system-ui, sans-serif; text-align: center; color: #fff; min-width: 2px; }
.win { background: var(--win); } .tie { background: var(--tie); } .stack i.tie { color: var(--ink); } .lose { background: var(--lose); }
.key { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 0.8rem; color: var(--ink-soft); margin: 12px 0 0; } .key span { background: none; display: inline-flex; align-items: center; gap: 6px; } .key span::before { content: ""; width: 11px; height: 11px; border-radius: 3px; } .key .win::before { background: var(--win); } .key .tie::before { background: var(--tie); } .key .lose::before { background: var(--lose); }`;

const ROUNDS = `
.round h3 small { margin-left: 8px; }
.funnel { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 14px 0; margin: 14px 0 0; padding: 0; }
.funnel li { padding: 2px 18px; border-left: 1px solid var(--line); } .funnel li:first-child { padding-left: 0; border: 0; } .funnel b { display: block; font-size: 1.7rem; } .funnel span { font-size: 0.86rem; color: var(--ink-soft); } .funnel li + li span::before { content: "→ "; color: var(--ink-faint); } .funnel small { display: block; margin-top: 4px; line-height: 1.35; }
.round-foot { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 260px), 1fr)); gap: 22px 40px; margin-top: 20px; padding-top: 16px; border-top: 1px solid var(--line); }
.histogram { list-style: none; display: flex; gap: 6px; height: 78px; margin: 0; padding: 0; max-width: 320px; } .histogram li { flex: 1; display: grid; grid-template-rows: 1fr auto; align-items: end; text-align: center; font-size: 0.76rem; color: var(--ink-soft); } .histogram i { background: var(--self); border-radius: 3px 3px 0 0; min-height: 1px; opacity: 0.85; }
.pairs { display: grid; gap: 18px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 470px), 1fr)); align-items: start; } .more-pairs { margin-top: 18px; } .more-pairs summary { cursor: pointer; color: var(--ink-soft); margin-bottom: 14px; width: fit-content; } .pairs .card + .card { margin-top: 0; } .pair h3 { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; }
.prompt { margin: 6px 0 14px; padding: 0 0 0 14px; border-left: 3px solid var(--line-strong); font-size: 1.04rem; white-space: pre-wrap; }
.sides { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px; } .side { border: 1px solid var(--line); border-radius: 10px; padding: 12px 14px; border-top: 3px solid var(--side); } .chosen { --side: var(--win); } .rejected { --side: var(--lose); }
.side h4 { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; } .chip { font: 600 0.8rem/1.6 system-ui, sans-serif; border-radius: 99px; padding: 0 10px; color: var(--card); } .chip.self { background: var(--self); margin-left: auto; } .chip.truth { background: var(--truth); }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 0.9rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
.rationale { color: var(--ink-soft); font-style: italic; font-size: 0.9rem; margin: 10px 0 0; } .rationale span { white-space: pre-wrap; } .empty { color: var(--ink-faint); font-style: italic; margin: 0; }
.card > .lead { font-size: 0.88rem; margin-bottom: 0.9em; max-width: 76ch; } .facts td { text-align: left; white-space: normal; overflow-wrap: anywhere; } .facts th:first-child { width: 34%; white-space: normal; } .card > .key + .lead { margin-top: 0.9em; }
@media (max-width: 600px) { .bars th:first-child { width: 30%; } .bars thead th:nth-child(n + 3) { width: 4.4em; } .bars th, .bars td { font-size: 0.78rem; padding: 5px 4px; } .bars td:last-child, .bars th:last-child { padding-right: 0; } .bars th:first-child { padding-left: 0; } }
.said { margin: 0 0 0.5em; white-space: pre-wrap; overflow-wrap: anywhere; }
.alike { margin: 0 0 1em; padding-left: 1.15em; }
.prose ul { margin: 0; padding-left: 1.15em; } .prose li { margin-bottom: 0.6em; } .prose li:last-child { margin: 0; }
.recipe { max-height: 720px; overflow: auto; font-size: 0.82rem; }
@media (max-width: 700px) { .sides { grid-template-columns: minmax(0, 1fr); } .funnel { grid-template-columns: minmax(0, 1fr); } .funnel li { border-left: 0; padding: 0; } .stack-row { grid-template-columns: 1fr; gap: 2px; } }`;

const PRINT = `
@media print {
  :root { --paper: #fff; --card: #fff; }
  body { font-size: 11pt; } nav, .skip, .numbers, .scroll-hint { display: none; } main, footer { width: 100%; }
  .card, .model, .notices li, .verdict { break-inside: avoid; } section { margin-top: 28px; } h2, h3 { break-after: avoid; }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; } .recipe { max-height: none; } .scroll { overflow: visible; }
}`;

/** The whole style sheet. Contains no data and no reference to anything outside. */
export const STYLE = [COLORS, PAGE, VERDICT, FIGURES, ROUNDS, PRINT].join("\n");
