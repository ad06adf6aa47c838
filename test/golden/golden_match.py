"""Compares a reply with what a golden file says of it."""

import base64
import json
import re

MARK = "\x00"  # cannot occur in a golden file's JSON; marks a placeholder outside quotes
MORE_KEYS = MARK + "..."


class Mismatch(Exception):
    """The reply is not the one the file describes."""


TEXT_PATTERNS = {
    "int": r"[0-9]+",
    "datetime": r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}",
    "rfc3339": r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+08:00",
    "jwt": r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+",
    "code": r"[0-9]{6}",
    "text": r"(?s:.+)",
}
VALUE_TYPES = {"int": int, "bool": bool, "string": str, "object": dict, "array": list}
PLACEHOLDER = re.compile(r"<([a-z0-9]+)(?: (-?\d+)\.\.(-?\d+))?(?: as (\w+))?>")


def _text_pattern(name):
    sized = re.fullmatch(r"(hex|alnum)(\d+)", name)
    if sized:
        return ("[0-9a-f]" if sized.group(1) == "hex" else "[A-Za-z0-9]") + "{" + sized.group(2) + "}"
    if name not in TEXT_PATTERNS:
        raise Mismatch(f"the golden file uses an unknown placeholder <{name}>")
    return TEXT_PATTERNS[name]


def match_text(expected, actual, captures, where):
    """`expected` may hold placeholders."""
    pattern, found, last = "", [], 0
    for one in PLACEHOLDER.finditer(expected):
        pattern += re.escape(expected[last:one.start()]) + "(" + _text_pattern(one.group(1)) + ")"
        found.append(one)
        last = one.end()
    pattern += re.escape(expected[last:])
    result = re.fullmatch(pattern, actual)
    if not result:
        raise Mismatch(f"{where}: expected {expected!r}, got {actual!r}")
    for one, value in zip(found, result.groups()):
        _check_range(one, value, where)
        if one.group(4):
            captures[one.group(4)] = value


def _check_range(placeholder, value, where):
    if placeholder.group(2) is not None and not int(placeholder.group(2)) <= int(value) <= int(placeholder.group(3)):
        raise Mismatch(f"{where}: expected {placeholder.group(0)}, got {value}")


def parse_expected(text):
    """JSON with placeholders outside quotes and `...` at the end of an object, as plain JSON with marked strings."""
    out, last = "", 0
    for token in re.finditer(r'"(?:[^"\\]|\\.)*"|<[^<>]*>|\.\.\.', text):
        out += text[last:token.start()]
        word = token.group(0)
        if word == "...":
            out += json.dumps(MORE_KEYS) + ":0"
        elif word.startswith("<"):
            out += json.dumps(MARK + word)
        else:
            out += word
        last = token.end()
    try:
        return json.loads(out + text[last:])
    except ValueError as error:
        raise Mismatch(f"the golden file's JSON is broken: {error}") from error


def parse_actual(text):
    def no_duplicates(pairs):
        keys = [key for key, _ in pairs]
        if len(keys) != len(set(keys)):
            raise Mismatch(f"the reply repeats a key: {keys}")
        return dict(pairs)
    try:
        return json.loads(text, object_pairs_hook=no_duplicates)
    except ValueError as error:
        raise Mismatch(f"the reply is no JSON ({error}): {text!r}") from error


def match_json(expected, actual, captures, where="body"):
    if isinstance(expected, str) and expected.startswith(MARK):
        _match_value(expected[1:], actual, captures, where)
    elif type(expected) is not type(actual):
        raise Mismatch(f"{where}: expected {expected!r}, got {actual!r}")
    elif isinstance(expected, dict):
        more = MORE_KEYS in expected
        missing = [key for key in expected if key != MORE_KEYS and key not in actual]
        extra = [key for key in actual if key not in expected]
        if missing or (extra and not more):
            raise Mismatch(f"{where}: missing keys {missing}, unexpected keys {extra}")
        for key, value in expected.items():
            if key != MORE_KEYS:
                match_json(value, actual[key], captures, f"{where}.{key}")
    elif isinstance(expected, list):
        if len(expected) != len(actual):
            raise Mismatch(f"{where}: expected {len(expected)} elements, got {actual!r}")
        for index, (one, other) in enumerate(zip(expected, actual)):
            match_json(one, other, captures, f"{where}[{index}]")
    elif isinstance(expected, str):
        match_text(expected, actual, captures, where)
    elif expected != actual:
        raise Mismatch(f"{where}: expected {expected!r}, got {actual!r}")


def _match_value(text, actual, captures, where):
    placeholder = PLACEHOLDER.fullmatch(text)
    name = placeholder.group(1) if placeholder else None
    if name != "any" and name not in VALUE_TYPES:
        raise Mismatch(f"{where}: the golden file uses an unknown value placeholder {text}")
    if name != "any" and type(actual) is not VALUE_TYPES[name]:
        raise Mismatch(f"{where}: expected {text}, got {actual!r}")
    _check_range(placeholder, actual, where)
    if placeholder.group(4):
        captures[placeholder.group(4)] = str(actual)


def match_body(expected, actual, captures):
    """`expected` None: not compared."""
    if expected is None:
        return
    if expected == "(empty)":
        if actual:
            raise Mismatch(f"body: expected none, got {actual!r}")
    elif expected[0] in "{[":
        match_json(parse_expected(expected), parse_actual(actual), captures)
    else:
        match_text(expected, actual, captures, "body")


def match_fields(expected_lines, fields, captures):
    """`fields`: lower-case name → list of values."""
    for line in expected_lines:
        if line.startswith("!"):
            if line[1:].strip().lower() in fields:
                raise Mismatch(f"header {line[1:]}: expected none, got {fields[line[1:].strip().lower()]}")
            continue
        name, _, value = line.partition(":")
        values = fields.get(name.strip().lower(), [])
        if len(values) != 1:
            raise Mismatch(f"header {name}: expected once, got {values}")
        match_text(value.strip(), values[0], captures, f"header {name}")


def jwt_parts(token):
    def decoded(part):
        return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    parts = token.split(".")
    if len(parts) != 3:
        raise Mismatch(f"no JWT: {token!r}")
    return {"header": decoded(parts[0]), "claims": decoded(parts[1])}


def self_test():
    """Number of wrong verdicts; each line is (expected, actual, should they match)."""
    table = [
        ('{"a": 1}', '{"a":1}', True), ('{"a": 1}', '{"a":"1"}', False), ('{"a": 1}', '{"a":true}', False),
        ('{"a": 1}', '{"a":1.0}', False), ('{"a": 1}', '{"a":1,"b":2}', False), ('{"a": 1, ...}', '{"a":1,"b":2}', True),
        ('{...}', '{}', True), ('{"a": 1, "b": 2}', '{"b":2,"a":1}', True), ('{"a": [1, 2]}', '{"a":[2,1]}', False),
        ('{"a": []}', '{"a":{}}', False), ('{"a": "<hex32>"}', '{"a":"' + "0f" * 16 + '"}', True),
        ('{"a": "<hex32>"}', '{"a":"' + "0F" * 16 + '"}', False), ('{"a": <int>}', '{"a":3}', True),
        ('{"a": <int>}', '{"a":"3"}', False), ('{"a": "<int>"}', '{"a":3}', False), ('{"a": <int 1..5>}', '{"a":6}', False),
        ('{"a": <bool>}', '{"a":0}', False), ('{"a": <any>}', '{"a":null}', True), ('{"a": "x <int> y"}', '{"a":"x 12 y"}', True),
        ('{"a": "<text>"}', '{"a":""}', False), ('{"a": "1.5"}', '{"a":"1x5"}', False), ('{"a": 1}', '{"a":2,"a":1}', False),
        ('{"a": "<datetime>"}', '{"a":"2019-12-20 15:34:32"}', True), ('(empty)', '', True), ('(empty)', '{}', False),
        ('{"a": "\\u53d1"}', '{"a":"发"}', True), ('{"a": "..."}', '{"a":"..."}', True), ('plain', 'plain', True),
    ]
    wrong = 0
    for expected, actual, should in table:
        try:
            match_body(expected, actual, {})
            did = True
        except Mismatch:
            did = False
        if did != should:
            print(f"self-test: {expected} against {actual}: expected {'a match' if should else 'a mismatch'}")
            wrong += 1
    return wrong
