"""The servers that are measured: smsauthd, nginx, MariaDB; each on private ports and in a private directory."""
import http.client
import os
import re
import socket
import subprocess

from processes import BUILD, LOAD, ROOT, RigError, cpu_seconds, pinned, wait_until
from rounds import SERVER_CPU


def free_port():
    with socket.socket() as probe:
        probe.bind(('127.0.0.1', 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        socket.create_connection(('127.0.0.1', port), 1).close()
        return True
    except OSError:
        return False


def status_of(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=5)
    try:
        connection.request('GET', path)
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


def raw_reply(port, request):
    """The bytes of the reply to one raw request."""
    with socket.create_connection(('127.0.0.1', port), 5) as connection:
        connection.sendall(request)
        got = b''
        while True:
            head, end, body = got.partition(b'\r\n\r\n')
            length = re.search(rb'\r\nContent-Length: (\d+)', head)
            if end and length and len(body) >= int(length.group(1)):
                return got
            more = connection.recv(65536)
            if not more:
                raise RigError('a server closed before it answered')
            got += more


def slow_fsync(microseconds):
    return {'LD_PRELOAD': os.path.join(LOAD, 'slow_fsync.so'), 'SLOW_FSYNC_US': str(microseconds)}


class Smsauthd:
    """`options` are settings by name; those of --server-option go before them."""

    def __init__(self, rig, database=None, cpu=SERVER_CPU, environment=None, directory=None, **options):
        self.rig, self.cpu, self.environment = rig, cpu, environment
        self.directory = directory or rig.processes.new_directory('smsauthd')
        self.port, self.admin_port = free_port(), free_port()
        self.spool = self.path('spool.jsonl')
        self.database = database or 'sqlite:' + self.path('smsauthd.db')
        given = dict(option.split('=', 1) for option in rig.chosen.server_option)
        defaults = {'profile': 'dev', 'threads': '1', 'log-level': 'warning', 'code-echo': 'off'}
        self.options = {**defaults, **{name.replace('_', '-'): str(value) for name, value in options.items()}, **given}
        self.start()

    def path(self, name):
        return os.path.join(self.directory, name)

    def command(self, *first):
        places = {'listen': f'127.0.0.1:{self.port}', 'admin-listen': f'127.0.0.1:{self.admin_port}',
                  'db': self.database, 'sms': 'spool:' + self.spool, 'secret-file': self.path('secret.key'),
                  'log-file': self.path('log')}
        words = [word for name, value in {**places, **self.options}.items() for word in ('--' + name, value)]
        return [os.path.join(BUILD, 'smsauthd'), *first, *words]

    def start(self):
        self.process = self.rig.processes.start('smsauthd', self.command('serve'), self.cpu, self.environment)
        wait_until('smsauthd is ready', self.ready)

    def ready(self):
        if self.process.popen.poll() is not None:
            raise RigError(f'smsauthd ended: {self.log()}')
        return status_of(self.admin_port, '/readyz') == 200

    def log(self):
        output = os.path.join(self.rig.processes.directory, 'output.log')
        text = ''
        for path in (self.path('log'), output):
            if os.path.exists(path):
                with open(path, errors='replace') as file:
                    text += file.read()
        return text.strip()[-300:]

    def migrate(self, database):
        """Makes the schema in another database."""
        self.rig.processes.run([os.path.join(BUILD, 'smsauthd'), 'migrate', '--profile', 'dev', '--db', database,
                                '--sms', 'log:', '--secret-file', self.path('secret.key')])

    def cpu_seconds(self):
        return self.process.cpu_seconds()

    def rss_kib(self):
        return self.process.rss_kib()

    def stop(self):
        self.rig.processes.stop(self.process)

    def flows(self, connections=None, seconds=None, flows=None, count=10**6):
        """One measurement of whole flows."""
        chosen = self.rig.chosen
        words = ['--port', self.port, '--spool', self.spool, '--first', self.rig.fresh(count),
                 '--connections', connections or chosen.connections, '--seconds', seconds or chosen.seconds]
        got = self.rig.measure(self, 'flows', 'flow_load', *words, *(['--flows', flows] if flows else []))
        if got['failed'] or got['without_code'] or got['lost_connections']:
            raise RigError(f"flows failed: {got['failed']} replies, {got['without_code']} codes not found, "
                           f"{got['lost_connections']} connections; log: {self.log()}")
        return got


class Nginx:
    """Answers every request with one reply, as long as `like` in bytes."""

    def __init__(self, rig, status, like):
        head, _, self.body = like.partition(b'\r\n\r\n')
        self.content_type = re.search(rb'\r\nContent-Type: ([^\r]+)', head).group(1).decode()
        self.rig, self.status, self.port = rig, status, free_port()
        self.directory = rig.processes.new_directory('nginx')
        self.pad = ''
        self.start()
        missing = len(like) - len(raw_reply(self.port, b'GET / HTTP/1.1\r\nHost: bench\r\n\r\n'))
        around = len('X-Pad: \r\n')
        if missing > around:
            self.stop()
            self.pad = 'x' * (missing - around)
            self.start()
        self.reply_bytes = len(raw_reply(self.port, b'GET / HTTP/1.1\r\nHost: bench\r\n\r\n'))

    def start(self):
        body = self.body.decode().replace('\\', '\\\\').replace("'", "\\'").replace('$', '')
        pad = f'add_header X-Pad {self.pad} always;' if self.pad else ''
        path = os.path.join(self.directory, 'nginx.conf')
        with open(path, 'w') as file:
            file.write(f"""daemon off; master_process off; pid {self.directory}/pid; error_log {self.directory}/error.log;
worker_rlimit_nofile 65536; events {{ worker_connections 4096; }}
http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {self.directory};
  proxy_temp_path {self.directory}; fastcgi_temp_path {self.directory}; uwsgi_temp_path {self.directory};
  scgi_temp_path {self.directory};
  server {{ listen 127.0.0.1:{self.port};
    location / {{ default_type "{self.content_type}"; {pad} return {self.status} '{body}'; }} }} }}
""")
        self.process = self.rig.processes.start('nginx', ['nginx', '-p', self.directory, '-c', path], SERVER_CPU)
        wait_until('nginx listens', lambda: answers(self.port))

    def cpu_seconds(self):
        return self.process.cpu_seconds()

    def rss_kib(self):
        return self.process.rss_kib()

    def stop(self):
        self.rig.processes.stop(self.process)


class MariaDb:
    """scripts/mariadb-for-tests; with `slow_fsync_us` started again behind the preload library."""

    def __init__(self, rig, cpu=SERVER_CPU, preload=None):
        self.rig, self.cpu = rig, cpu
        self.directory = rig.processes.new_directory('mariadb')
        os.rmdir(self.directory)
        self.script('start', self.directory)
        rig.processes.at_end.append(lambda: self.script('stop', self.directory))
        if preload:
            self.script('kill', self.directory)
            self.script('restart', self.directory, environment=preload)
        text = self.rig.processes.run(['bash', '-c', f'eval "$({ROOT}/scripts/mariadb-for-tests env {self.directory})"; '
                                       'printf %s "$SMSAUTHD_TEST_MYSQL_SOCKET_URI"'])
        self.uri = text
        self.socket = os.path.join(self.directory, 'mariadb.sock')

    def script(self, *words, environment=None):
        # Its output goes to a file: the server it leaves behind would hold a pipe open.
        with open(os.path.join(self.rig.processes.directory, 'output.log'), 'ab') as log:
            done = subprocess.run(pinned(self.cpu, [os.path.join(ROOT, 'scripts', 'mariadb-for-tests'), *words]),
                                  stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                  env={**os.environ, **(environment or {})})
        if done.returncode != 0:
            raise RigError(f"mariadb-for-tests {words[0]} failed; see {log.name}")

    def new_database(self, name):
        self.script('database', self.directory, name)
        return self.uri.replace('@/?', f'@/{name}?')

    def pid(self):
        with open(os.path.join(self.directory, 'pid')) as file:
            return int(file.read())

    def cpu_seconds(self):
        return cpu_seconds(self.pid())
