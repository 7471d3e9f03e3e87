// Pictures of the main pages for the documents: light, dark, and on a phone.
import { mkdirSync } from "node:fs";
import { base, launch, person } from "./browser.js";

const into = process.env.WAPAS_PICTURES;
mkdirSync(into, { recursive: true });
const browser = await launch();
const looks = {
	light: { colorScheme: "light" },
	dark: { colorScheme: "dark" },
	phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 1.5 },
};

// First is the first thing of a kind on a list: wide windows show more of it.
const first = (path, prefix) => async (page) => {
	await page.goto(base + "/console/test/" + path);
	return page.locator(`main a[href*="/${prefix}"]`).first().evaluate((a) => a.href);
};

const pages = {
	overview: "", refunds: "refunds", refund: first("refunds?room=razorpay&to_where=source&state=done", "refunds/rfnd_"),
	newrefund: "refunds/new?payment=pay_JJCqynf4fQS0N1",
	payment: first("transfers", "payments/pay_"), customer: first("transfers", "customers/cust_"),
	books: "books", waiting: "waiting", sandbox: "sandbox",
};
const only = process.argv[2];
const at = {};
for (const [look, options] of Object.entries(looks)) {
	const page = await person(browser, "admin", options);
	for (const [name, where] of Object.entries(pages)) {
		if (only && only !== name) continue;
		try {
			at[name] ??= typeof where === "string" ? base + "/console/test/" + where : await where(page);
			await page.goto(at[name]);
			await page.screenshot({ path: `${into}/${name}-${look}.png`, fullPage: false });
		} catch (e) { console.error(`no picture of ${name}, ${look}: ${e.message.split("\n")[0]}`); process.exitCode = 1; }
	}
	await page.context().close();
}
await browser.close();
