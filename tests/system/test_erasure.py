# SPDX-License-Identifier: Apache-2.0
"""A payer's data goes by a legal order; the money, the records and every proof stay."""

from __future__ import annotations

from typing import Any

from ctl import MISUSED, REFUSED, Ctl
from daemon import Alym
from merkle import Verifier, check_inclusion, leaf_hash
from portal import Portal

NAME = "Ivanov Ivan Ivanovich"
ORDER = ("--order", "court order 2-1234/2026", "--reason", "asked for by the payer")


def proof(portal: Portal, record: int, size: int) -> tuple[bytes, list[bytes]]:
    """The leaf, and the way from it to the root of that size."""
    leaf = portal.client.get(f"/v1/ledger/records/{record}?form=leaf").bytes
    said = portal.get(f"/v1/ledger/proofs/inclusion?record={record}&size={size}")
    return leaf, [bytes.fromhex(text) for text in said["proof"]]


def files_hold(alym: Alym, text: str) -> bool:
    names = ("book.db", "book.db-wal")
    return any(text.encode() in (alym.folder / "state" / name).read_bytes() for name in names)


def test_a_payer_is_erased_and_the_proofs_stand(audited: Alym) -> None:
    ctl = Ctl(audited.socket)
    with Portal(audited) as portal:
        payer = {"document": "N1234567", "name": NAME}
        made = portal.create_at_bank(payer=payer)
        portal.refused(409, "illegal_state", "POST", f"/v1/payments/{made['id']}/erase",
                       {"order": "o", "reason": "r"})  # fmt: skip
        portal.pay_by_page(made)
        paid = portal.reach(made, "paid")
        said = ctl.run("payment", "erase", made["id"], *ORDER, code=REFUSED)
        assert "force" in said and "three years" in said
        portal.act(made, "fulfilment", {"outcome": "performed", "document": f"visa of {NAME}"})

        checkpoint = Verifier(portal.get("/v1/ledger/key")).open(
            portal.client.get("/v1/ledger/checkpoint").json
        )
        record = portal.events(made)[0]["record"]
        before = proof(portal, record, checkpoint.size)
        assert files_hold(audited, NAME)
        assert "payment erase wants --order" in ctl.run(
            "payment", "erase", made["id"], "--reason", "r", code=MISUSED
        )
        erased = ctl.json("payment", "erase", made["id"], *ORDER, "--key", "e-1")
        assert not files_hold(audited, NAME)
        assert not files_hold(audited, "N1234567")
        assert not files_hold(audited, made["reference"])

        assert erased["flags"] == ["fulfilled", "erased"]
        assert erased["reference"] is None and erased["quote"] is None
        assert erased["paid"] == paid["paid"]
        after = proof(portal, record, checkpoint.size)
        assert after == before
        check_inclusion(record - 1, checkpoint.size, leaf_hash(after[0]), after[1], checkpoint.root)

        assert ctl.json("payment", "erase", made["id"], *ORDER, "--key", "e-1") == erased
        again: dict[str, Any] = portal.refused(
            409, "illegal_state", "POST", f"/v1/payments/{made['id']}/erase",
            {"order": "o", "reason": "r"},
        )  # fmt: skip
        assert "nothing is left" in again["detail"]
        assert portal.event_types(made)[-1] == "payment.erased"
        assert portal.metric("alym_erased_total") >= 3
