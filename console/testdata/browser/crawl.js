// Every page as every role: whoever is shown a link may follow it, and no page
// says anything to the console, asks for anything elsewhere, or breaks.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { base, launch, person, roles } from "./browser.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

// Shape is a path with what stands for a thing taken out: two refunds are one
// shape of page.
const shape = (url) => new URL(url).pathname
	.replace(/\/[a-z]+_[A-Za-z0-9_]+/g, "/{id}").replace(/\/[A-Za-z0-9]{14}(?=\/|$)/g, "/{id}").replace(/\/\d[\w:.-]*/g, "/{n}").replace(/\/[\w-]*:[^/]*/g, "/{account}");

// perShape is how many pages of one shape are opened: of things that are shown,
// the admin opens two.
const perShape = (s, role) => s.includes("{") && role === "admin" ? 2 : 1;

// Walk opens what can be reached by links from the overview.
async function walk(page, role, within, found) {
	const seen = new Map();
	const queue = [page.url()];
	const asked = new Set(queue);
	while (queue.length > 0) {
		const url = queue.shift();
		const s = shape(url);
		if ((seen.get(s) ?? 0) >= perShape(s, role)) continue;
		seen.set(s, (seen.get(s) ?? 0) + 1);
		const answer = await page.goto(url);
		if (!answer.ok()) { page.wrong.push(`${answer.status()} at ${url}`); continue; }
		await found?.(page, s, seen.get(s));
		const links = await page.$$eval("a[href]:not([download])", (all) => all.map((a) => a.href));
		for (const link of links) {
			const u = new URL(link);
			u.hash = "";
			if (u.origin !== base || !u.pathname.startsWith("/console/") || /\.(csv|pdf|json|jsonl|zip)$/.test(u.pathname) || u.searchParams.has("download")) continue;
			if (!within.some((book) => u.pathname.startsWith(`/console/${book}/`))) continue;
			if (asked.has(u.href)) continue;
			asked.add(u.href);
			queue.push(u.href);
		}
	}
	return seen;
}

// Faults are what axe-core finds serious or critical on the page: by all rules as it
// stands, and then by those for which it is another page: in the dark those of
// colours, on a phone all others. Wider than a phone is a fault, too.
async function faults(page, name) {
	await page.evaluate(axe);
	const found = [];
	const look = async (how, rules) => found.push(...await page.evaluate(async ({ how, rules }) => {
		const all = await globalThis.axe.run(document, { resultTypes: ["violations"], elementRef: false, ...rules });
		return all.violations.filter((v) => ["serious", "critical"].includes(v.impact))
			.map((v) => `${how}: ${v.id} (${v.help}): ${v.nodes.slice(0, 3).map((n) => n.target.join(" ") + " " + (n.any[0]?.message ?? "")).join(" | ")}`);
	}, { how: `${name}, ${how}`, rules }));
	await look("light", {});
	await page.emulateMedia({ colorScheme: "dark" });
	await look("dark", { runOnly: { type: "rule", values: ["color-contrast", "link-in-text-block"] } });
	await page.emulateMedia({ colorScheme: null });
	const size = page.viewportSize();
	await page.setViewportSize(phone);
	await look("on a phone", { rules: { "color-contrast": { enabled: false } } });
	found.push(...await overflow(page, `${name}, on a phone`));
	await page.setViewportSize(size);
	return found;
}

const phone = { width: 360, height: 740 };

// Overflow says by how much a page is wider than its window, and what is; nothing if
// it is not.
const overflow = (page, name) => page.evaluate((name) => {
	const wide = document.scrollingElement.scrollWidth - innerWidth;
	if (wide <= 0) return [];
	const all = [...document.querySelectorAll("main *, header *, nav *")].filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".scroll, pre"));
	return [`${name}: ${wide} px too wide: ${all.slice(0, 3).map((e) => e.tagName + "." + e.className).join(", ")}`];
}, name);

const browser = await launch();
const wrong = [];
let pages = 0;
const firsts = new Map(); // the first address of each shape that the admin found
await Promise.all(roles.map(async (role) => {
	const page = await person(browser, role);
	const seen = await walk(page, role, role === "admin" ? ["test", "live"] : ["test"], async (p, s, nth) => {
		pages++;
		// A live book has the same pages, with less on them.
		if (role === "admin" && nth === 1 && (s === "/console/live/" || !s.startsWith("/console/live/"))) {
			firsts.set(s, p.url());
			wrong.push(...await faults(p, s));
		}
		const ones = await p.$$eval("h1", (all) => all.length);
		if (ones !== 1) wrong.push(`${p.url()} has ${ones} headings of the first level`);
	});
	wrong.push(...page.wrong.map((w) => `${role}: ${w}`));
	console.log(`${role}: ${seen.size} shapes of pages`);
	await page.context().close();
}));
// Each shape that is of no one thing again, without a script.
const page = await person(browser, "admin", { viewport: phone, javaScriptEnabled: false });
for (const [s, url] of firsts) {
	if (s.includes("{")) continue;
	await page.goto(url);
	pages++;
	wrong.push(...await overflow(page, `without a script ${s}`));
	const text = await page.locator("main").innerText();
	if (text.trim().length < 20) wrong.push(`without a script ${s} shows nothing`);
}
wrong.push(...page.wrong.map((w) => `without a script: ${w}`));
await page.context().close();
await browser.close();
console.log(`${pages} pages opened, ${firsts.size} shapes`);
if (process.env.WAPAS_SHAPES) console.log([...firsts.keys()].sort().join("\n"));
for (const w of [...new Set(wrong)]) console.log("WRONG", w);
process.exit(wrong.length > 0 ? 1 : 0);
