"""Memory and CPU of connections that are kept alive and say nothing."""
import os
import subprocess
import time

from edge import REFUSED
from processes import LOAD, RigError
from rounds import LOAD_CPU, Result, at_most
from servers import Smsauthd

NAME = 'idle'
WHAT = 'memory and CPU of idle keep-alive connections'

SETTLE_SECONDS = 2  # buffers are given up at the first sweep that finds a connection idle


def hold(rig, server, request):
    """One round on a fresh server: what the connections add."""
    count = rig.chosen.idle_connections
    time.sleep(SETTLE_SECONDS)
    before = server.rss_kib()
    command = [os.path.join(LOAD, 'idle_load'), '--port', str(server.port), '--connections', str(count), '--requests',
               request]
    load = rig.processes.start('idle_load', command, LOAD_CPU, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if load.popen.stdout.readline() != b'ready\n':
        raise RigError('idle_load did not get its connections; see ulimit -n')
    at_peak = server.rss_kib()
    time.sleep(SETTLE_SECONDS)
    cpu, began = server.cpu_seconds(), time.monotonic()
    time.sleep(rig.chosen.seconds)
    share = (server.cpu_seconds() - cpu) / (time.monotonic() - began) * 100
    after = server.rss_kib()
    load.popen.stdin.close()
    load.popen.wait(30)
    rig.processes.stop(load)
    return {'kib_each': (after - before) / count, 'kib_each_at_peak': (at_peak - before) / count,
            'cpu_percent': share, 'rss_kib': after}


def run(rig):
    rows = []
    for _ in range(rig.chosen.rounds):
        server = Smsauthd(rig, http_connections=max(16384, rig.chosen.idle_connections + 64), http_idle_timeout=3600)
        request = server.path('request')
        with open(request, 'wb') as file:
            file.write(REFUSED)
        rows.append(hold(rig, server, request))
        server.stop()
    count = f'{rig.chosen.idle_connections:,}'
    memory = Result(f'{count} idle connections, memory of each', 'KiB', at_most(2, ' KiB'))
    cpu = Result(f'{count} idle connections, CPU', '%', at_most(1, ' %'))
    memory.product = cpu.product = rows
    memory.key, cpu.key = 'kib_each', 'cpu_percent'
    return [memory, cpu]
