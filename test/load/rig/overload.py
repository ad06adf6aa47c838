"""Five times as many sends as the server can do: what it still serves, and how it refuses the rest."""
from rounds import Result, at_least, at_most
from servers import Smsauthd, slow_fsync

NAME = 'overload'
WHAT = 'sends arriving at five times the rate that the server can do'

SLOW_FSYNC_US = 15_000
FACTOR = 5
CONNECTIONS = 8000  # so that arrivals are not held back by what waits
PEAK_CONNECTIONS = 512  # several full batches
RSS_GROWTH_MB = 64  # "flat": no more than the bounded queues and buffers hold


def run(rig):
    """First where the server's processor is the limit, then where the disk is: the one that refusals do not need."""
    return overload(rig, Smsauthd(rig), '') + overload(rig, Smsauthd(rig, environment=slow_fsync(SLOW_FSYNC_US)),
                                               f', fsync {SLOW_FSYNC_US // 1000} ms')


def overload(rig, server, where):
    seconds = rig.chosen.seconds

    def peak():
        return rig.measure(server, 'requests', 'request_load', '--port', server.port, '--connections',
                           PEAK_CONNECTIONS, '--seconds', seconds, '--sends-from', rig.fresh())

    def flood(rate):
        before = server.rss_kib()
        got = rig.measure(server, 'requests', 'request_load', '--port', server.port, '--connections', CONNECTIONS,
                          '--seconds', seconds, '--rate', round(rate), '--sends-from', rig.fresh(10**7))
        got['offered_rate'] = rate
        # What found no free connection is not load.
        got['unsent_share'] = got['unsent'] / (got['unsent'] + got['requests'])
        got['grown_mb'] = (got['rss_kib'] - before) / 1024
        got['refused_p99_ms'] = got['refused_p99_us'] / 1000
        got['served_p99_ms'] = got['p99_us'] / 1000
        return got

    peak()  # warm
    calm, stressed = [], []
    for _ in range(rig.chosen.rounds):
        calm.append(peak())
        stressed.append(flood(FACTOR * calm[-1]['rate']))

    server.stop()

    def result(what, unit, key, goal=None):
        made = Result(what.replace('overload', 'overload' + where, 1), unit, goal)
        made.product, made.key = stressed, key
        return made

    goodput = result('overload at 5 × capacity: sends served, against the peak', 'sends/s', 'served_rate', at_least(0.9))
    goodput.reference = [{**row, 'served_rate': row['rate']} for row in calm]
    goodput.reference_name = 'peak'
    return [
        goodput,
        result('overload: answered in all', 'requests/s', 'rate'),
        result('overload: share of the load that found no free connection', '', 'unsent_share'),
        result('overload: p99 of what is served', 'ms', 'served_p99_ms', at_most(500, ' ms')),
        result('overload: p99 of refusals', 'ms', 'refused_p99_ms', at_most(50, ' ms')),
        result('overload: refusals without `Retry-After`', '', 'without_retry_after', at_most(0)),
        result('overload: memory grown', 'MB', 'grown_mb', at_most(RSS_GROWTH_MB, ' MB')),
    ]
