# SPDX-License-Identifier: Apache-2.0
# Turns NAME.sql files into one header of NUL-terminated byte arrays.
# String literals would do, but C11 guarantees only 4095 characters of them (-Woverlength-strings).
file(WRITE ${OUT} "/* Generated from ledger/sql; do not edit. */\n#pragma once\n\n")
foreach(path IN LISTS IN)
	get_filename_component(name ${path} NAME_WE)
	file(READ ${path} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1, " bytes "${hex}")
	file(APPEND ${OUT} "static const char sql_${name}[] __attribute__((unused)) = { ${bytes}0x00 };\n")
endforeach()
