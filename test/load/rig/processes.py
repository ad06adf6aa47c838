"""Starting, watching and stopping processes. Whatever was started here is stopped by close()."""
import os
import shutil
import signal
import subprocess
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), '..', '..', '..'))
BUILD = os.path.join(ROOT, 'build', 'release')
LOAD = os.path.join(BUILD, 'test', 'load')
TICKS = os.sysconf('SC_CLK_TCK')
STOP_SECONDS = 20


class RigError(Exception):
    """Ends the run with one line."""


class Process:
    def __init__(self, popen, name):
        self.popen, self.name = popen, name

    @property
    def pid(self):
        return self.popen.pid

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def rss_kib(self):
        return rss_kib(self.pid)

    def stop(self):
        if self.popen.poll() is not None:
            return
        self.popen.terminate()
        try:
            self.popen.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait()


def cpu_seconds(pid):
    with open(f'/proc/{pid}/stat') as file:
        after_name = file.read().rpartition(')')[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS


def rss_kib(pid):
    with open(f'/proc/{pid}/status') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('VmRSS:'))


def wait_until(what, condition, seconds=20):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise RigError(f'not within {seconds} s: {what}')
        time.sleep(0.01)


def pinned(cpu, command):
    """On one CPU, or a list such as "0,1"; where there is only one CPU, as it is."""
    return command if cpu is None or (os.cpu_count() or 1) < 2 else ['taskset', '-c', str(cpu), *command]


class Processes:
    def __init__(self):
        os.makedirs(os.path.join(ROOT, 'build', 'bench'), exist_ok=True)
        self.directory = tempfile.mkdtemp(prefix='run.', dir=os.path.join(ROOT, 'build', 'bench'))
        os.chmod(self.directory, 0o711)  # mariadbd runs as another user when we are root
        self.running = []
        self.at_end = []
        self.count = 0

    def new_directory(self, name):
        self.count += 1
        path = os.path.join(self.directory, f'{self.count}-{name}')
        os.mkdir(path, 0o711)
        return path

    def start(self, name, command, cpu=None, environment=None, **how):
        """In a session of its own, so that Ctrl-C reaches the rig alone, which stops it in order."""
        how.setdefault('stdin', subprocess.DEVNULL)
        log = open(os.path.join(self.directory, 'output.log'), 'ab')
        process = Process(subprocess.Popen(pinned(cpu, command), start_new_session=True, stderr=log,
                                           stdout=how.pop('stdout', log),
                                           env={**without_settings(), **(environment or {})}, **how), name)
        log.close()
        self.running.append(process)
        return process

    def run(self, command, cpu=None, environment=None, seconds=900):
        """Its standard output. Ends the rig when it fails."""
        process = subprocess.Popen(pinned(cpu, command), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   env={**without_settings(), **(environment or {})})
        try:
            out, err = process.communicate(timeout=seconds)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        if process.returncode != 0:
            raise RigError(f"{os.path.basename(command[0])} failed: {(err or out).strip()[-300:]}")
        return out

    def stop(self, process):
        process.stop()
        self.running.remove(process)

    def stop_all(self):
        for process in reversed(self.running):
            process.stop()
        self.running = []
        while self.at_end:
            self.at_end.pop()()

    def close(self):
        self.stop_all()
        shutil.rmtree(self.directory, ignore_errors=True)


def without_settings():
    return {name: value for name, value in os.environ.items() if not name.startswith('SMSAUTHD_')}
