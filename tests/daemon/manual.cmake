# SPDX-License-Identifier: Apache-2.0
# docs/CONFIG.md is what `alymd --help-config` prints.
execute_process(COMMAND ${ALYMD} --help-config OUTPUT_VARIABLE printed COMMAND_ERROR_IS_FATAL ANY)
file(READ ${MANUAL} manual)
if(NOT printed STREQUAL manual)
	message(FATAL_ERROR "${MANUAL} is stale: alymd --help-config > docs/CONFIG.md")
endif()
