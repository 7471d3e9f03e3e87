// The vendor's Node client, unmodified, as far as it reaches: init() asks which
// services the agent has and activates those that are missing, and its own
// modules sign every call. It has no method for a refund, so the refund goes
// through the client's network module: its headers, its form, its transport.
//
//   WAPAS_HOST=127.0.0.1 WAPAS_PORT=… WAPAS_DEVELOPER_KEY=… WAPAS_ACCESS_KEY=… node suite.js
'use strict'

const assert = require('node:assert/strict')

const quiet = () => {}
const { log } = console
console.log = console.debug = quiet

const Eko = require('@ekoindia/eko-sdk-node')
const network = require('@ekoindia/eko-sdk-node/network')
const services = require('@ekoindia/eko-sdk-node/services')

const config = {
  hostname: process.env.WAPAS_HOST,
  port: Number(process.env.WAPAS_PORT),
  allowInsecureRequest: true,
  developerKey: process.env.WAPAS_DEVELOPER_KEY,
  authKey: process.env.WAPAS_ACCESS_KEY,
  initiatorId: '9962981729',
  partnerUserCode: '20810200'
}

const promise = start => new Promise((resolve, reject) => start((err, data) => err ? reject(new Error(JSON.stringify(err))) : resolve(data)))
const status = options => promise(cb => services.getServiceStatus(config, options, cb))
const send = (method, path, data) => promise(cb => network.send(config, { method, path }, data, cb))

async function main () {
  // init() answers at once and works behind its caller's back: it is done when
  // both services are there.
  Eko.init(config)
  let list = []
  for (let i = 0; i < 200 && list.length < 2; i++) {
    await new Promise(resolve => setTimeout(resolve, 20))
    list = (await status()).service_status_list
  }
  assert.deepEqual(list.map(s => [s.service_code, s.status, s.status_desc]).sort(), [['4', 1, 'ACTIVATED'], ['53', 1, 'ACTIVATED']])
  assert.equal(typeof await promise(Eko.isPANServiceActive), 'boolean')
  const activated = await promise(cb => services.activateUserService(config, { service: 'pan' }, cb))
  assert.deepEqual(activated, { service_code: 4, initiator_id: '9962981729', user_code: '20810200', latlong: '77.06794760,77.06794760' })
  assert.equal((await promise(cb => services.getServiceStatus(config, { userCode: '99999999' }, (err, data) => cb(err, data === undefined)))), true)

  // What is not this room's is a 404 to the client, not a hang.
  await assert.rejects(promise(cb => Eko.verifyPAN({ panNumber: 'VBLPZ6447L', purpose: 1, purposeDescription: 'onboarding' }, cb)), /"statusCode":404/)
  await assert.rejects(promise(cb => Eko.billPayments.getOperatorCategories({}, cb)), /"statusCode":404/)

  // A wrong access key is a 403.
  const wrong = Object.assign({}, config, { authKey: 'another' })
  await assert.rejects(promise(cb => services.getServiceStatus(wrong, null, cb)), /"statusCode":403/)

  // The refund, over the client's own network module.
  const who = { initiator_id: '9962981729', user_code: '20810200' }
  const tx = await send('POST', '/ekoapi/v2/transactions', { ...who, recipient_id: 10019064, amount: '5000.00', customer_id: '9123456789', client_ref_id: 'SAMPLE', channel: 2, state: 1 })
  assert.equal(tx.status, 0)
  assert.equal(tx.data.tx_status, '3')
  const path = `/ekoapi/v2/transactions/${tx.data.tid}/refund`
  const early = await send('POST', path + '/otp', { initiator_id: who.initiator_id })
  assert.equal(early.status, 1) // one was sent when the transfer failed
  const wrongOTP = await send('POST', path, { ...who, otp: '000000', state: 1 })
  assert.deepEqual([wrongOTP.status, wrongOTP.response_type_id], [302, 2138])
  const refund = await send('POST', path, { ...who, otp: 123456, state: 1 })
  assert.deepEqual([refund.status, refund.response_status_id, refund.response_type_id, refund.message], [0, 0, 74, 'Refund done'])
  assert.equal(refund.data.refunded_amount, '5050.00')
  assert.equal(refund.data.commission_reverse, '28.38')
  const again = await send('POST', path, { ...who, otp: 123456, state: 1 })
  assert.deepEqual([again.status, again.data.tx_status, again.data.refund_tid], [1, '4', refund.data.refund_tid])
  const inquiry = await send('GET', `/ekoapi/v1/transactions/client_ref_id:SAMPLE?initiator_id=${who.initiator_id}`, null)
  assert.deepEqual([inquiry.status, inquiry.response_type_id, inquiry.data.tx_status, inquiry.data.tid], [0, 1472, '4', tx.data.tid])
  log('ok')
}

main().catch(err => {
  console.error(err)
  process.exit(1)
})
