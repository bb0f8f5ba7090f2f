#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Plants bugs one at a time in a copy of the tree and expects the simulation to find each.

    tests/sim/plant.py                          all of them, 60 seconds each at most
    tests/sim/plant.py --only NAME,NAME         some of them
    tests/sim/plant.py --quick                  three of them
    tests/sim/plant.py --list                   their names, and whether the code still has their places
    --seconds N   --work FOLDER   --from SEED

A bug is a replacement of text that must be there exactly once: if the code has moved on, the planting
fails loudly, and whoever moved it moves the bug. The clean copy must live its seconds without a finding
first. The table that is printed stands in docs/RELIABILITY.md.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

from planted import BUGS

ROOT = pathlib.Path(__file__).resolve().parents[2]
QUICK = ["no-sync", "operation-again", "outbox-forgotten"]
FOLDERS = ["base", "tariff", "ledger", "plugins", "gateways", "daemon"]


class Failure(Exception):
    pass


def run(command, cwd=None, timeout=900):
    return subprocess.run(command, cwd=cwd, timeout=timeout, capture_output=True, text=True, check=False)


def copy_tree(work):
    """The sources, and of the tests only the simulation: nothing else has to be built. Their times are
    new: what was built of an earlier copy is built again."""
    tree = work / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tree / folder, copy_function=shutil.copyfile)
    (tree / "tests").mkdir()
    shutil.copytree(ROOT / "tests/sim", tree / "tests/sim", copy_function=shutil.copyfile,
                    ignore=shutil.ignore_patterns("__pycache__"))
    (tree / "tests/CMakeLists.txt").write_text("add_subdirectory(sim)\n")
    top = (ROOT / "CMakeLists.txt").read_text()
    # A bug need not please the compiler.
    (tree / "CMakeLists.txt").write_text(top.replace("add_subdirectory(tools)\n", "").replace(" -Werror", ""))
    return tree


def configure(tree, build):
    command = ["cmake", "-S", tree, "-B", build, "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug",
               "-DCMAKE_C_COMPILER=gcc"]
    if shutil.which("ccache"):
        command.append("-DCMAKE_C_COMPILER_LAUNCHER=ccache")
    done = run(command)
    if done.returncode != 0:
        raise Failure(f"the copy can not be configured:\n{done.stdout}{done.stderr}")


def build_sim(build):
    done = run(["cmake", "--build", build, "--target", "test_sim"])
    if done.returncode != 0:
        raise Failure(f"the copy does not build:\n{done.stdout[-3000:]}{done.stderr}")
    return build / "tests/sim/test_sim"


def plant(tree, bug):
    """Writes the bug; gives back what undoes it."""
    before = {}
    for path, old, new in bug.edits:
        file = tree / path
        text = file.read_text()
        before.setdefault(file, text)
        if text.count(old) != 1:
            uproot(before)
            raise Failure(f"{bug.name}: {path} has this {text.count(old)} times, not once:\n{old}")
        file.write_text(text.replace(old, new))
    return before


def uproot(before):
    for file, text in before.items():
        file.write_text(text)


def finding(said):
    """The line of a finding, without its seed; and the seed."""
    seed = re.search(r"seed (\d+)", said)
    lines = [line for line in said.splitlines() if "Assertion" in line or re.match(r"seed \d+", line)]
    words = lines[0] if lines else said.strip().splitlines()[-1] if said.strip() else "nothing said"
    words = re.sub(r"^seed \d+(, step \d+)?: ", "", words)
    words = re.sub(r"^test_sim: \S*/(\w+/\w+\.c):\d+: (\w+): ", r"\1: ", words)
    return words[:110], seed.group(1) if seed else "-"


def live(sim, seconds, seed):
    began = time.monotonic()
    done = run([sim, "--seconds", str(seconds), "--from", str(seed)], timeout=seconds + 300)
    return done.returncode != 0, done.stderr, time.monotonic() - began


def try_bug(tree, build, bug, options):
    before = plant(tree, bug)
    try:
        sim = build_sim(build)
        found, said, took = live(sim, options.seconds, options.seed)
    finally:
        uproot(before)
    words, seed = finding(said) if found else ("NOT FOUND", "-")
    print(f"| {bug.name} | {bug.what} | {words} | {seed} | {took:.0f} |", flush=True)
    return found


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--from", dest="seed", type=int, default=1)
    parser.add_argument("--work", type=pathlib.Path)
    return parser.parse_args()


def choose(options):
    names = QUICK if options.quick else [name for name in options.only.split(",") if name]
    unknown = set(names) - {bug.name for bug in BUGS}
    if unknown:
        raise Failure(f"no such bug: {', '.join(sorted(unknown))}")
    return [bug for bug in BUGS if not names or bug.name in names]


def misfits(tree):
    """The bugs, of all there are, whose text is not there exactly once."""
    return [f"{bug.name} in {path}" for bug in BUGS for path, text, _ in bug.edits
            if (tree / path).read_text().count(text) != 1]


def check(tree):
    if misfits(tree):
        raise Failure(f"the code has moved on, move the bugs: {', '.join(misfits(tree))}")


def plant_all(work, options):
    tree = copy_tree(work)
    check(tree)
    build = work / "build"
    configure(tree, build)
    found, said, took = live(build_sim(build), min(10, options.seconds), options.seed)
    if found:
        raise Failure(f"the clean copy has a finding:\n{said}")
    print(f"clean: {took:.0f} s without a finding\n")
    print("| bug | planted | what was found | seed | s |\n|---|---|---|---|---|")
    missed = [bug.name for bug in choose(options) if not try_bug(tree, build, bug, options)]
    if missed:
        raise Failure(f"not found: {', '.join(missed)}")
    print(f"\n{len(choose(options))} bugs planted, {len(choose(options))} found")


def main():
    options = arguments()
    try:
        if options.list:
            print("\n".join(f"{bug.name:20} {bug.what}" for bug in BUGS))
            check(ROOT)
        elif options.work:
            plant_all(options.work, options)
        else:
            with tempfile.TemporaryDirectory(prefix="alym-plant-") as work:
                plant_all(pathlib.Path(work), options)
    except Failure as failure:
        print(f"plant: {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
