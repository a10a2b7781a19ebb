/**
 * How a page looks: light and dark as the reader's system says, and on paper. Colours of series are Okabe and Ito's, which the
 * colour-blind can tell apart; dark on light paper, and the lighter ones on a dark screen.
 */
export const style = `
:root{color-scheme:light dark;--ink:#1c2024;--soft:#5b6570;--paper:#fff;--panel:#f5f6f8;--line:#d5d9de;--link:#0060a0;--pale:#c3cad1;--hot:#7fbce0;
--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b0508a;--s4:#8a6d00;--s5:#3a8fc4;--s6:#444;
--tp:#56b4e9;--fp:#f0a000;--fn:#d6409f;--truth:#56b4e9;--prediction:#ffb000}
@media (prefers-color-scheme:dark){:root{--ink:#e6e9ec;--soft:#a3adb8;--paper:#14171a;--panel:#1e2327;--line:#3a424a;--link:#7cc4f5;--pale:#4b545d;--hot:#1f5f8b;
--s0:#56b4e9;--s1:#e69f00;--s2:#2fc79d;--s3:#dd90bf;--s4:#f0e442;--s5:#7da7ff;--s6:#bbb}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.page{max-width:1240px;margin:0 auto;padding:24px 20px 60px}
h1{font-size:1.7em;margin:0 0 4px;line-height:1.2}h2{font-size:1.25em;margin:40px 0 10px;padding-top:10px;border-top:1px solid var(--line)}
h3{font-size:1.02em;margin:0 0 8px}p{margin:6px 0 12px;max-width:80ch}.note,small,figcaption,caption{color:var(--soft)}
a{color:var(--link)}nav{margin:10px 0 18px;display:flex;flex-wrap:wrap;gap:4px 16px}
:focus-visible{outline:2px solid var(--link);outline-offset:2px;border-radius:2px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(170px,1fr));gap:10px;margin:14px 0;padding:0}
.tile{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 14px}
.tile dt{color:var(--soft);font-size:.86em}.tile dd{margin:0}.tile .big{font-size:1.5em;font-weight:600;line-height:1.25}
.tile small{display:block;overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:0 0 18px;max-height:34em;overflow-y:auto;border:1px solid var(--line);border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:.86em}caption{text-align:left;padding:8px 10px 4px;font-size:1em}
th,td{padding:4px 9px;text-align:left;white-space:nowrap;border-top:1px solid var(--line)}
thead th{border:0;padding:0;background:var(--panel);position:sticky;top:0;z-index:1}tbody th{font-weight:500;position:sticky;left:0;background:var(--paper)}
.interval{display:block;white-space:nowrap}.number{text-align:right;font-variant-numeric:tabular-nums}
th button{font:inherit;font-weight:600;color:inherit;background:none;border:0;padding:6px 9px;width:100%;text-align:inherit;cursor:pointer;white-space:nowrap}
th button:hover{background:var(--line)}
th button span::after{content:"\\2195";opacity:.35;margin-left:4px}
[aria-sort=ascending] button span::after{content:"\\2191";opacity:1}[aria-sort=descending] button span::after{content:"\\2193";opacity:1}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:8px 0 16px}dl.facts dt{color:var(--soft)}dl.facts dd{margin:0;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:16px;margin:0 0 16px}
figure{margin:0}.chart{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 12px}.chart strong{color:var(--ink)}
.chart svg{display:block;width:100%;height:auto;overflow:visible}.chart text{fill:var(--soft);font-size:11.5px}.chart text.name{fill:var(--ink)}
.grid{stroke:var(--line);stroke-width:1}.base{stroke:var(--soft)}
.s0{--c:var(--s0)}.s1{--c:var(--s1)}.s2{--c:var(--s2)}.s3{--c:var(--s3)}.s4{--c:var(--s4)}.s5{--c:var(--s5)}.s6{--c:var(--s6)}
polyline{fill:none;stroke:var(--c);stroke-width:2;stroke-linejoin:round}.s1 polyline{stroke-dasharray:7 3}.s2 polyline{stroke-dasharray:2 3}
.chart circle{fill:var(--c);stroke:var(--panel);stroke-width:.8}.strip circle{fill-opacity:.85}
.violin{fill:var(--c);fill-opacity:.18;stroke:var(--c);stroke-opacity:.5}.median{stroke:var(--ink);stroke-width:2.5}.quartile{stroke:var(--soft);stroke-width:1}
.reading .item{opacity:.3}.reading .item.on{opacity:1}circle.item.on{r:5.5;stroke:var(--ink)}
.shade{--c:color-mix(in oklab,var(--pale),var(--s0) calc(var(--t)*100%))}.better{--c:var(--s2)}.worse{--c:var(--s1)}.equal{--c:var(--soft)}.mean{--c:var(--ink)}
.parallel polyline{stroke-width:1.6;stroke-opacity:.85}.parallel .worse polyline{stroke-dasharray:6 3}.parallel .mean polyline,.parallel .item.on polyline{stroke-width:4;stroke-opacity:1}
.legend i.better,.legend i.mean{border-top-style:solid}.legend i.worse{border-top-style:dashed}
.heat{width:auto}.heat td,.heat thead th{text-align:right;padding:6px 14px}.heat td{font-variant-numeric:tabular-nums;background:color-mix(in oklab,var(--paper),var(--hot) calc(var(--t,0)*100%))}
.cursor[hidden]{display:none}.mark{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:3 3}.cursor line{stroke:var(--ink)}
.legend{margin-left:8px;font-size:.9em}.legend>span{white-space:nowrap;margin-right:12px}.legend i{display:inline-block;width:18px;height:0;border-top:3px solid var(--c);vertical-align:middle;margin-right:5px}
.legend i.s1{border-top-style:dashed}.legend i.s2{border-top-style:dotted}
.chart output{display:block;min-height:1.5em;font-size:.86em;color:var(--soft);font-variant-numeric:tabular-nums}.plot{position:relative}
.keys{display:flex;flex-wrap:wrap;gap:4px 18px;margin:6px 0 14px;padding:0;list-style:none}.keys i{display:inline-block;width:22px;height:12px;vertical-align:-1px;margin-right:6px}
.keys .line{height:0;border-top:3px solid;vertical-align:middle}.keys .t{border-color:var(--truth)}.keys .p{border-color:var(--prediction);border-top-style:dashed}
.keys .on-dark{background:#333;padding:2px 6px;border-radius:4px;color:#fff}
.k-tp{background:var(--tp)}.k-fp{background:var(--fp)}.k-fn{background:var(--fn)}.scale{width:90px!important;border:1px solid var(--line)}
.case{border:1px solid var(--line);border-radius:8px;padding:12px 14px;margin:0 0 14px;break-inside:avoid}.case h3 small{font-weight:400;margin-left:8px}
.slices{display:flex;flex-wrap:wrap;gap:12px}.slice{width:min-content}.slice figcaption{font-size:.82em}.panels{display:flex;gap:4px}
.panels svg{background:#000;display:block}.panels image{image-rendering:pixelated}
.truth{fill:none;stroke:var(--truth);stroke-width:1.8;vector-effect:non-scaling-stroke}
.prediction{fill:none;stroke:var(--prediction);stroke-width:1.8;stroke-dasharray:5 3;vector-effect:non-scaling-stroke}
.area{fill-opacity:.6;fill-rule:evenodd;stroke-width:1;vector-effect:non-scaling-stroke}
.area.tp{fill:var(--tp);stroke:var(--tp);fill-opacity:.35}.area.fp{fill:var(--fp);stroke:var(--fp)}.area.fn{fill:var(--fn);stroke:var(--fn)}
.bar rect.tp{fill:var(--tp)}.bar rect.fp{fill:var(--fp)}.bar rect.fn{fill:var(--fn)}.bar{vertical-align:middle}
details{margin:0 0 16px}summary{cursor:pointer;color:var(--link);margin-bottom:8px}pre{overflow-x:auto;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:10px 12px;font-size:.84em}
.dag{max-width:100%;height:auto}
@media print{:root{color-scheme:light;--ink:#000;--soft:#444;--paper:#fff;--panel:#fff;--line:#bbb;--link:#000;--pale:#c3cad1;--hot:#7fbce0;
--s0:#0072b2;--s1:#d55e00;--s2:#009e73;--s3:#b0508a;--s4:#8a6d00;--s5:#3a8fc4;--s6:#444}
body{font-size:10.5pt}nav,.chart output,th button span{display:none}.page{max-width:none;padding:0}.scroll{max-height:none;overflow:visible;border:0}
.charts{grid-template-columns:repeat(3,1fr);gap:3mm}.panels svg{max-width:27mm;height:auto}.slices{gap:2mm}.panels{gap:.5mm}thead th,tbody th{position:static}table{font-size:6.6pt}th button,th,td{padding:2px 3px;white-space:normal}.chart,.case,.tile,.slice,.scroll,tr{break-inside:avoid}h2{break-after:avoid;margin-top:18px}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`
