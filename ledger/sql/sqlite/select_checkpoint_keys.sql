-- SPDX-License-Identifier: Apache-2.0
SELECT public, until, record FROM checkpoint_key ORDER BY record DESC LIMIT 2;
