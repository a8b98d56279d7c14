/** Of the page; it loads nothing. Status is told by a shape and a word, and colour only repeats it. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --ink: #1d2329; --quiet: #57616b; --line: #d5dbe1; --inset: #f4f6f8; --link: #0b57b0;
  --fail: #b3181f; --unknown: #7a2d9c; --warn: #855400; --pass: #17693a; --skip: #57616b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14181c; --ink: #e4e8ec; --quiet: #a3adb7; --line: #363e46; --inset: #1d2329; --link: #8ab8f5;
    --fail: #ff8d86; --unknown: #d8a3f0; --warn: #efb95a; --pass: #74d19a; --skip: #a3adb7;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 3rem; max-width: 62rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.2; }
h2 { margin: 2.2rem 0 .6rem; font-size: 1.15rem; }
h3 { margin: 0; font-size: 1rem; font-weight: 600; }
p, ul { margin: .3rem 0; }
a { color: var(--link); }
code, pre { font: .9em/1.45 ui-monospace, monospace; }
pre { margin: .4rem 0; padding: .5rem .7rem; white-space: pre-wrap; background: var(--inset); border: 1px solid var(--line); border-radius: .3rem; }
.quiet { color: var(--quiet); }
.notice { padding: .6rem .8rem; border: 2px solid var(--fail); border-radius: .3rem; }
.verdict { margin: 0 0 .4rem; font-size: 1.25rem; font-weight: 700; letter-spacing: .03em; }
.status { font-weight: 600; white-space: nowrap; }
.fail { color: var(--fail); } .unknown { color: var(--unknown); } .warn { color: var(--warn); } .pass { color: var(--pass); } .skip { color: var(--skip); }
article { margin: .8rem 0; padding: .7rem .9rem; border: 1px solid var(--line); border-left: .3rem solid currentColor; border-radius: .3rem; }
article > * { color: var(--ink); }
article h3 .status { margin-right: .3rem; }
.row { display: grid; grid-template-columns: 6rem 1fr; gap: 0 .6rem; margin: .15rem 0; }
.row b { font-weight: 400; color: var(--quiet); }
details { border-top: 1px solid var(--line); }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { padding: .5rem .2rem; cursor: pointer; }
summary .status { display: inline-block; min-width: 6.5rem; }
.checks { list-style: none; margin: 0 0 .8rem; padding: 0 0 0 .9rem; }
.checks li { margin: .5rem 0; }
.checks ul { padding-left: 1.2rem; font-size: .92rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .95rem; overflow-wrap: normal; }
th, td { padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
th { font-weight: 400; color: var(--quiet); }
footer { margin-top: 2.5rem; font-size: .9rem; color: var(--quiet); }
@media (max-width: 36rem) { .row { grid-template-columns: 1fr; } .row b { font-size: .85rem; } summary .status { min-width: 0; margin-right: .5rem; } }
`;
