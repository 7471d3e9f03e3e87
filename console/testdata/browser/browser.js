// What the suite and the pictures share: a browser, people in it, and what must
// never happen on a page.
import { chromium } from "playwright-core";

export const base = process.env.WAPAS_URL;
export const password = process.env.WAPAS_PASSWORD ?? "wapas-demo-password";
export const roles = ["viewer", "support", "finance", "admin"];

// Launch starts Debian's Chromium, or the one that WAPAS_CHROMIUM names.
export const launch = () => chromium.launch({
	executablePath: process.env.WAPAS_CHROMIUM ?? "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb"],
});

// Person opens a window of its own for somebody and signs in. What goes wrong in
// it is gathered in the window's .wrong: words of the console, uncaught errors,
// answers of 400 and more, requests that fail or leave the server.
export async function person(browser, role, options = {}) {
	const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-IN", timezoneId: "Asia/Kolkata", reducedMotion: "reduce", ...options });
	const page = await context.newPage();
	page.wrong = [];
	watch(page);
	await page.goto(base + "/console/");
	await page.getByLabel("E-mail address").fill(`${role}@wapas.local`);
	await page.getByLabel("Password").fill(password);
	await page.getByRole("button", { name: "Sign in" }).click();
	await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
	return page;
}

// Expect says that the next answers of this status are meant.
export function watch(page) {
	page.expected = new Set();
	page.on("console", (m) => {
		const meant = [...page.expected].some((s) => m.text().includes(`status of ${s}`));
		if (["error", "warning"].includes(m.type()) && !meant) page.wrong.push(`${page.url()} says: ${m.text()}`);
	});
	page.on("pageerror", (e) => page.wrong.push(`${page.url()} throws: ${e}`));
	page.on("requestfailed", (r) => {
		const why = r.failure()?.errorText;
		if (why !== "net::ERR_ABORTED") page.wrong.push(`${r.url()} failed: ${why}`);
	});
	page.on("request", (r) => {
		if (!r.url().startsWith(base) && !r.url().startsWith("data:") && !r.url().startsWith("blob:")) page.wrong.push(`${page.url()} asked for ${r.url()}`);
	});
	page.on("response", (r) => {
		if (r.status() >= 400 && !page.expected.has(r.status())) page.wrong.push(`${r.status()} from ${r.request().method()} ${r.url()}, on ${page.url()}`);
	});
}
