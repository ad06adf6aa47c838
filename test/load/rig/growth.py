"""Flows per second on a database full of accounts, against one that has few."""
import sqlite3
import time

from processes import RigError
from rounds import Result, at_least
from servers import Smsauthd

NAME = 'growth'
WHAT = 'flows with many accounts in the database, beside ten thousand (SQLite)'

FEW = 10_000
# Their numbers begin with 15 and 16, sorted as the keys are; flows use 13.
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)"
ROWS = {
    'identity': "SELECT '+86' || (15000000000 + i * :gap), :uid + i, 1, :now FROM n",
    'phone_quota': "SELECT '+86' || (15000000000 + i * :gap), printf('%032x', i), :now, 1, :now, 1, 0, 0, "
                   ":now, 0, 0, 0, 0, 0, 0 FROM n",
    'verification': "SELECT '+86' || (15000000000 + i * :gap), 'login', printf('%064x', i), printf('%032x', i), :now, "
                    ":now + 300000, 1, 1 FROM n",
    'account': "SELECT :uid + i, printf('%032x', i), '+86' || (15000000000 + i * :gap), 0, printf('u_%06x', i), '', '', "
               "'', '', '', '', 'member', 0, 0, 0, 0, 0, 0, 0, '127.0.0.1', '127.0.0.1', '', :now, :now, :now FROM n",
    # Random keys that arrive sorted: the i-th of equal parts of the key space, and 16 more digits.
    'session': "SELECT printf('%016x', i * (9223372036854775807 / :count)) || printf('%016x', i), :uid + i, 'discuzq', "
               "0, '', '127.0.0.1', :now, :now + 2592000000, printf('%064x', i), 1, :now, :now + 2592000000, 0 FROM n",
}
UIDS_FROM = 1_000_000_000


def fill(path, count):
    """In one transaction, keys in order."""
    database = sqlite3.connect(path, isolation_level=None)
    database.execute('PRAGMA synchronous=OFF')
    database.execute('PRAGMA cache_size=-262144')
    database.execute('BEGIN')
    values = {'count': count, 'gap': max(1, 10**9 // count), 'uid': UIDS_FROM, 'now': int(time.time() * 1000)}
    for table, rows in ROWS.items():
        database.execute(f'INSERT INTO {table} {NUMBERS} {rows}',
                         {name: value for name, value in values.items() if f':{name}' in NUMBERS + rows})
        if database.execute(f'SELECT COUNT(*) FROM {table}').fetchone()[0] < count:
            raise RigError(f'growth: {table} was not filled')
    database.execute('COMMIT')
    database.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    database.close()


def server_with(rig, count):
    server = Smsauthd(rig)
    server.stop()
    began = time.monotonic()
    fill(server.path('smsauthd.db'), count)
    print(f'bench: {count:,} accounts in {time.monotonic() - began:.0f} s', flush=True)
    server.start()
    return server


def run(rig):
    many, few = server_with(rig, rig.chosen.accounts), server_with(rig, FEW)
    for server in (many, few):
        server.flows(seconds=1)
    result = Result(f'flows with {rig.chosen.accounts:,} accounts', 'flows/s', at_least(0.8))
    result.product, result.reference = rig.alternate(many.flows, few.flows)
    result.key, result.reference_name = 'rate', f'{FEW:,} accounts'
    return [result]
