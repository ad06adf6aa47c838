// An SMSC on the loopback by the npm package `smpp`, for tests.
//
//   node smsc.js RECORD-FILE [refuse|throttle|late]
//
// Prints {"port":PORT}. Takes binds of system id "test-id" with password "test-pw", keeps every message as a line of
// JSON, answers with a message id, and sends its receipt: at once, or with `late` after a second and twice.
'use strict';
const fs = require('fs');
const smpp = require('smpp');

const [recordFile, mode = 'ok'] = process.argv.slice(2);
let count = 0;

const text = (pdu) => (typeof pdu.short_message.message === 'string' ? pdu.short_message.message : pdu.short_message.message.toString('latin1'));

function receipt(session, pdu, id) {
  session.deliver_sm({
    source_addr: pdu.destination_addr, destination_addr: pdu.source_addr, esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:2611270000 done date:2611270001 stat:DELIVRD err:000 text:`,
  });
}

const server = smpp.createServer((session) => {
  session.on('bind_transceiver', (pdu) => {
    const good = pdu.system_id === 'test-id' && pdu.password === 'test-pw';
    session.send(pdu.response({ command_status: good ? 0 : smpp.ESME_RBINDFAIL }));
    if (!good) session.close();
  });
  session.on('submit_sm', (pdu) => {
    if (mode === 'refuse') return session.send(pdu.response({ command_status: smpp.ESME_RINVDSTADR }));
    const id = `smsc-${++count}`;
    fs.appendFileSync(recordFile, JSON.stringify({ provider: 'smpp', provider_id: id, to: pdu.destination_addr, from: pdu.source_addr,
      text: text(pdu), data_coding: pdu.data_coding, registered: pdu.registered_delivery }) + '\n');
    session.send(pdu.response({ message_id: id }));
    if (mode !== 'late') return receipt(session, pdu, id);
    return setTimeout(() => { receipt(session, pdu, id); receipt(session, pdu, id); }, 1000);
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
  session.on('error', () => session.destroy());
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })));
