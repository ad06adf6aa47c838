"""Password logins beside the bare library, and what a flood of them does to sends."""
import os
import re
import subprocess
import urllib.parse

from processes import LOAD, RigError
from rounds import LOAD_CPU, SERVER_CPU, Result, at_least, at_most
from servers import Smsauthd, raw_reply

NAME = 'hash'
WHAT = 'password logins beside bare libsodium, and the latency of sends during a flood of logins'

ACCOUNTS = 32
LOGIN_CONNECTIONS = 16
SEND_CONNECTIONS = 4
PASSWORD = 'flow-pass-1'
MEMORY_KIB, PASSES = 19456, 2
HASH_THREADS = 1
EXPECTED_LOGIN = b'{"code":200,'


def form(path, **fields):
    body = urllib.parse.urlencode(fields).encode()
    return (b'POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-www-form-urlencoded\r\n'
            b'Content-Length: %d\r\n\r\n' % (path.encode(), len(body))) + body


def expect(reply, text):
    if text not in reply:
        raise RigError(f'expected {text!r} in a reply, got {reply[-200:]!r}')


def register(server, phone):
    expect(raw_reply(server.port, form(f'/api/v4.0/sendsms/{phone}', expect=0)), b'"code":"200"')
    with open(server.spool) as spool:
        code = re.findall(r'"to":"\+86%s".*?"code":"(\d+)"' % phone, spool.read())[-1]
    expect(raw_reply(server.port, form('/api/v4.0/register', phone=phone, name='bench', password=PASSWORD,
                                       device_identifier='bench', code=code)), EXPECTED_LOGIN)


def login_requests(rig, server):
    """A file with the logins of accounts that were just made; each connection has an account of its own."""
    path = os.path.join(server.directory, 'logins')
    with open(path, 'wb') as file:
        for i in range(ACCOUNTS):
            phone = str(15000000000 + i)  # phone_sequence.hpp has those with 13
            register(server, phone)
            request = form('/api/v4.0/login', phone=phone, password=PASSWORD, device_identifier='bench')
            file.write(request)
    expect(raw_reply(server.port, request), EXPECTED_LOGIN)
    return path


def run(rig):
    seconds = rig.chosen.seconds
    server = Smsauthd(rig, hash_threads=HASH_THREADS)
    logins = login_requests(rig, server)
    flood_words = ['--port', server.port, '--requests', logins, '--connections', LOGIN_CONNECTIONS]

    def all_served(got):
        if set(got['statuses']) != {'200'}:
            raise RigError(f"logins were answered {got['statuses']}")
        return got

    def product():
        return all_served(rig.measure(server, 'requests', 'request_load', *flood_words, '--seconds', seconds))

    def library(name):
        return lambda: rig.load('hash_reference', '--library', name, '--threads', HASH_THREADS, '--seconds', seconds,
                                '--memory', MEMORY_KIB, '--passes', PASSES, cpu=SERVER_CPU)

    bare = Result('password login, 1 hash thread', 'logins/s', at_least(0.95))
    bare.product, bare.reference = rig.alternate(product, library('libsodium'))
    bare.reference_name, bare.key = 'libsodium alone', 'rate'
    other = Result('password login, 1 hash thread', 'logins/s')
    other.product, other.reference = rig.alternate(product, library('libargon2'))
    other.reference_name, other.key = 'libargon2 alone', 'rate'

    def sends():
        return rig.measure(server, 'requests', 'request_load', '--port', server.port, '--connections', SEND_CONNECTIONS,
                           '--seconds', seconds, '--sends-from', rig.fresh())

    def sends_in_flood():
        command = [os.path.join(LOAD, 'request_load'), *map(str, flood_words), '--seconds', str(seconds + 2)]
        flood = rig.processes.start('request_load', command, LOAD_CPU, stdout=subprocess.PIPE)
        got = sends()
        flood.popen.stdout.read()
        rig.processes.stop(flood)
        return got

    flood = Result(f'`send` on {SEND_CONNECTIONS} connections during a flood of logins, p99', 'µs', at_most(2))
    flood.product, flood.reference = rig.alternate(sends_in_flood, sends)
    flood.reference_name, flood.key = 'quiet', 'p99_us'
    kept = Result(f'`send` on {SEND_CONNECTIONS} connections during a flood of logins', 'sends/s')
    kept.product, kept.reference, kept.reference_name, kept.key = flood.product, flood.reference, 'quiet', 'rate'
    server.stop()
    return [bare, other, flood, kept]
