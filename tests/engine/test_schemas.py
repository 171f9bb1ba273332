#!/usr/bin/env python3
"""Every message of replays against the JSON Schema of its kind. TAP. usage: test_schemas.py SCHEMAS TOCSIN [DATA]"""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not installed")
    sys.exit(0)

SCHEMAS, TOCSIN = pathlib.Path(sys.argv[1]), sys.argv[2]
DATA = pathlib.Path(os.environ.get("TOCSIN_DATA") or sys.argv[3])
TAIL = ["software", "config", "epoch", "trace", "key_id", "alg", "signature"]
KINDS = ["alert", "alert-target", "event", "report", "intensity", "pick", "station", "heartbeat"]
# What the design shows of decimals: they are fixed, whatever the value.
DECIMALS = {"latitude_deg": 4, "magnitude": 1, "depth_km": 1, "rms_s": 2, "likelihood": 2, "seconds_left": 1, "intensity": 1}

results = []


def report(good, name, why=""):
    results.append(good)
    print(f"{'ok' if good else 'not ok'} {len(results)} - {name}")
    for line in str(why).splitlines()[:20]:
        print("# " + line)


def skip(name, why):
    results.append(True)
    print(f"ok {len(results)} - {name} # SKIP {why}")


def run(*arguments):
    done = subprocess.run([TOCSIN, *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"tocsin {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout.splitlines()


def faults(lines, validators):
    """At most a few faults, and how many messages of each kind there were."""
    found, seen = [], collections.Counter()
    for number, line in enumerate(lines, 1):
        outer = json.loads(line)
        message = outer["message"]
        kind = message["schema"].removeprefix("tocsin.").removesuffix(".v1")
        seen[kind] += 1
        for error in validators[kind].iter_errors(message):
            found.append(f"line {number}, {kind}: {'/'.join(map(str, error.absolute_path))}: {error.message}")
        members = list(message)
        if members[:3] != ["schema", "status", "issued_at"] or members[-7:] != TAIL:
            found.append(f"line {number}, {kind}: begins {members[:3]}, ends {members[-7:]}")
        if outer["data_time"] != message["issued_at"]:
            found.append(f"line {number}: data_time is not issued_at")
        for name, decimals in DECIMALS.items():
            for value in re.findall(rf'"{name}": ?(-?[0-9.]+)', line):
                if len(value.partition(".")[2]) != decimals:
                    found.append(f"line {number}: {name} is {value}, wanted are {decimals} decimals")
        if len(found) > 10:
            break
    return found, seen


def undescribed(node, path=""):
    if isinstance(node, dict):
        for name, member in node.get("properties", {}).items():
            if not member.get("description"):
                yield f"{path}/{name}"
            yield from undescribed(member, f"{path}/{name}")
        yield from undescribed(node.get("items"), path)


def check_replay(name, lines, validators, wanted):
    found, seen = faults(lines, validators)
    missing = [kind for kind in wanted if not seen[kind]]
    report(not found and not missing, name, "\n".join(found + [f"no {kind} message" for kind in missing]))


def main():
    schemas = {kind: json.loads((SCHEMAS / f"tocsin.{kind}.v1.json").read_text()) for kind in KINDS}
    validators = {kind: jsonschema.Draft202012Validator(schema) for kind, schema in schemas.items()}
    for schema in schemas.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    report(True, "the schemas are schemas")
    bare = [f"{kind}{path}" for kind in KINDS for path in undescribed(schemas[kind])]
    report(not bare, "every member is described", "\n".join(bare))
    broken = json.loads(json.dumps(schemas["event"]["properties"]["magnitude"]))
    report(not jsonschema.Draft202012Validator(broken).is_valid("6.8"), "a magnitude in quotes is found")
    guide = (SCHEMAS.parent / "messages.md").read_text()
    examples = re.findall(r"^\{\"schema\".*?\}$(?=\n```)", guide, re.M | re.S)
    wrapped = [f'{{"data_time": "{json.loads(e)["issued_at"]}", "message": {e}}}' for e in examples]
    check_replay("the examples of docs/messages.md fit their schemas", wrapped, validators, ["alert", "heartbeat"])
    with tempfile.TemporaryDirectory() as folder:
        run("scenario", "--magnitude", "6.8", "--seed", "3", "--out", folder)
        lines = run("replay", "--inventory", folder, "--packet", "1", folder)
        check_replay("every message of a made earthquake fits its schema", lines, validators, KINDS)
    ridgecrest = DATA / "ridgecrest-2019"
    name = "every message of Ridgecrest fits its schema"
    if ridgecrest.is_dir():
        check_replay(name, run("replay", "--inventory", ridgecrest, "--packet", "1", ridgecrest), validators, KINDS)
    else:
        skip(name, "the recordings' folder (TOCSIN_DATA) is absent")
    print(f"1..{len(results)}")
    return 0 if all(results) else 1


sys.exit(main())
