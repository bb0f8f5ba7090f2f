/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/schedule.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

enum { SCHEDULE_SLOTS_MIN = 64 };

struct schedule {
	struct schedule_entry **heap; /* the next one first */
	size_t heap_count;
	size_t heap_capacity;
	struct schedule_entry **slots; /* by number, open addressing; a power of two of them */
	size_t slot_count;
	size_t count;
};

struct schedule *schedule_new(void)
{
	struct schedule *schedule = mem_new(1, sizeof(*schedule));

	schedule->slot_count = SCHEDULE_SLOTS_MIN;
	schedule->slots = mem_new(schedule->slot_count, sizeof(struct schedule_entry *));
	return schedule;
}

void schedule_free(struct schedule **schedule)
{
	assert(schedule != NULL);

	if (*schedule == NULL) {
		return;
	}
	for (size_t i = 0; i < (*schedule)->slot_count; i++) {
		free((*schedule)->slots[i]);
	}
	free((*schedule)->slots);
	free((*schedule)->heap);
	free(*schedule);
	*schedule = NULL;
}

/* ---- the table ---- */

static size_t schedule_home(const struct schedule *schedule, int64_t attempt)
{
	uint64_t mixed = (uint64_t)attempt * UINT64_C(0x9E3779B97F4A7C15);

	return (size_t)(mixed >> 32) & (schedule->slot_count - 1);
}

/* Where that attempt is, or where it would be. */
static size_t schedule_slot(const struct schedule *schedule, int64_t attempt)
{
	size_t slot = schedule_home(schedule, attempt);

	while (schedule->slots[slot] != NULL && schedule->slots[slot]->attempt != attempt) {
		slot = (slot + 1) & (schedule->slot_count - 1);
	}
	return slot;
}

static void schedule_widen(struct schedule *schedule)
{
	struct schedule_entry **old = schedule->slots;
	size_t old_count = schedule->slot_count;

	schedule->slot_count = old_count * 2;
	schedule->slots = mem_new(schedule->slot_count, sizeof(struct schedule_entry *));
	for (size_t i = 0; i < old_count; i++) {
		if (old[i] != NULL) {
			schedule->slots[schedule_slot(schedule, old[i]->attempt)] = old[i];
		}
	}
	free(old);
}

/* Empties a slot and moves up what was pushed past it. */
static void schedule_clear(struct schedule *schedule, size_t slot)
{
	size_t mask = schedule->slot_count - 1;
	size_t hole = slot;

	schedule->slots[hole] = NULL;
	for (size_t i = (hole + 1) & mask; schedule->slots[i] != NULL; i = (i + 1) & mask) {
		size_t home = schedule_home(schedule, schedule->slots[i]->attempt);

		if (((i - home) & mask) >= ((i - hole) & mask)) {
			schedule->slots[hole] = schedule->slots[i];
			schedule->slots[i] = NULL;
			hole = i;
		}
	}
}

/* ---- the heap ---- */

static bool schedule_is_before(const struct schedule_entry *a, const struct schedule_entry *b)
{
	if (a->send != b->send) {
		return a->send;
	}
	return a->due != b->due ? a->due < b->due : a->attempt < b->attempt;
}

static void schedule_set(struct schedule *schedule, size_t place, struct schedule_entry *entry)
{
	schedule->heap[place] = entry;
	entry->place = place;
}

static void schedule_rise(struct schedule *schedule, struct schedule_entry *entry)
{
	size_t place = entry->place;

	while (place > 0 && schedule_is_before(entry, schedule->heap[(place - 1) / 2])) {
		schedule_set(schedule, place, schedule->heap[(place - 1) / 2]);
		place = (place - 1) / 2;
	}
	schedule_set(schedule, place, entry);
}

static void schedule_sink(struct schedule *schedule, struct schedule_entry *entry)
{
	size_t place = entry->place;

	for (size_t child = place * 2 + 1; child < schedule->heap_count; child = place * 2 + 1) {
		if (child + 1 < schedule->heap_count &&
			schedule_is_before(schedule->heap[child + 1], schedule->heap[child])) {
			child++;
		}
		if (!schedule_is_before(schedule->heap[child], entry)) {
			break;
		}
		schedule_set(schedule, place, schedule->heap[child]);
		place = child;
	}
	schedule_set(schedule, place, entry);
}

struct schedule_entry *schedule_find(struct schedule *schedule, int64_t attempt)
{
	assert(schedule != NULL);

	return schedule->slots[schedule_slot(schedule, attempt)];
}

struct schedule_entry *schedule_add(struct schedule *schedule, int64_t attempt, int64_t due,
	bool send)
{
	struct schedule_entry *entry = mem_new(1, sizeof(*entry));
	size_t slot;

	assert(schedule != NULL);

	entry->attempt = attempt;
	entry->send = send;
	entry->place = SCHEDULE_TAKEN;
	if ((schedule->count + 1) * 2 > schedule->slot_count) {
		schedule_widen(schedule);
	}
	slot = schedule_slot(schedule, attempt);
	assert(schedule->slots[slot] == NULL);
	schedule->slots[slot] = entry;
	schedule->count++;
	schedule_put(schedule, entry, due);
	return entry;
}

void schedule_put(struct schedule *schedule, struct schedule_entry *entry, int64_t due)
{
	assert(schedule != NULL);
	assert(entry != NULL);

	entry->due = due;
	if (entry->place == SCHEDULE_TAKEN) {
		if (schedule->heap_count == schedule->heap_capacity) {
			schedule->heap_capacity = schedule->heap_capacity * 2 + SCHEDULE_SLOTS_MIN;
			schedule->heap = mem_grow(schedule->heap, schedule->heap_capacity,
				sizeof(struct schedule_entry *));
		}
		schedule_set(schedule, schedule->heap_count++, entry);
	}
	schedule_rise(schedule, entry);
	schedule_sink(schedule, entry);
}

struct schedule_entry *schedule_first(struct schedule *schedule)
{
	assert(schedule != NULL);

	return schedule->heap_count > 0 ? schedule->heap[0] : NULL;
}

void schedule_take(struct schedule *schedule, struct schedule_entry *entry)
{
	struct schedule_entry *last;
	size_t place;

	assert(schedule != NULL);
	assert(entry->place < schedule->heap_count);
	assert(schedule->heap[entry->place] == entry);

	place = entry->place;
	entry->place = SCHEDULE_TAKEN;
	last = schedule->heap[--schedule->heap_count];
	if (last != entry) {
		schedule_set(schedule, place, last);
		schedule_rise(schedule, last);
		schedule_sink(schedule, last);
	}
}

void schedule_drop(struct schedule *schedule, struct schedule_entry *entry)
{
	size_t slot;

	assert(schedule != NULL);
	assert(entry != NULL);

	if (entry->place != SCHEDULE_TAKEN) {
		schedule_take(schedule, entry);
	}
	slot = schedule_slot(schedule, entry->attempt);
	assert(schedule->slots[slot] == entry);
	schedule_clear(schedule, slot);
	schedule->count--;
	free(entry);
}
