"""From the start of the process to /readyz, on a database that was there before; and memory without load."""
import socket
import time

from rounds import Result, at_most
from servers import Smsauthd

NAME = 'start'
WHAT = 'start to ready on an existing empty SQLite database, and memory at rest'

STARTS_PER_ROUND = 5
REST_SECONDS = 1
READY = b'GET /readyz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n'


def is_ready(port):
    try:
        with socket.create_connection(('127.0.0.1', port), 5) as connection:
            connection.sendall(READY)
            return connection.recv(64).startswith(b'HTTP/1.1 200')
    except OSError:
        return False


def start_once(rig, server):
    began = time.monotonic()
    server.process = rig.processes.start('smsauthd', server.command('serve'), server.cpu)
    while not is_ready(server.admin_port):
        time.sleep(0.0005)
    return (time.monotonic() - began) * 1000


def run(rig):
    server = Smsauthd(rig)
    server.stop()
    rows = []
    for _ in range(rig.chosen.rounds):
        times = []
        for _ in range(STARTS_PER_ROUND):
            times.append(start_once(rig, server))
            if len(times) == STARTS_PER_ROUND:
                time.sleep(REST_SECONDS)
                rss = server.rss_kib() / 1024
            server.stop()
        rows.append({'ready_ms': sorted(times)[len(times) // 2], 'slowest_ms': max(times), 'rss_mb': rss})
    ready = Result('start to ready, empty SQLite', 'ms', at_most(100, ' ms'))
    memory = Result('memory at rest', 'MB', at_most(20, ' MB'))
    ready.product = memory.product = rows
    ready.key, memory.key = 'ready_ms', 'rss_mb'
    return [ready, memory]
