// The official Node client, unmodified but for the base URL, taken through
// every method that the Razorpay room has a path for. TestNodeClient starts
// the room, runs this and then asks which routes were not reached.
//
//   WAPAS_URL=http://127.0.0.1:… WAPAS_KEY=… WAPAS_SECRET=… WAPAS_TOKEN=… node suite.js
'use strict'

const assert = require('node:assert/strict')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const Razorpay = require('razorpay')

const { WAPAS_URL: url, WAPAS_KEY: key_id, WAPAS_SECRET: key_secret, WAPAS_TOKEN: oauthToken } = process.env

function client (options) {
  const rzp = new Razorpay(options)
  rzp.api.rq.defaults.baseURL = url // the constructor knows one host only
  return rzp
}

const rzp = client({ key_id, key_secret })

// is checks pairs of path and value; a regular expression is a form of text.
function is (got, want, what) {
  for (const [path, value] of Object.entries(want)) {
    let v = got
    for (const part of path.split('.')) {
      assert.ok(v !== null && v !== undefined && part in Object(v), `${what}: no ${path} in ${JSON.stringify(got)}`)
      v = v[part]
    }
    if (value instanceof RegExp) assert.match(String(v), value, `${what}: ${path}`)
    else assert.deepEqual(v, value, `${what}: ${path} in ${JSON.stringify(got)}`)
  }
  return got
}

// ok waits for an answer and checks it.
async function ok (what, promise, want = {}) {
  let got
  try {
    got = await promise
  } catch (err) {
    throw new Error(`${what}: ${JSON.stringify(err)} ${err.stack || ''}`)
  }
  return is(got, want, what)
}

// refused waits for a refusal: the client's own error, with the vendor's text.
async function refused (what, promise, statusCode, description, more = {}) {
  let got
  try {
    got = await promise
  } catch (err) {
    is(err, { statusCode, 'error.description': description, ...more }, what)
    return
  }
  throw new Error(`${what}: not refused: ${JSON.stringify(got)}`)
}

// test asks the service for something that only tests can have.
async function test (what) {
  const res = await fetch(`${url}/test/${what}`, { method: 'POST' })
  assert.equal(res.status, 200)
}

// file is a PDF on disk; the directory goes with the process.
const files = fs.mkdtempSync(path.join(os.tmpdir(), 'wapas-node-'))
process.on('exit', () => fs.rmSync(files, { recursive: true }))
function file (name) {
  const at = path.join(files, name)
  fs.writeFileSync(at, `%PDF-1.4 ${name}`)
  return at
}

async function pay (amount, order = {}) {
  const o = await ok('orders.create', rzp.orders.create({ amount, currency: 'INR', ...order }), {
    id: /^order_\w{14}$/, entity: 'order', amount, status: 'created'
  })
  const p = await ok('payments.createUpi', rzp.payments.createUpi({
    amount, currency: 'INR', order_id: o.id, email: 'gaurav@example.com', contact: '9123456789', method: 'upi',
    upi: { flow: 'collect', vpa: 'success@razorpay', expiry_time: 5 }
  }), { razorpay_payment_id: /^pay_\w{14}$/ })
  return { order: o.id, payment: p.razorpay_payment_id }
}

async function customers () {
  const fields = { name: 'Gaurav Kumar', contact: 9123456780, email: 'gaurav.kumar@example.com', notes: { key: 'value' } }
  const { id } = await ok('customers.create', rzp.customers.create(fields), {
    id: /^cust_\w{14}$/, entity: 'customer', contact: '+919123456780', gstin: null, 'notes.key': 'value'
  })
  await ok('customers.create, fail_existing as a number', rzp.customers.create({ ...fields, fail_existing: 0 }), { id })
  await ok('customers.create, fail_existing as a text', rzp.customers.create({ ...fields, fail_existing: '0' }), { id })
  await refused('customers.create twice', rzp.customers.create(fields), 400, 'Customer already exists for the merchant', { 'error.code': 'BAD_REQUEST_ERROR' })
  await ok('customers.edit', rzp.customers.edit(id, { name: 'Gaurav K' }), { id, name: 'Gaurav K' })
  await ok('customers.fetch', rzp.customers.fetch(id), { id, name: 'Gaurav K' })
  await ok('customers.all', rzp.customers.all({ count: 1 }), { entity: 'collection', count: 1, 'items.0.id': id })
  const bank = await ok('customers.addBankAccount', rzp.customers.addBankAccount(id, {
    ifsc_code: 'UTIB0000194', account_number: '916010082985661', beneficiary_name: 'Pratheek', beneficiary_address1: 'address 1',
    beneficiary_email: 'random@email.com', beneficiary_mobile: '8762489310', beneficiary_city: 'Bangalore', beneficiary_state: 'KA', beneficiary_country: 'IN'
  }), { id: /^ba_\w{14}$/ })
  await ok('customers.deleteBankAccount', rzp.customers.deleteBankAccount(id, bank.id), { status: 'deleted' })
}

async function accounts () {
  const made = []
  for (const name of ['seller1', 'seller2']) {
    const a = await ok('accounts.create', rzp.accounts.create({
      email: `${name}@example.com`, phone: '9999999999', type: 'route', reference_id: name,
      legal_business_name: 'Acme Corp', business_type: 'partnership', contact_name: 'Gaurav Kumar',
      profile: {
        category: 'healthcare', subcategory: 'clinic',
        addresses: { registered: { street1: '507, Koramangala 1st block', street2: 'MG Road', city: 'Bengaluru', state: 'KARNATAKA', postal_code: 560034, country: 'IN' } }
      },
      legal_info: { pan: 'AAACL1234C', gst: '18AABCU9603R1ZM' }
    }), { id: /^acc_\w{14}$/, entity: 'account', status: 'created', type: 'route', 'profile.addresses.registered.city': 'Bengaluru' })
    made.push(a.id)
  }
  const [seller] = made
  await ok('accounts.fetch', rzp.accounts.fetch(seller), { id: seller, email: 'seller1@example.com' })
  await ok('accounts.edit', rzp.accounts.edit(seller, { customer_facing_business_name: 'Acme' }), { customer_facing_business_name: 'Acme' })

  const holder = await ok('stakeholders.create', rzp.stakeholders.create(seller, {
    percentage_ownership: 10, name: 'Gaurav Kumar', email: 'gaurav.kumar@example.com', relationship: { director: true, executive: false },
    phone: { primary: '9000090000', secondary: '9000090000' }, kyc: { pan: 'AVOPB1111K' }, notes: { random_key: 'random_value' }
  }), { id: /^sth_\w{14}$/, entity: 'stakeholder', name: 'Gaurav Kumar' })
  await ok('stakeholders.fetch', rzp.stakeholders.fetch(seller, holder.id), { id: holder.id })
  await ok('stakeholders.edit', rzp.stakeholders.edit(seller, holder.id, { name: 'Gauri Kumar' }), { name: 'Gauri Kumar' })
  await ok('stakeholders.all', rzp.stakeholders.all(seller), { count: 1, 'items.0.id': holder.id })

  const proof = (name, document_type) => ({
    file: { value: fs.createReadStream(file(name)), options: { filename: name, contentType: null } }, document_type
  })
  await ok('accounts.uploadAccountDoc', rzp.accounts.uploadAccountDoc(seller, proof('deed.pdf', 'business_proof_url')), {
    'business_proof_of_identification.0.type': 'business_proof_url', 'business_proof_of_identification.0.document_id': /^doc_\w{14}$/
  })
  await ok('accounts.fetchAccountDoc', rzp.accounts.fetchAccountDoc(seller), { 'business_proof_of_identification.0.document_id': /^doc_\w{14}$/ })
  await refused('accounts.uploadAccountDoc of an unknown type', rzp.accounts.uploadAccountDoc(seller, proof('deed.pdf', 'deed')), 400, 'The selected document type is invalid.', { 'error.field': 'document_type' })
  await ok('stakeholders.uploadStakeholderDoc', rzp.stakeholders.uploadStakeholderDoc(seller, holder.id, proof('aadhar.pdf', 'aadhar_front')), {
    'individual_proof_of_address.0.type': 'aadhar_front', 'individual_proof_of_address.0.document_id': /^doc_\w{14}$/
  })
  await ok('stakeholders.fetchStakeholderDoc', rzp.stakeholders.fetchStakeholderDoc(seller, holder.id), { 'individual_proof_of_address.0.type': 'aadhar_front' })

  const product = await ok('products.requestProductConfiguration', rzp.products.requestProductConfiguration(seller, {
    product_name: 'route', tnc_accepted: true, ip: '233.233.233.234'
  }), { id: /^acc_prd_\w{14}$/ })
  await ok('products.fetch', rzp.products.fetch(seller, product.id), { id: product.id })
  await ok('products.edit', rzp.products.edit(seller, product.id, {
    settlements: { account_number: '1234567890', ifsc_code: 'HDFC0000317', beneficiary_name: 'Gaurav Kumar' }, tnc_accepted: true
  }), { id: product.id, 'active_configuration.settlements.account_number': '1234567890' })
  await ok('products.fetchTnc', rzp.products.fetchTnc('route'), { product_name: 'route' })
  return made
}

async function orders () {
  const { id } = await ok('orders.create', rzp.orders.create({
    amount: '50000', currency: 'INR', receipt: 'receipt#1', partial_payment: false, notes: { k: 'v' }
  }), { amount: 50000, amount_paid: 0, amount_due: 50000, receipt: 'receipt#1', offer_id: null, attempts: 0, 'notes.k': 'v' })
  await ok('orders.fetch', rzp.orders.fetch(id), { id })
  await ok('orders.fetchTransferOrder', rzp.orders.fetchTransferOrder(id), { id, 'transfers.count': 0 })
  await ok('orders.all', rzp.orders.all({ receipt: 'receipt#1', 'expand[]': 'payments' }), { count: 1, 'items.0.id': id })
  await ok('orders.edit', rzp.orders.edit(id, { notes: { k: 'w' } }), { 'notes.k': 'w' })
  await ok('orders.fetchPayments', rzp.orders.fetchPayments(id), { entity: 'collection', count: 0 })
}

async function payments () {
  const { order, payment } = await pay(50000)
  await ok('payments.fetch', rzp.payments.fetch(payment), { id: payment, entity: 'payment', status: 'authorized', order_id: order, method: 'upi', captured: false, fee: null })
  await refused('payments.capture another amount', rzp.payments.capture(payment, 40000, 'INR'), 400, 'Capture amount must be equal to the amount authorized.')
  await ok('payments.capture', rzp.payments.capture(payment, 50000, 'INR'), { status: 'captured', captured: true })
  await ok('payments.edit', rzp.payments.edit(payment, { notes: { k: 'v' } }), { 'notes.k': 'v' })
  await ok('payments.all', rzp.payments.all({ from: '2025-12-01', to: '2025-12-31', 'expand[]': 'card' }), { count: 1, 'items.0.id': payment })
  await ok('orders.fetchPayments', rzp.orders.fetchPayments(order), { count: 1, 'items.0.id': payment })
  await refused('payments.fetchCardDetails without a card', rzp.payments.fetchCardDetails(payment), 400, 'Payment was not done using card.')

  const o = await ok('orders.create', rzp.orders.create({ amount: 10000, currency: 'INR', payment_capture: 1 }))
  const card = await ok('payments.createPaymentJson', rzp.payments.createPaymentJson({
    amount: 10000, currency: 'INR', order_id: o.id, email: 'gaurav@example.com', contact: 9123456789, method: 'card',
    card: { number: '4111111111111111', cvv: 123, expiry_month: 12, expiry_year: 30, name: 'Gaurav Kumar' }
  }), { razorpay_payment_id: /^pay_\w{14}$/ })
  await ok('payments.fetch with its card', rzp.payments.fetch(card.razorpay_payment_id, { 'expand[]': 'card' }), { method: 'card', 'card.last4': '1111', 'card.network': 'Visa' })
  await ok('payments.fetchCardDetails', rzp.payments.fetchCardDetails(card.razorpay_payment_id), { entity: 'card', last4: '1111' })
  const id = card.razorpay_payment_id
  await ok('payments.otpGenerate', rzp.payments.otpGenerate(id), { razorpay_payment_id: id })
  await ok('payments.otpResend', rzp.payments.otpResend(id), { razorpay_payment_id: id })
  await ok('payments.otpSubmit', rzp.payments.otpSubmit(id, { otp: '123456' }), { razorpay_payment_id: id, razorpay_order_id: o.id })
  await ok('payments.fetch after the OTP', rzp.payments.fetch(id), { status: 'captured' })

  const again = await ok('orders.create', rzp.orders.create({ amount: 10000, currency: 'INR', payment_capture: 1 }))
  const cust = await ok('customers.create', rzp.customers.create({ name: 'Ravi Shah', contact: '9000000001', email: 'ravi@example.com' }))
  await ok('payments.createRecurringPayment', rzp.payments.createRecurringPayment({
    amount: 10000, currency: 'INR', order_id: again.id, customer_id: cust.id, token: 'token_00000000000000',
    email: 'ravi@example.com', contact: '9000000001', recurring: '1'
  }), { razorpay_payment_id: /^pay_\w{14}$/, razorpay_order_id: again.id })
  await ok('payments.validateVpa', rzp.payments.validateVpa({ vpa: 'success@razorpay' }), { vpa: 'success@razorpay', success: true })
  await ok('payments.fetchPaymentMethods', rzp.payments.fetchPaymentMethods(), { entity: 'methods', upi: true })
  await ok('payments.fetchPaymentDowntime', rzp.payments.fetchPaymentDowntime(), { entity: 'collection', count: 0 })
  return payment
}

async function refunds (payment) {
  const { id } = await ok('payments.refund', rzp.payments.refund(payment, { amount: '10000', speed: 'normal', receipt: 'rcpt-1', notes: { k: 'v' } }), {
    id: /^rfnd_\w{14}$/, entity: 'refund', amount: 10000, payment_id: payment, receipt: 'rcpt-1', status: 'processed',
    speed_processed: 'normal', speed_requested: 'normal', batch_id: null, acquirer_data: { rrn: null }, 'notes.k': 'v'
  })
  await refused('payments.refund with the same receipt', rzp.payments.refund(payment, { amount: 10000, receipt: 'rcpt-1' }), 400, 'Duplicate receipt found for this refund request.')
  await refused('payments.refund with a strange field', rzp.payments.refund(payment, { amount: 100, colour: 'red' }), 400, 'colour is/are not required and should not be sent', { 'error.reason': 'extra_field_sent' })
  await ok('payments.fetchMultipleRefund', rzp.payments.fetchMultipleRefund(payment, { count: 10 }), { count: 1, 'items.0.id': id })
  await ok('payments.fetchRefund', rzp.payments.fetchRefund(payment, id), { id })
  await ok('refunds.all', rzp.refunds.all(), { count: 1, 'items.0.id': id })
  await ok('refunds.all of a payment', rzp.refunds.all({ payment_id: payment }), { count: 1, 'items.0.id': id })
  await ok('refunds.fetch', rzp.refunds.fetch(id), { id })
  await ok('refunds.fetch of a payment', rzp.refunds.fetch(id, { payment_id: payment }), { id })
  await ok('refunds.edit', rzp.refunds.edit(id, { notes: { k: 'w' } }), { 'notes.k': 'w' })
  await ok('payments.refund of the rest', rzp.payments.refund(payment, {}), { amount: 40000, notes: [] })
  await test('advance/3s')
  await ok('payments.fetch', rzp.payments.fetch(payment), { status: 'refunded', amount_refunded: 50000, refund_status: 'full' })
}

async function transfers ([seller, other]) {
  const { payment } = await pay(100000, { payment_capture: true })
  const made = await ok('payments.transfer', rzp.payments.transfer(payment, {
    transfers: [
      { account: seller, amount: 20000, currency: 'INR', notes: { branch: 'Acme' }, linked_account_notes: ['branch'], on_hold: '1' },
      { account: other, amount: 30000, currency: 'INR' }
    ]
  }), { entity: 'collection', count: 2, 'items.0.source': payment, 'items.0.recipient': seller, 'items.0.on_hold': true, 'items.0.linked_account_notes': ['branch'] })
  const id = made.items[0].id
  await ok('payments.fetchTransfer', rzp.payments.fetchTransfer(payment), { count: 2 })
  await ok('transfers.all of a payment', rzp.transfers.all({ payment_id: payment }), { count: 2 })
  await ok('transfers.all', rzp.transfers.all(), { count: 2 })
  await ok('transfers.fetchSettlements', rzp.transfers.fetchSettlements(), { entity: 'collection' })
  await ok('transfers.fetch', rzp.transfers.fetch(id), { id, amount: 20000, 'error.id': id, 'error.code': null })
  await ok('transfers.edit', rzp.transfers.edit(id, { on_hold: '0' }), { id, on_hold: false })
  await ok('transfers.create', rzp.transfers.create({ account: seller, amount: 1000, currency: 'INR' }), { recipient: seller, source: /^acc_/, status: 'processed' })
  await ok('transfers.reverse', rzp.transfers.reverse(id, { amount: '5000' }), { id: /^rvrsl_\w{14}$/, entity: 'reversal', transfer_id: id, amount: 5000 })
  await ok('transfers.reverse what is left', rzp.transfers.reverse(id), { amount: 15000 })
  await ok('transfers.fetch', rzp.transfers.fetch(id), { status: 'reversed', amount_reversed: 20000 })

  const o = await ok('orders.create with transfers', rzp.orders.create({
    amount: 5000, currency: 'INR', payment_capture: true, transfers: [{ account: seller, amount: 2000, currency: 'INR', on_hold: 0 }]
  }), { 'transfers.0.status': 'created', 'transfers.0.recipient': seller })
  await ok('orders.fetchTransferOrder', rzp.orders.fetchTransferOrder(o.id), { 'transfers.count': 1 })

  // What a linked account sees of itself.
  const theirs = client({ key_id, key_secret, headers: { 'X-Razorpay-Account': seller } })
  const seen = await ok('transfers.all for a linked account', theirs.transfers.all(), { entity: 'collection' })
  assert.ok(seen.items.length > 0 && seen.items.every(t => t.recipient === seller))
}

async function reverseAll ([seller, other]) {
  const { payment } = await pay(30000, { payment_capture: true })
  const made = await ok('payments.transfer', rzp.payments.transfer(payment, {
    transfers: [{ account: seller, amount: 10000, currency: 'INR' }, { account: other, amount: 15000, currency: 'INR' }]
  }), { count: 2 })
  await ok('payments.refund with reverse_all', rzp.payments.refund(payment, { reverse_all: 1 }), { amount: 30000, status: 'processed' })
  for (const t of made.items) {
    await ok('transfers.fetch', rzp.transfers.fetch(t.id), { status: 'reversed', amount_reversed: t.amount })
  }
}

// The client has no methods for wallets; its users call the paths.
async function wallet () {
  const cust = await ok('customers.create', rzp.customers.create({ name: 'Asha Rao', contact: '9876543210', email: 'asha@example.com' }))
  const { payment } = await pay(40000, { payment_capture: true })
  await ok('load', rzp.payments.transfer(payment, { transfers: [{ customer: cust.id, amount: 30000, currency: 'INR' }] }), { count: 1, 'items.0.status': 'created' })
  await ok('cashback', rzp.transfers.create({ customer: cust.id, amount: 1000, currency: 'INR' }), { recipient: cust.id })
  const order = await ok('orders.create', rzp.orders.create({ amount: 12000, currency: 'INR', payment_capture: true }))
  const paid = await ok('openwallet', rzp.api.post({
    url: '/payments/create/openwallet',
    data: {
      method: 'wallet', wallet: 'openwallet', customer_id: cust.id, order_id: order.id, amount: 12000, currency: 'INR',
      contact: '9876543210', email: 'asha@example.com', description: 'Groceries', notes: { k: 'v' }
    }
  }), { razorpay_order_id: order.id, razorpay_payment_id: /^pay_\w{14}$/ })
  const { validatePaymentVerification } = require('razorpay/dist/utils/razorpay-utils')
  const ids = { order_id: paid.razorpay_order_id, payment_id: paid.razorpay_payment_id }
  assert.equal(validatePaymentVerification(ids, paid.razorpay_signature, key_secret), true, 'the signature of a wallet payment')
  await ok('balance', rzp.api.get({ url: `/customers/${cust.id}/balance` }), { balance: 19000 })
  await ok('refund to the wallet', rzp.payments.refund(paid.razorpay_payment_id, { amount: 2000 }), { status: 'processed', acquirer_data: {} })
  await ok('statement', rzp.api.get({ url: `/customers/${cust.id}/statement` }), { count: 4, 'items.0.credit': 2000, 'items.0.balance': 21000 })
  const fund = await ok('fundAccount.create', rzp.fundAccount.create({
    customer_id: cust.id, account_type: 'bank_account', bank_account: { name: 'Asha Rao', account_number: '11214311215411', ifsc: 'HDFC0000053' }
  }), { id: /^fa_\w{14}$/, entity: 'fund_account', active: true, 'bank_account.ifsc': 'HDFC0000053' })
  await ok('fundAccount.fetch', rzp.fundAccount.fetch(cust.id), { count: 1, 'items.0.id': fund.id })
  const payout = await ok('payout', rzp.api.post({
    url: `/customers/${cust.id}/payouts`, data: { amount: 5000, currency: 'INR', fund_account_id: fund.id, purpose: 'refund' }
  }), { id: /^pout_\w{14}$/, status: 'processing', utr: null })
  await test('advance/3s')
  await ok('payout, later', rzp.api.get({ url: `/payouts/${payout.id}` }), { status: 'processed', utr: /./ })
  await ok('payouts', rzp.api.get({ url: '/payouts' }), { count: 1, 'items.0.id': payout.id })
}

async function settlements () {
  await ok('settlements.createOndemandSettlement', rzp.settlements.createOndemandSettlement({ amount: 20000, settle_full_balance: 0, description: 'Need this to buy stock.', notes: { k: 'v' } }), {
    id: /^setlod_\w{14}$/, amount_requested: 20000
  })
  const all = await ok('settlements.fetchAllOndemandSettlement', rzp.settlements.fetchAllOndemandSettlement({ 'expand[]': 'ondemand_payouts' }), { count: 1 })
  await ok('settlements.fetchOndemandSettlementById', rzp.settlements.fetchOndemandSettlementById(all.items[0].id, { 'expand[]': 'ondemand_payouts' }), { id: all.items[0].id })
  await test('settle')
  await test('advance/3m')
  const list = await ok('settlements.all', rzp.settlements.all(), { count: 1, 'items.0.status': 'processed' })
  await ok('settlements.fetch', rzp.settlements.fetch(list.items[0].id), { id: list.items[0].id, entity: 'settlement' })
  await ok('settlements.reports', rzp.settlements.reports({ year: 2025, month: 12 }), { entity: 'collection', 'items.0.settlement_id': list.items[0].id })
}

async function webhooks ([seller]) {
  const hook = { url: 'https://example.com/hook', alert_email: 'ops@example.com', secret: '12345', events: ['payment.authorized', 'refund.processed'] }
  const mine = await ok('webhooks.create', rzp.webhooks.create(hook), { entity: 'webhook', secret_exists: true, active: true })
  await ok('webhooks.edit', rzp.webhooks.edit({ ...hook, url: 'https://example.com/second' }, mine.id), { url: 'https://example.com/second' })
  await ok('webhooks.all', rzp.webhooks.all(), { count: 1, 'items.0.id': mine.id })
  const theirs = await ok('webhooks.create for an account', rzp.webhooks.create(hook, seller), { events: hook.events })
  await ok('webhooks.fetch', rzp.webhooks.fetch(theirs.id, seller), { id: theirs.id })
  await ok('webhooks.edit of an account', rzp.webhooks.edit({ url: 'https://example.com/other', events: ['payment.captured'] }, theirs.id, seller), { url: 'https://example.com/other' })
  await ok('webhooks.all of an account', rzp.webhooks.all({}, seller), { count: 1 })
  assert.deepEqual(await rzp.webhooks.delete(theirs.id, seller), [])
}

async function strangers () {
  await refused('a wrong secret', client({ key_id, key_secret: 'wrong' }).payments.all(), 401, 'Authentication failed')
  await refused('an unknown id', rzp.payments.fetch('pay_00000000000000'), 400, 'The id provided does not exist')
  await refused('what is no id', rzp.payments.fetch('pay_123'), 400, '123 is not a valid id')
  await refused('too many at once', rzp.refunds.all({ count: 1000 }), 400, 'The count may not be greater than 100.', { 'error.field': 'count' })
  await ok('a bearer token', client({ oauthToken }).payments.all(), { entity: 'collection' })
  await ok('accounts.delete', rzp.accounts.delete((await rzp.accounts.create({
    email: 'third@example.com', phone: '9999999999', type: 'route', legal_business_name: 'Acme Corp', business_type: 'partnership', contact_name: 'Gaurav Kumar'
  })).id), { status: 'suspended' })
}

async function main () {
  await customers()
  const sellers = await accounts()
  await orders()
  const payment = await payments()
  await refunds(payment)
  await transfers(sellers)
  await reverseAll(sellers)
  await wallet()
  await settlements()
  await webhooks(sellers)
  await strangers()
}

main().then(() => console.log('ok'), err => {
  console.error(err)
  process.exit(1)
})
