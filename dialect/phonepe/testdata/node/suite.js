// One of the two official Node clients, unmodified but for the host, taken
// through every method it has. TestNodeClients starts the room, runs this for
// each client and then asks which routes were not reached.
//
//   WAPAS_URL=http://127.0.0.1:… WAPAS_CLIENT=… WAPAS_SECRET=… WAPAS_NOW=… node suite.js pg-sdk-node
//
// The clients keep a token by the clock of their process, so that clock is the
// server's here: a test's, which only advance moves.
'use strict'

const assert = require('node:assert/strict')

const name = process.argv[2]
const { WAPAS_URL: url, WAPAS_CLIENT: clientId, WAPAS_SECRET: clientSecret, WAPAS_NOW: start } = process.env
const repeats = name.startsWith('@') // the newer one repeats a call with a fresh token

let now = Number(start) * 1000
Date.now = () => now

// load gives the package as a new process would have it: its clients are
// singletons, and its token is kept beside them.
function load () {
  for (const file of Object.keys(require.cache)) {
    if (file.includes(`/node_modules/${name}/`)) delete require.cache[file]
  }
  const { BaseUrl } = require(`${name}/dist/common/constants/BaseUrl`)
  for (const host of Object.keys(BaseUrl.SANDBOX)) {
    BaseUrl.SANDBOX[host] = BaseUrl.SANDBOX[host].replace('https://api-preprod.phonepe.com', url)
  }
  return require(name)
}

async function test (path) {
  const got = await fetch(`${url}/test/${path}`, { method: 'POST' })
  const text = await got.text()
  assert.ok(got.ok, `${path}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

// advance moves the server's clock and, unless this process is to be behind, ours.
async function advance (seconds, behind = false) {
  await test(`advance/${seconds}s`)
  if (!behind) now += seconds * 1000
}

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

async function ok (what, promise, want = {}) {
  let got
  try {
    got = await promise
  } catch (err) {
    throw new Error(`${what}: ${JSON.stringify(err)} ${err.stack || ''}`)
  }
  return is(got, want, what)
}

// refused waits for the client's own exception of a type.
async function refused (what, promise, type, want) {
  let got
  try {
    got = await promise
  } catch (err) {
    is(err, { type, ...want }, what)
    return err
  }
  throw new Error(`${what}: not refused: ${JSON.stringify(got)}`)
}

// answer plays the customer on the page.
async function answer (page, outcome) {
  const got = await fetch(page.replace(/^.*\/phonepe\//, url + '/'), {
    method: 'POST', redirect: 'manual', body: new URLSearchParams({ outcome })
  })
  await got.text()
  return got
}

const warnings = []
console.warn = (...said) => warnings.push(said.join(' ')) // the client prints failed tokens

async function wrongSecrets () {
  for (const [id, secret] of [[clientId, 'wrong'], ['NOBODY', clientSecret]]) {
    const sdk = load()
    const client = sdk.StandardCheckoutClient.getInstance(id, secret, 1, sdk.Env.SANDBOX)
    await refused('wrong secret', client.getRefundStatus('RF-NONE'), 'BadRequest',
      { httpStatusCode: 400, code: 'OIM000', message: /^Bad Request: Invalid Client, trackingId: \S+$/ })
  }
  assert.equal(warnings.length, 2)
}

async function hosted () {
  const sdk = load()
  const client = sdk.StandardCheckoutClient.getInstance(clientId, clientSecret, 1, sdk.Env.SANDBOX)
  assert.throws(() => sdk.StandardCheckoutClient.getInstance(clientId, 'other', 1, sdk.Env.SANDBOX))
  const order = (id, amount = 150000) => sdk.StandardCheckoutPayRequest.builder().merchantOrderId(id).amount(amount)
    .metaInfo(sdk.MetaInfo.builder().udf1('chai').udf2('two').build())
    .redirectUrl('https://shop.example/done').expireAfter(1200).message('Tea for two').build()
  const refund = (id, of, amount) => client.refund(sdk.RefundRequest.builder().merchantRefundId(id).originalMerchantOrderId(of).amount(amount).build())

  const before = (await test('tokens')).granted
  const placed = await ok('pay', client.pay(order('OD1')),
    { orderId: /^OMO\d{22}$/, state: 'PENDING', expireAt: now + 1200000, redirectUrl: /^http:\/\/.*\/phonepe\/transact\/\S{80,}$/ })
  await ok('pay again', client.pay(order('OD1')), { orderId: placed.orderId, state: 'PENDING' })
  await refused('pay under a name that was used', client.pay(order('OD1', 150001)), 'BadRequest', { httpStatusCode: 400, code: 'BAD_REQUEST' })
  await ok('status', client.getOrderStatus('OD1'), { orderId: placed.orderId, state: 'PENDING', amount: 150000, paymentDetails: [] })
  await refused('refund before it is paid', refund('RF1', 'OD1', 1000), 'BadRequest', { code: 'BAD_REQUEST' })
  assert.equal((await test('tokens')).granted, before + 1, 'one token does for all of these')

  const back = await answer(placed.redirectUrl, 'pay')
  assert.equal(back.status, 303)
  assert.equal(back.headers.get('location'), 'https://shop.example/done')
  const paid = await ok('status when paid', client.getOrderStatus('OD1', true), {
    state: 'COMPLETED', 'metaInfo.udf1': 'chai', 'metaInfo.udf2': 'two', 'paymentDetails.length': 1,
    'paymentDetails.0.transactionId': /^OM\d{22}$/, 'paymentDetails.0.state': 'COMPLETED', 'paymentDetails.0.amount': 150000,
    'paymentDetails.0.paymentMode': 'UPI_INTENT', 'paymentDetails.0.rail.type': 'UPI', 'paymentDetails.0.rail.utr': /^\d{12}$/,
    'paymentDetails.0.instrument.type': 'ACCOUNT', 'paymentDetails.0.splitInstruments.0.amount': 150000
  })
  await ok('status of the attempt', client.getTransactionStatus(paid.paymentDetails[0].transactionId), { orderId: placed.orderId, state: 'COMPLETED' })
  await refused('status of no attempt', client.getTransactionStatus('OM1'), 'ResourceNotFound', { code: 'TRANSACTION_NOT_FOUND' })
  await refused('status of no order', client.getOrderStatus('NONE'), 'BadRequest',
    { code: 'MERCHANT_ORDER_MAPPING_NOT_FOUND', message: 'No entry found for Merchant' })

  // Refunds: a part, the same again, another under the same name, the rest, too much.
  const part = await ok('refund of a part', refund('RF1', 'OD1', 1000), { refundId: /^OMR\d{22}$/, amount: 1000, state: 'PENDING' })
  await ok('the same refund again', refund('RF1', 'OD1', 1000), { refundId: part.refundId, state: 'PENDING' })
  await refused('another refund under its name', refund('RF1', 'OD1', 2000), 'BadRequest', { code: 'Refund ID Duplicated', data: {} })
  await refused('a refund of no order', refund('RF2', 'NONE', 1000), 'BadRequest', { code: 'MERCHANT_ORDER_MAPPING_NOT_FOUND' })
  await refused('a refund of too much', refund('RF2', 'OD1', 149001), 'BadRequest', { code: 'BAD_REQUEST', 'data.detailedErrorCode': 'EXCESS_REFUND_AMOUNT' })
  await refused('a refund of less than a rupee', refund('RF2', 'OD1', 99), 'BadRequest', { code: 'BAD_REQUEST', message: /amount must be between 100/ })
  await refused('a refund under a name that is too long', refund('R'.repeat(64), 'OD1', 100), 'BadRequest', { code: 'BAD_REQUEST' })
  await refused('status of no refund', client.getRefundStatus('RF2'), 'ResourceNotFound', { code: 'REFUND_NOT_FOUND', message: 'Refund does not exist' })
  await ok('refund status', client.getRefundStatus('RF1'), {
    merchantId: 'SHOPDEMO', merchantRefundId: 'RF1', originalMerchantOrderId: 'OD1', amount: 1000, state: 'PENDING',
    'paymentDetails.length': 1, 'paymentDetails.0.state': 'PENDING', 'paymentDetails.0.paymentMode': 'UPI_INTENT'
  })
  await advance(1)
  await ok('refund status when the rail has it', client.getRefundStatus('RF1'), { state: 'CONFIRMED' })
  await advance(3)
  await ok('refund status when it went', client.getRefundStatus('RF1'),
    { state: 'COMPLETED', 'paymentDetails.0.rail.utr': /^\d{12}$/, 'paymentDetails.0.splitInstruments.0.rail.type': 'UPI' })
  await ok('refund that the bank refuses', refund('RF2', 'OD1', 1013), { state: 'PENDING' })
  await advance(3)
  await ok('status of a refund that failed', client.getRefundStatus('RF2'),
    { state: 'FAILED', 'paymentDetails.0.errorCode': 'PAYMENT_ERROR', 'paymentDetails.0.detailedErrorCode': /^[A-Z_]+$/ })
  await ok('refund of the rest', refund('RF3', 'OD1', 149000), { state: 'PENDING' })
  await refused('a refund of nothing that is left', refund('RF4', 'OD1', 100), 'BadRequest', { 'data.detailedErrorCode': 'EXCESS_REFUND_AMOUNT' })
  await advance(3)
  await ok('status of the rest', client.getRefundStatus('RF3'), { state: 'COMPLETED', amount: 149000 })

  // Orders that fail, at the page and by their time.
  const failed = await ok('pay', client.pay(order('OD2')))
  await answer(failed.redirectUrl, 'fail')
  await ok('status when it failed', client.getOrderStatus('OD2'), { state: 'FAILED', errorCode: 'AUTHORIZATION_ERROR', detailedErrorCode: 'ZM' })
  await ok('pay', client.pay(order('OD3')))
  await advance(1200)
  await ok('status when its time is over', client.getOrderStatus('OD3'), { state: 'FAILED', errorCode: 'TXN_NOT_COMPLETED', detailedErrorCode: 'TXN_AUTO_FAILED' })

  await ok('order for an app', client.createSdkOrder(sdk.CreateSdkOrderRequest.StandardCheckoutBuilder().merchantOrderId('OD4').amount(1000)
    .redirectUrl('https://shop.example/done').build()), { orderId: /^OMO\d{22}$/, state: 'PENDING', expireAt: now + 1200000, token: /^\S{80,}$/ })

  // A token is renewed at half of its life, and once it is over by the server's clock.
  await advance(1800 - 1200)
  const half = (await test('tokens')).granted
  await ok('status at half of its life', client.getOrderStatus('OD1'), { state: 'COMPLETED' })
  assert.equal((await test('tokens')).granted, half + 1, 'the token was not renewed')
  await advance(3600, true)
  if (repeats) {
    await ok('status with a token that is over', client.getOrderStatus('OD1'), { state: 'COMPLETED' })
  } else {
    await refused('status with a token that is over', client.getOrderStatus('OD1'), 'UnauthorizedAccess', { httpStatusCode: 401, code: '401' })
    await ok('status with the next token', client.getOrderStatus('OD1'), { state: 'COMPLETED' })
  }
  assert.equal((await test('tokens')).granted, half + 2)
  now += 3600 * 1000

  // What the merchant's endpoint is sent.
  const told = await test('told')
  const seen = []
  for (const { authorization, body } of told) {
    const got = client.validateCallback('hook-user', 'hook-pass-1', authorization, body)
    assert.ok(got instanceof sdk.CallbackResponse)
    is(got, { 'payload.merchantId': 'SHOPDEMO', 'payload.state': /^(COMPLETED|FAILED|CONFIRMED)$/, 'payload.amount': /^\d+$/ }, body)
    assert.equal(got.type, got.event.toUpperCase().replaceAll('.', '_'))
    assert.ok(got.type in sdk.CallbackType, `the client knows no ${got.type}`)
    seen.push(`${got.event} ${got.payload.merchantRefundId || got.payload.merchantOrderId} ${got.payload.state}`)
    for (const [user, password] of [['hook-user', 'other'], ['hook-use', 'r:hook-pass-1']]) {
      assert.throws(() => client.validateCallback(user, password, authorization, body), { type: 'PhonePeException', httpStatusCode: 417 })
    }
  }
  assert.deepEqual(seen, [
    'checkout.order.completed OD1 COMPLETED',
    'pg.refund.accepted RF1 CONFIRMED', 'pg.refund.completed RF1 COMPLETED',
    'pg.refund.accepted RF2 CONFIRMED', 'pg.refund.failed RF2 FAILED',
    'pg.refund.accepted RF3 CONFIRMED', 'pg.refund.completed RF3 COMPLETED',
    'checkout.order.failed OD2 FAILED', 'checkout.order.failed OD3 FAILED', 'checkout.order.failed OD4 FAILED'
  ])
}

async function custom () {
  const sdk = load()
  const client = sdk.CustomCheckoutClient.getInstance(clientId, clientSecret, 1, sdk.Env.SANDBOX)
  const asked = sdk.CustomCheckoutPayRequest
  const collect = (id, vpa) => asked.UpiCollectPayViaVpaRequestBuilder().merchantOrderId(id).amount(10000).vpa(vpa).message('chai').expireAfter(300).build()

  const first = await ok('collect', client.pay(collect('C1', 'success@ybl')), { orderId: /^OMO\d{22}$/, state: 'PENDING' })
  await ok('collect that is declined', client.pay(collect('C2', 'failed@ybl')))
  await ok('collect that nobody answers', client.pay(collect('C3', 'pending@ybl')))
  await refused('collect from no address', client.pay(collect('C4', 'asha')), 'BadRequest', { code: 'BAD_REQUEST', message: /details\.vpa/ })
  await ok('status', client.getOrderStatus('C1'), { state: 'PENDING', 'paymentDetails.0.state': 'PENDING', 'paymentDetails.0.paymentMode': 'UPI_COLLECT' })
  await advance(6)
  const paid = await ok('status when paid', client.getOrderStatus('C1', true), { state: 'COMPLETED', 'paymentDetails.0.rail.vpa': 'success@ybl' })
  await ok('status of the attempt', client.getTransactionStatus(paid.paymentDetails[0].transactionId), { orderId: first.orderId })
  await ok('status when declined', client.getOrderStatus('C2'), { state: 'FAILED', errorCode: 'AUTHORIZATION_ERROR' })
  await advance(300)
  await ok('status when nobody answered', client.getOrderStatus('C3'), { state: 'FAILED', errorCode: 'TXN_NOT_COMPLETED' })

  await ok('collect by number', client.pay(new sdk.UpiCollectPayViaPhoneNumberRequestBuilder().merchantOrderId('C5').amount(10000).phoneNumber('9876543210').build()))
  await ok('intent', client.pay(asked.UpiIntentPayRequestBuilder().merchantOrderId('C6').amount(12345).deviceOS('ANDROID').targetApp('com.phonepe.app').build()),
    { intentUrl: /^upi:\/\/pay\?am=123\.45&cu=INR&/ })
  await ok('code', client.pay(asked.UpiQrRequestBuilder().merchantOrderId('C7').amount(10000).build()), { qrData: /^upi:\/\/pay\?/ })
  const bank = await ok('bank', client.pay(asked.NetBankingPayRequestBuilder().merchantOrderId('C8').amount(10000).bankId('SBIN').redirectUrl('https://shop.example/done').build()),
    { redirectUrl: /\/transact\// })
  assert.equal((await answer(bank.redirectUrl, 'pay')).status, 303)
  await ok('status at the bank', client.getOrderStatus('C8'),
    { state: 'COMPLETED', 'paymentDetails.0.paymentMode': 'NET_BANKING', 'paymentDetails.0.instrument.bankId': 'SBIN', 'paymentDetails.0.rail.type': 'PG' })
  await refused('no bank', client.pay(asked.NetBankingPayRequestBuilder().merchantOrderId('C9').amount(10000).bankId('GRIN').build()), 'BadRequest', { code: 'BAD_REQUEST' })
  await ok('card', client.pay(asked.CardPayRequestBuilder().merchantOrderId('C10').amount(10000).encryptedCardNumber('c2VjcmV0').encryptedCvv('Y3Z2')
    .encryptionKeyId(10).expiryMonth('11').expiryYear('2030').redirectUrl('https://shop.example/done').build()), { redirectUrl: /\/transact\// })
  await ok('token', client.pay(asked.TokenPayRequestBuilder().merchantOrderId('C11').amount(10000).encryptedToken('c2VjcmV0').encryptedCvv('Y3Z2')
    .encryptionKeyId(10).cryptogram('eA==').panSuffix('1234').expiryMonth('11').expiryYear('2030').redirectUrl('https://shop.example/done').build()), { redirectUrl: /\/transact\// })
  await ok('order for an app', client.createSdkOrder(sdk.CreateSdkOrderRequest.CustomCheckoutBuilder().merchantOrderId('C12').amount(1000).build()), { token: /^\S{80,}$/ })

  const refund = sdk.RefundRequest.builder().merchantRefundId('CR1').originalMerchantOrderId('C8').amount(10000).build()
  await ok('refund', client.refund(refund), { refundId: /^OMR\d{22}$/, state: 'PENDING' })
  await advance(3)
  await ok('refund status', client.getRefundStatus('CR1'), { state: 'COMPLETED', 'paymentDetails.0.paymentMode': 'NET_BANKING' })
  const told = await test('told')
  const completed = told.map(m => client.validateCallback('hook-user', 'hook-pass-1', m.authorization, m.body)).filter(m => m.event === 'pg.order.completed')
  assert.ok(completed.some(m => m.payload.merchantOrderId === 'C1'), 'C1 was not told')
}

async function main () {
  await wrongSecrets()
  await hosted()
  await custom()
  console.log(`${name}: all of it passed`)
}

main().catch(err => {
  console.error(err)
  process.exit(1)
})
