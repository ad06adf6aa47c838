// Signs what a provider calls us with, by the vendor's own code.
//
//   node sign.js twilio TOKEN URL FORM-BODY         the value of X-Twilio-Signature
//   node sign.js webhook SECRET ID SECONDS BODY     the value of webhook-signature
'use strict';
const [what, ...rest] = process.argv.slice(2);
if (what === 'twilio') {
  const { getExpectedTwilioSignature } = require('twilio');
  const [token, url, body] = rest;
  console.log(getExpectedTwilioSignature(token, url, Object.fromEntries(new URLSearchParams(body))));
} else {
  const { Webhook } = require('standardwebhooks');
  const [secret, id, seconds, body] = rest;
  console.log(new Webhook(secret).sign(id, new Date(Number(seconds) * 1000), body));
}
