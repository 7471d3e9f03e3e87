// Pictures of the main pages for the documents: light, dark, and on a phone.
import { mkdirSync } from "node:fs";
import { base, launch, person } from "./browser.js";

const into = process.env.WAPAS_PICTURES;
mkdirSync(into, { recursive: true });
const browser = await launch();
const looks = {
	light: { colorScheme: "light" },
	dark: { colorScheme: "dark" },
	phone: { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 },
};

// First follows the first link of a list to a thing.
const first = (path, prefix) => async (page) => {
	await page.goto(base + path);
	await page.locator(`main a[href*="/${prefix}"]`).first().click();
	await page.waitForLoadState();
};

const pages = {
	overview: "", refunds: "refunds", refund: first("/console/test/refunds", "refunds/rfnd_"), newrefund: "refunds/new",
	payment: first("/console/test/transfers", "payments/pay_"), customer: first("/console/test/customers", "customers/cust_"),
	books: "books", waiting: "waiting", webhooks: "webhooks", requests: "requests", sandbox: "sandbox", terms: "settings/terms",
};
const only = process.argv[2];
for (const [look, options] of Object.entries(looks)) {
	const page = await person(browser, "admin", options);
	for (const [name, where] of Object.entries(pages)) {
		if (only && only !== name) continue;
		try {
			if (typeof where === "string") await page.goto(base + "/console/test/" + where);
			else await where(page);
			await page.screenshot({ path: `${into}/${name}-${look}.png`, fullPage: false });
		} catch (e) { console.error(`no picture of ${name}, ${look}: ${e.message.split("\n")[0]}`); process.exitCode = 1; }
	}
	await page.context().close();
}
await browser.close();
