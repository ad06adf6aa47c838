"""The HTTP edge against nginx's static reply of as many bytes."""
import os

from processes import RigError
from rounds import Result, at_least, at_most
from servers import Nginx, Smsauthd, raw_reply

NAME = 'edge'
WHAT = "requests without the database, one by one and pipelined, beside nginx's static reply"

HEALTH = b'GET /healthz HTTP/1.1\r\nHost: bench\r\n\r\n'
BODY = b'{"data":{"attributes":{"mobile":"12345","type":"login"}}}'
REFUSED = (b'POST /api/sms/send HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n'
           b'Content-Length: %d\r\n\r\n' % len(BODY)) + BODY
PIPELINED = 16


def compare(rig, server, port, name, request, pipeline, results):
    """One request against nginx; appends to each of `results`."""
    reply = raw_reply(port, request)
    nginx = Nginx(rig, int(reply[9:12]), reply)
    if nginx.reply_bytes != len(reply):
        raise RigError(f'nginx answers {nginx.reply_bytes} bytes, smsauthd {len(reply)}')
    file = os.path.join(nginx.directory, 'request')
    with open(file, 'wb') as out:
        out.write(request)

    def run(process, at):
        got = rig.measure(process, 'requests', 'request_load', '--port', at, '--requests', file, '--pipeline', pipeline,
                          '--connections', rig.chosen.connections, '--seconds', rig.chosen.seconds)
        expected = {reply[9:12].decode()}
        if set(got['statuses']) != expected or got['lost_connections']:
            raise RigError(f"{name}: expected only {expected}, got {got['statuses']}, "
                           f"{got['lost_connections']} connections lost")
        return got

    product, reference = rig.alternate(lambda: run(server, port), lambda: run(nginx, nginx.port))
    nginx.stop()
    for result in results:
        result.product, result.reference, result.reference_name = product, reference, 'nginx'
        result.notes = {'reply_bytes': len(reply), 'pipeline': pipeline}
    return results


def cpu(what, goal):
    result = Result(what, 'µs CPU', goal)
    result.key = 'cpu_us'
    return result


def rate(what, goal=None):
    result = Result(what, 'requests/s', goal)
    result.key = 'rate'
    return result


def run(rig):
    server = Smsauthd(rig)
    health = compare(rig, server, server.admin_port, 'healthz', HEALTH, 1,
                     [cpu('`GET /healthz`, CPU per request', at_most(1.0)), rate('`GET /healthz`')])
    refused = compare(rig, server, server.port, 'send', REFUSED, 1,
                      [cpu('`send` refused by validation, CPU per request', at_most(1.4)),
                       rate('`send` refused by validation')])
    # Both by the same raw client: wrk would cost more than the servers.
    piped = compare(rig, server, server.admin_port, 'healthz', HEALTH, PIPELINED,
                    [rate(f'`GET /healthz`, pipelined {PIPELINED}', at_least(3))])
    piped_send = compare(rig, server, server.port, 'send', REFUSED, PIPELINED,
                         [rate(f'`send` refused by validation, pipelined {PIPELINED}')])
    server.stop()
    return health + refused + piped + piped_send
