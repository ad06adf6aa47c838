"""The machine, the versions, and the probes that make figures of two runs comparable."""
import os
import platform
import re
import subprocess

from processes import LOAD, ROOT, RigError


def output(command):
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    except FileNotFoundError:
        return 'none'
    return (done.stdout + done.stderr).strip()


def version_in(text):
    found = re.search(r'\d+\.\d+(\.\d+)?', text)
    return found.group() if found else 'unknown'


class Machine:
    def __init__(self, chosen):
        self.cpus = os.cpu_count() or 1
        self.build(chosen)
        self.work = os.path.join(ROOT, 'build', 'bench')
        with open('/proc/cpuinfo') as file:
            model = re.search(r'^model name\s*: (.*)$', file.read(), re.M)
        self.versions = {
            'commit': output(['git', 'rev-parse', '--short=12', 'HEAD']) +
                      ('+changes' if output(['git', 'status', '--porcelain', '--untracked-files=no']) else ''),
            'cpu': f"{model.group(1) if model else platform.machine()}, {self.cpus} threads",
            'kernel': platform.release(),
            'compiler': version_in(output(['g++', '-dumpfullversion'])),
            'nginx': version_in(output(['nginx', '-v'])),
            'mariadb': version_in(output(['mariadbd', '--version']).partition('Ver')[2]),
            'sqlite': version_in(output(['sqlite3', '--version'])),
            'libsodium': version_in(output(['dpkg-query', '-W', '-f', '${Version}', 'libsodium23'])),
        }

    @staticmethod
    def build(chosen):
        if chosen.skip_build:
            return
        for command in (['scripts/install-packages', 'test'], ['scripts/build', 'release', 'smsauthd', 'load']):
            if subprocess.run(command, cwd=ROOT).returncode != 0:
                raise RigError(' '.join(command) + ' failed')

    def probe(self):
        """Millions of ALU steps a second on one and on all threads; microseconds of an fdatasync."""
        def ask(*words):
            return float(output([os.path.join(LOAD, 'probes'), *words]))
        return {'alu_1': ask('alu', '1'), f'alu_{self.cpus}': ask('alu', str(self.cpus)),
                'fdatasync_us': ask('fdatasync', self.work)}
