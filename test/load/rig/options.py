"""The words after scripts/bench."""
import argparse
import sys

DESCRIPTION = """Measures smsauthd beside references, alternating the two, and prints medians and the ratio of each pair.

Writes build/bench/SCENARIO.json (every round) and build/bench/README-table.md. Everything it starts runs on private
ports and directories and is stopped at the end, also on Ctrl-C."""


class Parser(argparse.ArgumentParser):
    def error(self, message):
        print(f'bench: {message}; see scripts/bench --help', file=sys.stderr)
        sys.exit(2)


def positive(kind):
    def read(text):
        try:
            value = kind(text)
        except ValueError:
            value = 0
        if value <= 0:
            raise argparse.ArgumentTypeError(f"expected a number above 0, got '{text}'")
        return value
    return read


def parse(words, scenarios):
    parser = Parser(prog='scripts/bench', description=DESCRIPTION, allow_abbrev=False,
                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('scenarios', nargs='*', metavar='SCENARIO', help='one or more of --list; all by default')
    parser.add_argument('--list', action='store_true', help='print the scenarios and end')
    parser.add_argument('--rounds', type=positive(int), default=5, help='rounds of each comparison (default 5)')
    parser.add_argument('--seconds', type=positive(float), default=5, help='length of each measurement (default 5)')
    parser.add_argument('--connections', type=positive(int), default=64, help='of the load generator (default 64)')
    parser.add_argument('--db-pool', type=positive(int), default=4,
                        help='MariaDB: sessions of the server, and connections of the reference (default 4)')
    parser.add_argument('--accounts', type=positive(int), default=10**6, help='growth: accounts (default 1000000)')
    parser.add_argument('--full', action='store_true', help='growth: ten million accounts')
    parser.add_argument('--idle-connections', type=positive(int), default=10_000, help='idle: (default 10000)')
    parser.add_argument('--server-option', action='append', default=[], metavar='NAME=VALUE',
                        help='for every smsauthd, such as log-level=info; repeatable')
    parser.add_argument('--skip-build', action='store_true', help='use build/release as it is')
    chosen = parser.parse_args(words)
    if chosen.list:
        for name, scenario in scenarios.items():
            print(f'{name:12}{scenario.WHAT}')
        sys.exit(0)
    for name in chosen.scenarios:
        if name != 'all' and name not in scenarios:
            parser.error(f"expected {', '.join(scenarios)} or all, got '{name}'")
    for option in chosen.server_option:
        if '=' not in option:
            parser.error(f"--server-option: expected NAME=VALUE, got '{option}'")
    if not chosen.scenarios or 'all' in chosen.scenarios:
        chosen.scenarios = list(scenarios)
    if chosen.full:
        chosen.accounts = 10**7
    return chosen
