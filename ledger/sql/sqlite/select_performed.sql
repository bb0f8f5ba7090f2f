-- SPDX-License-Identifier: Apache-2.0
SELECT performed FROM fulfilment WHERE payment = ?1;
