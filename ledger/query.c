/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query.h"

#include <assert.h>
#include <stddef.h>

void query_queue_init(struct query_queue *queue)
{
	assert(queue != NULL);

	queue->first = NULL;
	queue->end = &queue->first;
}

void query_put(struct query_queue *queue, struct query *query)
{
	assert(queue != NULL);
	assert(query != NULL);

	query->next = NULL;
	*queue->end = query;
	queue->end = &query->next;
}

struct query *query_take(struct query_queue *queue)
{
	struct query *query;

	assert(queue != NULL);

	query = queue->first;
	if (query != NULL) {
		queue->first = query->next;
		query->next = NULL;
	}
	if (queue->first == NULL) {
		queue->end = &queue->first;
	}
	return query;
}

void query_run(struct query *query, struct reader *reader)
{
	assert(query != NULL && query->run != NULL);

	query->again = false;
	query->run(reader, query);
	assert(query->is_long || !query->again);
}

void query_run_whole(struct query *query, struct reader *reader)
{
	do {
		query_run(query, reader);
	} while (query->again);
}
