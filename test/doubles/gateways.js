// Providers on the loopback, for tests: each checks what we signed with the vendor's own code where there is some, keeps
// every message it takes as a line of JSON, and answers as a test tells it.
//
//   node gateways.js RECORD-FILE [CERTIFICATE KEY]
//
// Prints {"http":PORT,"https":PORT} when it listens; https only with a certificate. POST /control {"mode": …} switches:
//   ok  slow (no answer for 30 s)  500  429  refuse (a bad number)  auth (our credentials are wrong)  malformed
//   truncated  accept_then_timeout (takes the message and never answers)
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');
const url = require('url');

// The vendor's SDK signs the host without a port, since its endpoints have none; ours has one.
const plainUrl = url.URL;
url.URL = class extends plainUrl { get hostname() { return this.host; } };
const tencentSign = require('tencentcloud-sdk-nodejs-common/tencentcloud/common/sign.js').default;
const aliyun = require('@alicloud/openapi-util').default;
const { Webhook } = require('standardwebhooks');

const [recordFile, certificate, key] = process.argv.slice(2);
const keys = {
  aliyun: { id: 'LTAI-test', secret: 'aliyun-test-secret' },
  tencent: { id: 'AKID-test', secret: 'tencent-test-secret' },
  twilio: { sid: 'AC0123456789abcdef', token: 'twilio-test-token' },
  vonage: { key: 'abcd1234', secret: 'vonage-test-secret' },
  yunpian: { key: 'yunpian-test-key' },
  huawei: { key: 'huawei-test-key', secret: 'huawei-test-secret' },
  webhook: { secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=' },
};
// Words of a provider that must not get into a log.
const said = 'PROVIDERS-OWN-WORDS +8613800138000 123456';
const slowMs = 30000;
let mode = 'ok';
let count = 0;

const hmac = (secret, text, digest = 'sha256') => crypto.createHmac(digest, secret).update(text, 'utf8');
const sha256 = (text, encoding) => crypto.createHash('sha256').update(text, 'utf8').digest(encoding);
const form = (text) => Object.fromEntries(new URLSearchParams(text));
const basic = (request) => Buffer.from((request.headers.authorization || '').replace(/^Basic /, ''), 'base64').toString();
const json = (status, body) => ({ status, body: JSON.stringify(body), type: 'application/json' });
const codeIn = (text) => (/\d{6}/.exec(text) || [''])[0];

// Each: verify(request, body, path) says whether we are who we say; message(…) what was sent; replies by mode.
const providers = {
  aliyun: {
    verify(request, body, path) {
      const query = form(new url.URL(path, 'http://x').search);
      const headers = {};
      for (const [name, value] of Object.entries(request.headers)) {
        if (name === 'host' || name.startsWith('x-acs-')) headers[name] = value;
      }
      const like = { method: 'POST', pathname: path.split('?')[0], query, headers };
      const hash = sha256(body, 'hex');
      return hash === headers['x-acs-content-sha256'] &&
        aliyun.getAuthorization(like, 'ACS3-HMAC-SHA256', hash, keys.aliyun.id, keys.aliyun.secret) === request.headers.authorization;
    },
    message(request, body, path) {
      const sent = form(new url.URL(path, 'http://x').search);
      return { to: sent.PhoneNumbers, code: JSON.parse(sent.TemplateParam).code, id: sent.OutId, template: sent.TemplateCode };
    },
    ok: (id) => json(200, { Code: 'OK', Message: said, BizId: id, RequestId: 'r' }),
    refuse: () => json(200, { Code: 'isv.MOBILE_NUMBER_ILLEGAL', Message: said, RequestId: 'r' }),
    auth: () => json(400, { Code: 'SignatureDoesNotMatch', Message: said, RequestId: 'r' }),
  },
  aliyunrpc: {
    verify(request, body) {
      const sent = form(body);
      const signature = sent.Signature;
      delete sent.Signature;
      return signature === aliyun.getRPCSignature(sent, 'POST', keys.aliyun.secret);
    },
    message(request, body) {
      const sent = form(body);
      return { to: sent.PhoneNumbers, code: JSON.parse(sent.TemplateParam).code, id: sent.OutId, template: sent.TemplateCode };
    },
    ok: (id) => providers.aliyun.ok(id),
    refuse: () => providers.aliyun.refuse(),
    auth: () => providers.aliyun.auth(),
  },
  tencent: {
    verify(request, body, path) {
      return request.headers['x-tc-action'] === 'SendSms' && tencentSign.sign3({
        method: 'POST', url: `http://${request.headers.host}${path}`, payload: JSON.parse(body),
        timestamp: Number(request.headers['x-tc-timestamp']), service: 'sms', secretId: keys.tencent.id,
        secretKey: keys.tencent.secret, headers: { 'Content-Type': request.headers['content-type'] },
      }) === request.headers.authorization;
    },
    message(request, body) {
      const sent = JSON.parse(body);
      return { to: sent.PhoneNumberSet.join(), code: sent.TemplateParamSet[0], id: sent.SessionContext, template: sent.TemplateId };
    },
    ok: (id) => json(200, { Response: { SendStatusSet: [{ SerialNo: id, Fee: 1, Code: 'Ok', Message: said }], RequestId: 'r' } }),
    refuse: () => json(200, { Response: { SendStatusSet: [{ SerialNo: '', Code: 'InvalidParameterValue.IncorrectPhoneNumber', Message: said }] } }),
    auth: () => json(200, { Response: { Error: { Code: 'AuthFailure.SignatureFailure', Message: said }, RequestId: 'r' } }),
  },
  twilio: {
    verify: (request) => basic(request) === `${keys.twilio.sid}:${keys.twilio.token}`,
    message(request, body) {
      const sent = form(body);
      return { to: sent.To, code: codeIn(sent.Body), text: sent.Body, validity: Number(sent.ValidityPeriod) };
    },
    ok: (id) => json(201, { sid: id, status: 'queued', error_code: null, body: said }),
    refuse: () => json(400, { code: 21211, message: said, status: 400 }),
    auth: () => json(401, { code: 20003, message: said, status: 401 }),
  },
  vonage: {
    verify(request, body) {
      const sent = form(body);
      if (!sent.sig) return basic(request) === `${keys.vonage.key}:${keys.vonage.secret}`;
      const signed = Object.keys(sent).filter((name) => name !== 'sig').sort()
        .map((name) => `&${name}=${sent[name].replace(/[&=]/g, '_')}`).join('');
      return hmac(keys.vonage.secret, signed).digest('hex') === sent.sig;
    },
    message(request, body) {
      const sent = form(body);
      return { to: sent.to, code: codeIn(sent.text), id: sent['client-ref'], type: sent.type };
    },
    ok: (id) => json(200, { 'message-count': '1', messages: [{ to: '0', 'message-id': id, status: '0', 'error-text': said }] }),
    refuse: () => json(200, { 'message-count': '1', messages: [{ status: '7', 'error-text': said }] }),
    auth: () => json(200, { 'message-count': '1', messages: [{ status: '4', 'error-text': said }] }),
  },
  yunpian: {
    verify: (request, body) => form(body).apikey === keys.yunpian.key,
    message(request, body) {
      const sent = form(body);
      return { to: sent.mobile, code: codeIn(sent.text), id: sent.uid, text: sent.text };
    },
    ok: (id) => ({ status: 200, type: 'application/json', body: `{"code":0,"msg":"${said}","count":1,"fee":0.05,"sid":${id.replace(/\D/g, '')}}` }),
    refuse: () => json(400, { http_status_code: 400, code: 20, msg: said, detail: said }),
    auth: () => json(400, { http_status_code: 400, code: -1, msg: said, detail: said }),
  },
  huawei: {
    verify(request) {
      const sent = /^UsernameToken Username="(.*)",PasswordDigest="(.*)",Nonce="(.*)",Created="(.*)"$/.exec(request.headers['x-wsse']);
      return sent !== null && sent[1] === keys.huawei.key && sha256(sent[3] + sent[4] + keys.huawei.secret, 'base64') === sent[2] &&
        request.headers.authorization === 'WSSE realm="SDP",profile="UsernameToken",type="Appkey"';
    },
    message(request, body) {
      const sent = form(body);
      return { to: sent.to, code: JSON.parse(sent.templateParas)[0], id: sent.extend, template: sent.templateId };
    },
    ok: (id) => json(200, { code: '000000', description: said, result: [{ smsMsgId: id, status: '000000' }] }),
    refuse: () => json(200, { code: 'E200041', description: said }),
    auth: () => json(401, { code: 'E000101', description: said }),
  },
  webhook: {
    verify(request, body) {
      try {
        new Webhook(keys.webhook.secret).verify(body, request.headers);
        return true;
      } catch { return false; }
    },
    message(request, body) {
      const sent = JSON.parse(body);
      return { to: sent.to, code: sent.code, id: request.headers['webhook-id'], purpose: sent.purpose };
    },
    ok: (id) => json(200, { message_id: id, note: said }),
    refuse: () => json(422, { error: { class: 'bad_number', message: said } }),
    auth: () => json(401, { error: { message: said } }),
  },
};

const record = (line) => fs.appendFileSync(recordFile, JSON.stringify(line) + '\n');

function reply(response, what) {
  response.writeHead(what.status, { 'Content-Type': what.type, 'Content-Length': Buffer.byteLength(what.body) });
  response.end(what.body);
}

function serve(request, response, body) {
  if (request.url === '/control') {
    mode = JSON.parse(body).mode;
    return reply(response, json(200, { mode }));
  }
  const name = request.url.split(/[/?]/)[1];
  const provider = providers[name];
  if (!provider) return reply(response, json(404, { message: said }));
  const refuse = (why) => {
    record({ provider: name, refused: why });
    return why === 'forged' ? reply(response, provider.auth()) : undefined;
  };
  let good = false;
  try {
    good = provider.verify(request, body, request.url);
  } catch (error) {
    console.error(error);
  }
  if (!good) return refuse('forged');
  if (mode === 'slow') return refuse('slow') || setTimeout(() => response.destroy(), slowMs).unref();
  if (mode === '500') return refuse('500') || reply(response, { status: 500, type: 'text/html', body: `<html>${said}</html>` });
  if (mode === '429') return refuse('429') || reply(response, { status: 429, type: 'text/plain', body: said });
  if (mode === 'refuse') return refuse('refuse') || reply(response, provider.refuse());
  if (mode === 'auth') return refuse('auth') || reply(response, provider.auth());
  const id = `${Date.now()}${String(++count).padStart(4, '0')}`;
  record({ provider: name, provider_id: id, ...provider.message(request, body, request.url) });
  if (mode === 'accept_then_timeout') return undefined;
  if (mode === 'malformed') return reply(response, { status: 200, type: 'text/html', body: `<html>${said}</html>` });
  if (mode === 'truncated') {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 1000 });
    response.write(said);
    return setTimeout(() => response.destroy(), 20);
  }
  return reply(response, provider.ok(id));
}

function listener(request, response) {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => serve(request, response, Buffer.concat(parts).toString('utf8')));
}

const plain = http.createServer({ keepAliveTimeout: 60000 }, listener);
plain.listen(0, '127.0.0.1', () => {
  if (!certificate) return console.log(JSON.stringify({ http: plain.address().port }));
  const secure = https.createServer({ cert: fs.readFileSync(certificate), key: fs.readFileSync(key) }, listener);
  return secure.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ http: plain.address().port, https: secure.address().port })));
});
