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
	await page.getByLabel("Which payment?").fill(contact);
	await page.getByRole("button", { name: "Find it" }).click();
	await page.getByRole("row").filter({ hasText: payment }).filter({ hasText: "₹1,134.56" }).getByRole("link").first().click(); // what is left
	await page.getByLabel("Amount in rupees").fill("99,999");
	await page.getByLabel("Reason").fill("one of three came broken");
	page.expected.add(422);
	await page.getByRole("button", { name: "See what it will do" }).click();
	await page.getByRole("alert").filter({ hasText: "more than" }).waitFor();
	assert.equal(await page.getByLabel("Reason").inputValue(), "one of three came broken");
	await page.getByLabel("Amount in rupees").fill("234.50");
	await page.getByRole("button", { name: "See what it will do" }).click();
	await page.getByRole("heading", { name: "Entries it will make" }).waitFor();
	await page.getByRole("button", { name: "Give back ₹234.50" }).click();
	await page.getByRole("heading", { level: 1 }).filter({ hasText: "₹234.50" }).waitFor();
	await page.getByRole("heading", { name: /^Entries/ }).waitFor();
	await page.getByRole("link", { name: "Merchant's balance" }).first().waitFor();
});

await job("resolve an unknown one", "finance", async (page) => {
	const silent = await captured(50029, contact); // .29: the rail never answers
	const refund = await api("POST", `/v1/payments/${silent}/refund`, { amount: 50029 });
	await move(page, "1", "hours");
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Waiting" }).click();
	await page.getByRole("row").filter({ hasText: refund.id.slice(-6) }).filter({ hasText: "unknown" }).getByRole("link", { name: "Find out" }).click();
	await page.getByRole("radio").first().check();
	await page.getByLabel("Reference of the bank, if it went").fill("UTR0011223344");
	await page.getByRole("button", { name: "See what it will do" }).click();
	await page.getByRole("button", { name: "Record it" }).click();
	await page.getByRole("status").waitFor();
	const refunds = await api("GET", `/v1/payments/${silent}/refunds`);
	assert.equal(refunds.items[0].status, "processed");
});

await job("replay a webhook", "admin", async (page) => {
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Webhooks" }).click();
	await page.getByRole("main").getByRole("link", { name: "http://localhost:3000/hook", exact: true }).click();
	await page.getByLabel("From event").fill("1");
	await page.getByLabel("to event").fill("3");
	await page.getByRole("button", { name: "Send again", exact: true }).click();
	await page.getByRole("status").waitFor();
});

await job("move the clock and watch a payout end", "admin", async (page) => {
	// A payout that the rail does an hour later: its paise say so.
	const customer = await api("POST", "/v1/customers", { name: "Leela Rao", contact: "+919812345699", email: "leela.rao@example.com", fail_existing: "0" });
	const paid = await captured(200000, contact);
	await api("POST", `/v1/payments/${paid}/transfers`, { transfers: [{ customer: customer.id, amount: 100000, currency: "INR" }] });
	const account = await api("POST", "/v1/fund_accounts", { customer_id: customer.id, account_type: "bank_account", bank_account: { name: "Leela Rao", ifsc: "HDFC0000053", account_number: "765432123456789" } });
	const payout = await api("POST", `/v1/customers/${customer.id}/payouts`, { amount: 50017, currency: "INR", fund_account_id: account.id, purpose: "refund" });
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Payouts" }).click();
	const row = page.getByRole("row").filter({ hasText: payout.id });
	await row.filter({ hasText: "processing" }).waitFor();
	await move(page, "2", "hours");
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Payouts" }).click();
	await row.filter({ hasText: "processed" }).waitFor();
});

// Move moves the clock of the sandbox, and says yes to what becomes due.
async function move(page, by, unit) {
	await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Sandbox" }).click();
	await page.getByLabel("How far ahead").fill(by);
	await page.getByLabel("Unit").selectOption({ label: unit });
	await page.getByRole("button", { name: "See what becomes due" }).first().click();
	await page.getByRole("button", { name: "Change the clock" }).click();
	await page.getByRole("status").waitFor();
}

await browser.close();
