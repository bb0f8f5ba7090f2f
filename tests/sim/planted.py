# SPDX-License-Identifier: Apache-2.0
"""The bugs that tests/sim/plant.py plants: (path, text that is there once, text instead)."""
from collections import namedtuple

Bug = namedtuple("Bug", "name what edits")

BUGS = [
    # ---- the disk ----
    Bug("no-sync", "commits are not synced", [
        ("ledger/store_log.c", "ok = store_sqlite_sync(", "ok = log != NULL || store_sqlite_sync(")]),
    Bug("file-no-sync", "what is moved into the file is not synced", [
        ("ledger/store.c", "PRAGMA synchronous = NORMAL;", "PRAGMA synchronous = OFF;"),
        ("ledger/store.c", '"PRAGMA synchronous", "1"', '"PRAGMA synchronous", "0"')]),
    Bug("sync-failure-ignored", "a sync that failed is answered as done", [
        ("ledger/store.c", "return store_log_sync(s->log, err);",
         "return store_log_sync(s->log, err) || true;")]),
    Bug("answer-early", "answers leave before the commit", [
        ("ledger/book.c", '#include "ledger/book_parts.h"\n',
         '#include "ledger/book_parts.h"\n#include "ledger/store_sqlite.h"\n'),
        ("ledger/book.c", "\tcards_turn(b->cards);\n\tstore_begin(b->store);",
         "\tcards_turn(b->cards);\n\tif (sqlite3_get_autocommit(store_sqlite(b->store)) == 0) {\n"
         "\t\tb->failed = !store_commit(b->store, &why);\n\t}\n\tstore_begin(b->store);"),
        ("ledger/book.c", "if (store_end(b->store, &why) && standing", "if (standing")]),
    Bug("failure-ignored", "a commit that failed is answered as done", [
        ("ledger/book.c", "if (store_end(b->store, &why) && standing",
         "if ((store_end(b->store, &why) || true) && standing")]),
    Bug("checkpoint-mute", "a checkpoint that fails is tried again at the next commit", [
        ("ledger/store.c", 'store_fail(s, "checkpoint");', "s->log_pages = 0;")]),
    Bug("log-believed", "the log is believed as it was left behind", [
        ("ledger/store.c", "mode == STORE_WRITE && !store_log_renew(path, vfs, err)",
         "mode == STORE_WRITE && path[0] == 0 && !store_log_renew(path, vfs, err)")]),

    # ---- once ----
    Bug("operation-again", "a bank's operation is not looked up", [
        ("ledger/plan.c",
         "book_key_used(b, b->operations, &e->operation_key, &p->repeated_entry);",
         "p->amount < 0 && book_key_used(b, b->operations, &e->operation_key, &p->repeated_entry);")]),
    Bug("operation-banks", "an operation's key leaves out whose it is", [
        ("ledger/plan.c", "seal_operation(&b->seal, v->gateway, v->operation)",
         "seal_operation(&b->seal, 1, v->operation)")]),
    Bug("request-again", "an Idempotency-Key is not looked up", [
        ("ledger/book.c", "if (!book_key_used(b, creation ? b->creations : b->requests, &b->asked.key, &value)) {",
         "if (r->key.size > 0 || !book_key_used(b, b->requests, &b->asked.key, &value)) {")]),
    Bug("request-other-body", "the fingerprint is not compared", [
        ("ledger/book.c",
         "sizeof(fingerprint->bytes)) == 0", "0) == 0")]),
    Bug("key-lost", "a spill leaves out every fourth key", [
        ("ledger/keyset.c", "\t\tkeyset_add_entry(set, &key, value);\n",
         "\t\tif (key.bytes[15] % 4 != 0) {\n\t\t\tkeyset_add_entry(set, &key, value);\n\t\t}\n")]),
    Bug("reference-free", "a reference is free although its payment is paid", [
        ("ledger/create.c", "return state != PAYMENT_CANCELLED && state != PAYMENT_EXPIRED;",
         "return state == PAYMENT_OPEN;")]),

    # ---- the money ----
    Bug("accounts-swapped", "fee and clearing change places", [
        ("ledger/plan.c", 'entry_add(e, KIND_ASSET, "clearing", gateway',
         'entry_add(e, KIND_INCOME, "fee", gateway'),
        ("ledger/entry.c", 'entry_add(e, KIND_INCOME, "fee", entry_fee_part(card, part)',
         'entry_add(e, KIND_ASSET, "clearing", entry_fee_part(card, part)')]),
    Bug("excess-dropped", "what is more than the due is dropped", [
        ("ledger/plan.c", 'entry_add(e, KIND_ASSET, "clearing", gateway, currency, p->amount);',
         'entry_add(e, KIND_ASSET, "clearing", gateway, currency, p->amount - p->excess);'),
        ("ledger/plan.c", "\tint64_t suspended = p->place == PAYMENT_ENTRY_PAY ? p->excess : p->amount;",
         "\tint64_t suspended = p->place == PAYMENT_ENTRY_PAY ? 0 : p->amount;"),
        ("ledger/verdict.c", "\treturn p->place == PAYMENT_ENTRY_PAY ? p->excess : p->amount;",
         "\treturn p->place == PAYMENT_ENTRY_PAY ? 0 : p->amount;")]),
    Bug("held-forgotten", "a card is read again without what is held", [
        ("ledger/card.c", "\t\tcard->held = store_int(store, 18);\n", "")]),
    Bug("balance-stays", "balances are not written", [
        ("ledger/chart.c", "\t\tif (b->dirty) {\n", "\t\tif (b->dirty && store_failed(store)) {\n")]),
    Bug("paid-today", "the bank's time of payment is ignored", [
        ("daemon/booking.c", "return zone_day(engine->almaty, instant);",
         "return instant > 0 ? today : zone_day(engine->almaty, instant);")]),
    Bug("due-of-last-year", "a calculation never ends", [
        ("ledger/card.c", "return day >= card->valid_from && day < card->valid_until;",
         "return day >= card->valid_from;")]),
    Bug("evidence-of-another", "a verdict takes another message for its evidence", [
        ("ledger/inbox.c", "(struct store_value[]){ STORE_OF_INT(v->inbox) }, 1);",
         "(struct store_value[]){ STORE_OF_INT(v->inbox - 1) }, 1);")]),

    # ---- the banks ----
    Bug("outbox-forgotten", "an order is not put into the outbox", [
        ("ledger/order.c", "\tstore_put(b->store, final ? SQL_DELETE_ATTEMPT_OPEN : SQL_PUT_ATTEMPT_OPEN, values,",
         "\tif (n->state == ATTEMPT_CREATED) {\n\t\treturn;\n\t}\n"
         "\tstore_put(b->store, final ? SQL_DELETE_ATTEMPT_OPEN : SQL_PUT_ATTEMPT_OPEN, values,")]),
    Bug("sent-again", "after a start what was sent is sent again", [
        ("daemon/dispatch.c", "\t\t\twaiting->state == ATTEMPT_CREATED);",
         "\t\t\twaiting->state <= ATTEMPT_SENT);"),
        ("daemon/errand.c", "e->sent = job->outcome == JOB_DONE;", "e->sent = true;")]),
    Bug("unknown-declined", "nobody's answer is taken for a no", [
        ("daemon/booking.c", "\tcase ALYM_UNKNOWN:\n\t\tbreak;\n\t}\n\treturn ATTEMPT_LOSE;",
         "\tcase ALYM_UNKNOWN:\n\t\tbreak;\n\t}\n\treturn ATTEMPT_DECLINE;")]),
    Bug("hold-kept", "a hold that can not be captured is not given up", [
        ("daemon/errand.c", "\tif (e->operation == ALYM_OPERATION_CAPTURE && declined) {",
         "\tif (e->operation == ALYM_OPERATION_REFUND && declined) {")]),
    Bug("hold-denied", "a bank that gives no hold up is believed to hold nothing", [
        ("daemon/booking.c", "\tif (operation == ALYM_OPERATION_RELEASE) {\n\t\treturn ATTEMPT_LOSE;",
         "\tif (operation == ALYM_OPERATION_RELEASE) {\n\t\treturn ATTEMPT_DECLINE;")]),
    Bug("another-too-early", "another attempt is opened over one whose outcome is unknown", [
        ("ledger/attempt.c", "return state > ATTEMPT_CAPTURED;",
         "return state > ATTEMPT_CAPTURED || state == ATTEMPT_UNKNOWN;")]),
    Bug("unknown-fails-over", "an order whose outcome is unknown is followed by another", [
        ("daemon/errand.c", "said->has_next = said->event == ATTEMPT_MISS && e->failover != NULL &&",
         "said->has_next = said->event >= ATTEMPT_LOSE && e->failover != NULL &&"),
        ("ledger/verdict.c", "\tif (v->has_next && p->next == ATTEMPT_NOT_ATTEMPTED) {",
         "\tif (v->has_next) {"),
        ("ledger/verdict.c", "\t\tcard_live_attempt(p->card) == 0 && v->next.expires_at > job->now &&\n",
         "\t\tv->next.expires_at > job->now &&\n")]),
    Bug("order-of-another", "a bank may speak of another bank's order", [
        ("ledger/order.c", "return a != NULL && a->gateway == gateway ? attempt : 0;",
         "return a != NULL ? attempt : 0;")]),
    Bug("merchant-ignored", "another merchant's message is taken for ours", [
        ("gateways/sandbox/callback.c", "} else if (strcmp(merchant, state->merchant) != 0) {",
         "} else if (merchant[0] == '\\0') {")]),

    # ---- what follows ----
    Bug("expiry-forgotten", "a payment is not noted to run out", [
        ("ledger/create.c", "store_put(b->store, SQL_PUT_PAYMENT_OPEN,",
         "store_put(b->store, SQL_DELETE_PAYMENT_OPEN,")]),
    Bug("event-stuck", "an event gets the number of the one before", [
        ("ledger/book.c", "\t\tclient->event_last++;\n",
         "\t\tclient->event_last += event == KIND_EVENT_EXPIRED ? 0 : 1;\n")]),
    Bug("tile-forgotten", "after a start the tree's tiles begin anew", [
        ("ledger/journal.c", "j->tiles[level].count = (size_t)(size - whole);",
         "j->tiles[level].count = (size_t)(whole - whole);")]),
    Bug("list-of-all", "a list shows whose payments it likes", [
        ("daemon/api_payments.c", "\tlist->filter.client = api_payments_owner(r);\n", "")]),
]
