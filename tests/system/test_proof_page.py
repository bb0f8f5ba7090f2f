# SPDX-License-Identifier: Apache-2.0
"""docs/PROOF.md, run as an auditor would: every command of the page, exactly as it stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest

from bank.payer import Payer
from daemon import ROOT, Alym, wait_until

PAGE = ROOT / "docs/PROOF.md"
BLOCK = re.compile(r"^```(sh|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAM = "tree.py"
LINES_MAX = 30


def blocks() -> Iterator[tuple[str, str]]:
    text = PAGE.read_text()
    assert text.count("```") == 2 * len(BLOCK.findall(text)), "a block in no language we know"
    for match in BLOCK.finditer(text):
        yield match[1], match[2]


def run(folder: Path, alym: Alym, record: int, **changes: str) -> subprocess.CompletedProcess[str]:
    """All commands in one shell that ends at the first that fails."""
    for tool in ("curl", "openssl", "python3", "base64", "od"):
        assert shutil.which(tool), f"{tool} is not installed"
    assert [language for language, _ in blocks()].count("python") == 1
    (program,) = [text for language, text in blocks() if language == "python"]
    (folder / PROGRAM).write_text(program)
    script = "set -eu\n" + "".join(text for language, text in blocks() if language == "sh")
    script = changes.pop("before", "") + script
    given = {"SOCKET": str(alym.socket), "RECORD": str(record), "LATER": "0"}
    return subprocess.run(
        ["bash", "-c", script], cwd=folder, env={**os.environ, **given, **changes},
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory, certificates: Path) -> Iterator[tuple[Alym, dict[str, int]]]:
    """A book with a record of each kind that the page speaks of, by its number."""
    alym = Alym(tmp_path_factory.mktemp("page"), certificates)
    try:
        alym.open()
        with alym.client() as client:
            at_a_bank = {"gateway": "sandbox", "return_url": "https://localhost/"}
            body = {"reference": "VMP-77", "quote": {"service": "visa.exit"}, **at_a_bank}
            paid = client.post("/v1/payments", body).json
            Payer(alym.ca).pay(paid["pay_url"])
            path = f"/v1/payments/{paid['id']}"
            wait_until(lambda: client.get(path).json["state"] == "paid", 30, "the money")
            head = client.get("/v1/ledger/balances").json["as_of_record"]
            kinds = {}
            for number in range(1, head + 1):
                leaf = client.get(f"/v1/ledger/records/{number}").json["leaf"]
                kinds[leaf["kind"]] = number
        yield alym, kinds
    finally:
        alym.close()


def test_thirty_lines_are_thirty() -> None:
    (program,) = [text for language, text in blocks() if language == "python"]
    written = [line for line in program.splitlines() if line.strip()]
    assert len(written) <= LINES_MAX


# What goes on while the auditor waits: another payment, and a second in which no checkpoint is made.
BUSY = """sleep() {
	curl -sS --fail-with-body --unix-socket "$SOCKET" http://alym/v1/payments -H "Idempotency-Key: $RANDOM$RANDOM" \
		-H "Content-Type: application/json" \
		-d "{\\"reference\\":\\"$RANDOM$RANDOM\\",\\"quote\\":{\\"service\\":\\"eta\\"}}" > made
	command sleep 1.1
}
"""


@pytest.mark.parametrize("kind", ["payment", "entry"])
def test_the_page_proves_a_record(book: tuple[Alym, dict[str, int]], tmp_path: Path, kind: str) -> None:
    alym, kinds = book
    done = run(tmp_path, alym, kinds[kind], before=BUSY)
    assert done.returncode == 0, done.stdout + done.stderr
    said = done.stdout
    assert (tmp_path / "consistency").stat().st_size > 0
    assert "Signature Verified Successfully" in said
    assert f"record {kinds[kind]} is in the book of" in said
    assert "records are what they were" in said
    assert ("VMP-77" in said) == (kind == "payment")
    part = "private" if kind == "payment" else "evidence"  # the payer, or the bank's message
    assert f"that is what record {kinds[kind]} commits to as {part}" in said


def test_the_page_is_right_while_two_keys_sign(book: tuple[Alym, dict[str, int]], tmp_path: Path) -> None:
    """Newest or before: the first line of `key` is whichever the auditor has."""
    alym, kinds = book
    with alym.client() as client:
        old = client.get("/v1/ledger/key").json.splitlines()[0]
        size = int(client.get("/v1/ledger/checkpoint").json.splitlines()[1])
        assert client.post("/v1/ledger/key/rotate", {"reason": "x"}).status == 200

        def covered() -> Any:
            return int(client.get("/v1/ledger/checkpoint").json.splitlines()[1]) > size + 1

        wait_until(covered, 30, "a checkpoint by both")
    for name, only in (("new", ""), ("old", old)):
        folder = tmp_path / name
        folder.mkdir()
        before = f"head() {{ if [ \"$*\" = '-n 1' ]; then cat > /dev/null; echo '{only}'; else command head \"$@\"; fi; }}\n"
        done = run(folder, alym, kinds["entry"], before=before if only else "")
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Signature Verified Successfully" in done.stdout


LIES = {
    "another record": ("cat checkpoint leaf", "sed -i 's/entry/extra/' leaf"),
    "another size": ("cat checkpoint leaf", "sed -i '2s/$/0/' checkpoint"),
    "another root": ("cat checkpoint leaf", "sed -i '3s/^..../AAAA/' checkpoint"),
    "another path": ("cat checkpoint leaf", "sed -i 's/\"proof\":\\[\"..../\"proof\":[\"0000/' inclusion"),
    "another past": ("mv checkpoint kept", "sed -i '3s/^..../AAAA/' kept"),
    "a longer past": ("mv checkpoint kept", "sed -i '2s/$/0/' kept"),
    "another payer": ("> data\n", "sed -i 's/VMP-77/VMP-78/' data"),
    "another message": ("> data\n", "printf x >> data"),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_the_page_finds_a_lie(
    book: tuple[Alym, dict[str, int]], tmp_path: Path, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The auditor's files are changed behind a command of the page, and some later one fails."""
    alym, kinds = book
    behind, change = LIES[lie]
    honest = list(blocks())
    assert sum(text.count(behind) for _, text in honest) == 1
    end = "" if behind.endswith("\n") else "\n"
    told = [(lang, text.replace(behind, f"{behind}{end}{change}\n")) for lang, text in honest]
    monkeypatch.setitem(globals(), "blocks", lambda: iter(told))
    record = kinds["payment" if lie == "another payer" else "entry"]
    done = run(tmp_path, alym, record, before=BUSY if "past" in lie else "")
    assert done.returncode != 0, done.stdout
    assert lie == "a longer past" or "curl" not in done.stderr  # there is no such proof
