/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/query.h"

#include <assert.h>
#include <stddef.h>

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
