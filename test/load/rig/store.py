"""Whole flows on both engines, against C programs that run the same statements; also with a slow disk."""
import os
import re

from processes import LOAD, RigError
from rounds import LOAD_CPU, SERVER_CPU, Result, at_least, at_most, median
from servers import MariaDb, Smsauthd, slow_fsync

NAME = 'store'
WHAT = 'send, read the code, log in: against C programs that run the same statements on SQLite and MariaDB'

SLOW_FSYNC_US = 1000
# A transaction for each request pays a sync for each, two a flow: twenty times less than batches it does only where a
# sync takes a twentieth of what 40 flows take, some 2.5 ms.
SLOWER_FSYNC_US = 3000
SLOW_CONNECTIONS = 8
SLOW_LANES = 4  # "help only when the disk or cluster takes long to commit": conf/smsauthd.conf.example
# Times --connections. SQLite: one batch is written while another is synced, so two of them; the reference has one at a
# time. A slow disk: what keeps four lanes in full batches.
SQLITE_CROWD, SLOW_CROWD = 2, 12
MARIADB_CPU, CLIENT_CPU = SERVER_CPU, LOAD_CPU  # the server shares a CPU with its load, and MariaDB has one of its own
RECORDED_FLOWS = 40
# Around the flows: transactions, the marker that tells whether a lost commit happened, one mark where eight wait.
NOT_COMPARED = ('BEGIN', 'COMMIT', 'SAVEPOINT', 'RELEASE', 'UPDATE commit_marker',
                "UPDATE outbox SET state = ?, sealed_body = ?, finished_at = ?, gateway = ? WHERE id IN (?) AND", 'SET ', 'PRAGMA')


def shape(statement):
    """A statement without its values and blanks."""
    text = re.sub(r"'(?:[^'\\]|\\.)*'|:p\d+|\b\d+\b", '?', statement)
    return re.sub(r'\s+', ' ', text).strip()


def without_flow_values(shapes):
    return {each for each in shapes if not each.startswith(NOT_COMPARED)}


def check_statements(rig, program, database):
    """Ends the run when the reference does not run what the server runs in each flow."""
    record = rig.processes.new_directory('record') + '/statements'
    server = Smsauthd(rig, database, environment={'LD_PRELOAD': os.path.join(LOAD, 'record_statements.so'),
                                                  'RECORD_STATEMENTS': record})
    server.flows(connections=1, flows=RECORDED_FLOWS, seconds=30)
    server.stop()
    with open(record) as file:
        ran = [shape(line) for line in file]
    in_each_flow = without_flow_values({each for each in set(ran) if ran.count(each) >= RECORDED_FLOWS})
    printed = rig.processes.run([os.path.join(LOAD, program), '--print-statements'])
    names = dict(reversed(line.split('\t', 1)) for line in printed.splitlines())
    expected = without_flow_values({shape(text) for text, name in names.items()
                                    if not name.startswith(('sequence.', 'outbox.finish'))})
    if in_each_flow != expected:
        raise RigError(f'{program} does not run what smsauthd runs; test/load/reference/flow.c needs these:\n'
                       f'only smsauthd: {sorted(in_each_flow - expected)}\nonly the reference: '
                       f'{sorted(expected - in_each_flow)}')


def result(what, product, reference, reference_name, goal=None, key='rate', unit='flows/s'):
    made = Result(what, unit, goal)
    made.product, made.reference, made.reference_name, made.key = product, reference, reference_name, key
    return made


class SqliteReference:
    def __init__(self, rig, server, batch, **how):
        self.rig, self.batch, self.how = rig, batch, how
        self.file = os.path.join(rig.processes.new_directory('reference'), 'reference.db')
        server.migrate('sqlite:' + self.file)

    def flows(self):
        return self.rig.load('sqlite_reference', self.file, '--seconds', self.rig.chosen.seconds, '--first',
                             self.rig.fresh(), '--clients', self.rig.chosen.connections, '--batch', self.batch,
                             cpu=SERVER_CPU, **self.how)


def crowd(rig, server, times):
    return lambda: server.flows(connections=times * rig.chosen.connections)


def sqlite(rig):
    check_statements(rig, 'sqlite_reference', None)
    server = Smsauthd(rig)
    flows = crowd(rig, server, SQLITE_CROWD)
    batched, unbatched = SqliteReference(rig, server, 64), SqliteReference(rig, server, 1)
    server.flows(seconds=1)  # the WAL has grown, caches are warm
    product, reference = rig.alternate(flows, batched.flows)
    against_unbatched, lean = rig.alternate(flows, unbatched.flows)
    # The same server, a transaction for each request.
    single = Smsauthd(rig, db_batch=1)
    grouped, alone = rig.alternate(flows, crowd(rig, single, SQLITE_CROWD))
    return [
        result('SQLite FULL: send + login', product, reference, 'C program, 64 a transaction', at_least(0.75)),
        result('SQLite FULL: CPU per flow', product_cpu(product), product_cpu(reference, 'cpu_us_per_flow'),
               'C program, 64 a transaction', key='cpu', unit='µs'),
        result('SQLite FULL, against a transaction per request', against_unbatched, lean, 'C program, unbatched'),
        result('SQLite FULL, against itself with a transaction per request', grouped, alone, 'smsauthd, db-batch = 1',
               at_least(20)),
    ]


def product_cpu(rows, key='cpu_us'):
    return [{**row, 'cpu': row[key]} for row in rows]


class MariaDbReference:
    def __init__(self, rig, mariadb, name, connections, **words):
        self.rig, self.mariadb, self.name, self.connections, self.words = rig, mariadb, name, connections, words

    def flows(self):
        words = [word for name, value in self.words.items() for word in ('--' + name, value)]
        before = self.mariadb.cpu_seconds()
        got = self.rig.load('mariadb_reference', self.mariadb.socket, self.name, '--seconds', self.rig.chosen.seconds,
                            '--first', self.rig.fresh(), '--connections', self.connections, *words, cpu=CLIENT_CPU)
        got['mariadbd_cpu_us'] = (self.mariadb.cpu_seconds() - before) * 1e6 / max(got['flows'], 1)
        return got


def server_on(rig, mariadb, name, **options):
    """Shares its CPU with the load generator, as the reference has it for itself: MariaDB has the other one."""
    return Smsauthd(rig, mariadb.new_database(name), cpu=CLIENT_CPU, **options)


def flows_on(server, mariadb, connections=None):
    def measure():
        before = mariadb.cpu_seconds()
        got = server.flows(connections=connections)
        got['mariadbd_cpu_us'] = (mariadb.cpu_seconds() - before) * 1e6 / max(got['flows'], 1)
        return got
    return measure


def reference_on(rig, server, mariadb, name, connections, **words):
    server.migrate(mariadb.new_database(name))
    return MariaDbReference(rig, mariadb, name, connections, **words)


def mariadb_results(rig):
    pool = rig.chosen.db_pool
    mariadb = MariaDb(rig, cpu=MARIADB_CPU)
    check_statements(rig, 'mariadb_reference', mariadb.new_database('smsauthd_test_record'))
    server = server_on(rig, mariadb, 'smsauthd_test_product', db_pool=pool)
    prepared = reference_on(rig, server, mariadb, 'smsauthd_test_prepared', pool)
    text = reference_on(rig, server, mariadb, 'smsauthd_test_text', pool, protocol='text')
    batched = reference_on(rig, server, mariadb, 'smsauthd_test_batched', 2, protocol='text', batch=64,
                           clients=max(1, rig.chosen.connections // 2))
    server.flows(seconds=1)
    measure = flows_on(server, mariadb)
    product, reference = rig.alternate(measure, prepared.flows)
    product_2, reference_2 = rig.alternate(measure, text.flows)
    product_3, reference_3 = rig.alternate(measure, batched.flows)
    server.stop()
    shares = [{**row, 'share': row['cpu_us'] / row['mariadbd_cpu_us']} for row in product]
    return [
        result('MariaDB: send + login', product, reference, f'C program, prepared, unbatched, {pool} connections',
               at_least(1)),
        result('MariaDB, against the text protocol', product_2, reference_2, f'C program, text, unbatched, {pool} connections'),
        result('MariaDB, against batches', product_3, reference_3, 'C program, text, 64 a transaction, 2 connections'),
        result("MariaDB: smsauthd's CPU per flow against mariadbd's", shares, [], '', at_most(1), 'share', ''),
    ]


def slow_disk(rig):
    preload = slow_fsync(SLOW_FSYNC_US)
    mariadb = MariaDb(rig, cpu=MARIADB_CPU, preload=preload)
    server = server_on(rig, mariadb, 'smsauthd_test_product', db_pool=SLOW_CONNECTIONS, db_lanes=SLOW_LANES)
    reference = reference_on(rig, server, mariadb, 'smsauthd_test_reference', SLOW_CONNECTIONS)
    server.flows(seconds=1)
    product, other = rig.alternate(flows_on(server, mariadb, SLOW_CROWD * rig.chosen.connections), reference.flows)
    server.stop()
    on_sqlite = Smsauthd(rig, environment=preload)
    unbatched = SqliteReference(rig, on_sqlite, 1, environment=preload)
    on_sqlite.flows(seconds=1)
    sqlite_product, sqlite_other = rig.alternate(crowd(rig, on_sqlite, SQLITE_CROWD), unbatched.flows)
    on_sqlite.stop()
    slower = slow_fsync(SLOWER_FSYNC_US)
    many, one = Smsauthd(rig, environment=slower), Smsauthd(rig, environment=slower, db_batch=1)
    many.flows(seconds=1)
    grouped, alone = rig.alternate(crowd(rig, many, SQLITE_CROWD), crowd(rig, one, SQLITE_CROWD))
    return [
        result('MariaDB, fsync 1 ms', product, other, f'C program, unbatched, {SLOW_CONNECTIONS} connections',
               at_least(4)),
        result('SQLite FULL, fsync 1 ms', sqlite_product, sqlite_other, 'C program, unbatched', at_least(4)),
        result('SQLite FULL, fsync 3 ms, against itself with a transaction per request', grouped, alone,
               'smsauthd, db-batch = 1', at_least(20)),
    ]


def run(rig):
    results = []
    for part in (sqlite, mariadb_results, slow_disk):
        results += part(rig)
        rig.processes.stop_all()
    return results
