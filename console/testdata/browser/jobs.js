// The main jobs, done by clicking as a person would.
import assert from "node:assert/strict";
import { base, launch, person } from "./browser.js";

const browser = await launch();
const key = "Basic " + Buffer.from("rzp_test_wapasDemo00001:wapasDemoSecret000000001").toString("base64");

// Api makes a call of the Razorpay room.
async function api(method, path, body) {
	const answer = await fetch(base + path, {
		method, headers: { Authorization: key, "Content-Type": "application/json" }, body: body && JSON.stringify(body),
	});
	const said = await answer.json();
	assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(said)}`);
	return said;
}

// Job does one of them in a window of its own.
async function job(name, role, work) {
	const page = await person(browser, role);
	page.setDefaultTimeout(8000);
	try {
		await work(page);
		assert.deepEqual(page.wrong, []);
		console.log("ok", name);
	} catch (e) {
		console.log("NOT OK", name, "at", page.url(), "\n", e.stack ?? e, "\n", page.wrong, "\n", (await page.locator("main").innerText().catch(() => "")).slice(0, 1500));
		process.exitCode = 1;
	}
	await page.context().close();
}

// Captured makes a payment of an order by UPI.
async function captured(amount, contact) {
	const order = await api("POST", "/v1/orders", { amount, currency: "INR", payment_capture: true });
	const form = await api("POST", "/v1/payments/create/json", {
		amount, currency: "INR", order_id: order.id, email: "leela@example.com", contact, method: "upi", vpa: "success@razorpay",
	});
	return form.razorpay_payment_id;
}

const contact = "+919812345670";
const payment = await captured(123456, contact);

await job("find a refund by phone number", "support", async (page) => {
	const refund = await api("POST", `/v1/payments/${payment}/refund`, { amount: 10000 });
	await page.getByRole("searchbox").fill("98123 45670");
	await page.keyboard.press("Enter");
	await page.getByRole("link", { name: refund.id }).first().click();
	await page.getByRole("heading", { level: 1 }).filter({ hasText: "₹100" }).waitFor();
	await page.getByText(refund.id).first().waitFor();
});

await job("make a partial refund and see its entries", "finance", async (page) => {
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Refunds" }).click();
	await page.getByRole("link", { name: "Make a refund" }).click();
	await page.getByRole("main").getByLabel(/Payment/).first().fill(payment);
	await page.getByRole("button", { name: /Find|Look/ }).click();
	await page.getByText("₹1,134.56").first().waitFor(); // what is left
	const choose = page.getByRole("link", { name: /Refund this|Choose/ });
	if (await choose.count() > 0) await choose.first().click();
	await page.getByLabel(/Amount/).first().fill("234.50");
	await page.getByLabel(/Reason/).first().fill("one of three came broken");
	await page.getByRole("button", { name: /Preview|See what/ }).click();
	await page.getByText("₹234.50").first().waitFor();
	await page.getByRole("button", { name: /Make the refund|Refund ₹/ }).click();
	await page.getByRole("heading", { level: 1 }).filter({ hasText: "₹234.50" }).waitFor();
	await page.getByRole("heading", { name: "Entries" }).waitFor();
	await page.getByRole("link", { name: /2010/ }).first().waitFor(); // the merchant's balance
});

await job("resolve an unknown one", "finance", async (page) => {
	const silent = await captured(50029, contact); // .29: the rail never answers
	await api("POST", `/v1/payments/${silent}/refund`, { amount: 50029 });
	await page.goto(base + "/console/test/sandbox");
	await move(page, "6h");
	await page.goto(base + "/console/test/waiting");
	await page.getByText("₹500.29").first().waitFor();
	const row = page.getByRole("row").filter({ hasText: "₹500.29" }).first();
	await row.getByRole("link").first().click();
	await record(page);
});

await job("replay a webhook", "admin", async (page) => {
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Webhooks" }).click();
	await page.getByRole("main").getByRole("link").filter({ hasText: /http/ }).first().click();
	await page.getByRole("button", { name: /again/i }).first().click();
	await page.getByRole("status").waitFor();
});

await job("move the clock and watch a payout end", "admin", async (page) => {
	await page.goto(base + "/console/test/payouts");
	const before = await page.getByRole("row").filter({ hasText: /processing/ }).count();
	await page.goto(base + "/console/test/sandbox");
	await move(page, "3h");
	await page.goto(base + "/console/test/payouts");
	await page.getByRole("row").filter({ hasText: /processed/ }).first().waitFor();
	assert.ok(await page.getByRole("row").filter({ hasText: /processing/ }).count() <= before);
});

// Move moves the clock of the sandbox.
async function move(page, by) {
	await page.getByLabel(/by/i).first().fill(by);
	await page.getByRole("button", { name: /Move/ }).first().click();
	await page.getByRole("status").waitFor();
}

// Record says on the page of a refund or an order how it ended.
async function record(page) {
	await page.getByText(/Record/).first().click();
	await page.getByLabel(/UTR|ARN|reference/i).first().fill("UTR0011223344");
	await page.getByRole("button", { name: /Record|Save/ }).first().click();
	await page.getByRole("status").waitFor();
	await page.getByText(/done|processed/).first().waitFor();
}

await browser.close();
