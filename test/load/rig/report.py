"""JSON files and the Markdown table; nothing in them was typed by hand."""
import json
import os
import sys
import time

from processes import ROOT

DIRECTORY = os.path.join(ROOT, 'build', 'bench')


def write_json(name, machine, probes, results, chosen):
    document = {'scenario': name, 'at': time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime()),
                'versions': machine.versions, 'probe_before': probes[0], 'probe_after': probes[1],
                'rounds': chosen.rounds, 'seconds': chosen.seconds, 'connections': chosen.connections,
                'server_options': chosen.server_option, 'results': [result.as_dict() for result in results]}
    path = os.path.join(DIRECTORY, name + '.json')
    with open(path + '.new', 'w') as file:
        json.dump(document, file, indent=1, ensure_ascii=False)
    os.replace(path + '.new', path)


def number(value, unit=''):
    if value is None:
        return '–'
    text = f'{value:,.0f}' if abs(value) >= 100 else f'{value:.3g}'
    return f'{text} {unit}'.strip()


def row(result):
    ratio = number(result['ratio']) if result['ratio'] is not None else '–'
    verdict = '' if result['met'] is None else ('yes' if result['met'] else '**no**')
    extra = result['medians']
    detail = []
    if 'cpu_us' in extra:
        detail.append(f"CPU {number(extra['cpu_us'])} µs")
    for name in ('p50_us', 'p99_us', 'send_p50_us', 'send_p99_us', 'login_p50_us', 'login_p99_us'):
        if name in extra:
            detail.append(f"{name[:-3].replace('_', ' ')} {extra[name] / 1000:.2f} ms")
    if 'mariadbd_cpu_us' in extra:
        detail.append(f"mariadbd {number(extra['mariadbd_cpu_us'])} µs")
    if 'rss_kib' in extra:
        detail.append(f"RSS {extra['rss_kib'] / 1024:.0f} MB")
    reference = number(result['reference_value'], result['unit'])
    if result['reference_name']:
        reference += f" ({result['reference_name']})"
    return (f"| {result['what']} | {number(result['value'], result['unit'])} | {reference} | {ratio} | "
            f"{result['goal'] or ''} | {verdict} | {', '.join(detail)} |")


HEAD = '| What | smsauthd | Reference | Ratio | Goal | Met | Medians beside it |\n|---|---|---|---|---|---|---|'


def print_results(results):
    print(HEAD)
    for result in results:
        print(row(result.as_dict()))
    sys.stdout.flush()


def write_table(machine):
    """From every JSON file of this commit, so that scenarios can be run one by one."""
    import scenarios
    lines, left_out = [HEAD], []
    about = None
    for name in scenarios.ALL:
        path = os.path.join(DIRECTORY, name + '.json')
        if not os.path.exists(path):
            left_out.append(name)
            continue
        with open(path) as file:
            document = json.load(file)
        if document['versions']['commit'] != machine.versions['commit']:
            left_out.append(name)
            continue
        lines += [row(result) for result in document['results']]
        about = document
    path = os.path.join(DIRECTORY, 'README-table.md')
    with open(path, 'w') as file:
        if about:
            v, probe = about['versions'], about['probe_before']
            file.write(f"Commit {v['commit']}, {about['at']}: {v['cpu']}, kernel {v['kernel']}, GCC {v['compiler']}, "
                       f"nginx {v['nginx']}, MariaDB {v['mariadb']}, SQLite {v['sqlite']}, libsodium {v['libsodium']}; "
                       f"fdatasync {number(probe['fdatasync_us'])} µs; {about['connections']} connections, medians of "
                       f"{about['rounds']} rounds of {about['seconds']:g} s; ratios are medians of each round's "
                       'ratio.\n\n')
        file.write('\n'.join(lines) + '\n')
        if left_out:
            file.write(f"\nNot measured on this commit: {', '.join(left_out)}.\n")
    return os.path.relpath(path, ROOT)
