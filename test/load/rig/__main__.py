"""scripts/bench: what the service costs, beside references that are measured in the same run.

See scripts/bench --help. Each scenario is a module with NAME, WHAT, and run(rig) -> list of results.
"""
import signal
import sys

import options
import report
import scenarios
from machine import Machine
from processes import RigError, Processes
from rounds import Rig


def stop(_signal, _frame):
    raise KeyboardInterrupt


def run(chosen):
    processes = Processes()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        machine = Machine(chosen)
        rig = Rig(chosen, machine, processes)
        for name in chosen.scenarios:
            print(f'bench: {name}: {scenarios.ALL[name].WHAT}', flush=True)
            before = machine.probe()
            results = scenarios.ALL[name].run(rig)
            processes.stop_all()
            report.write_json(name, machine, [before, machine.probe()], results, chosen)
            report.print_results(results)
        print(f'bench: table in {report.write_table(machine)}')
        return 0
    except RigError as error:
        print(f'bench: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print('bench: stopped', file=sys.stderr)
        return 130
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # nothing may keep us from ending what we started
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        processes.close()


if __name__ == '__main__':
    sys.exit(run(options.parse(sys.argv[1:], scenarios.ALL)))
