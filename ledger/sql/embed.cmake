# SPDX-License-Identifier: Apache-2.0
# Turns NAME.sql files into sql.h (one enumerator and one declaration each) and sql.c (the bytes).
# String literals would do, but C11 guarantees only 4095 characters of them (-Woverlength-strings).
set(names "")
set(declarations "")
set(definitions "")
set(table "")
foreach(path IN LISTS IN)
	get_filename_component(name ${path} NAME_WE)
	string(TOUPPER ${name} upper)
	file(READ ${path} hex HEX)
	string(REGEX REPLACE "(..)" "0x\\1, " bytes "${hex}")
	string(APPEND names "\tSQL_${upper},\n")
	string(APPEND declarations "extern const char sql_${name}[];\n")
	string(APPEND definitions "const char sql_${name}[] = { ${bytes}0x00 };\n")
	string(APPEND table "\t[SQL_${upper}] = sql_${name},\n")
endforeach()
file(WRITE ${OUT}.h "/* Generated from ledger/sql/sqlite; do not edit. */\n#pragma once\n\n"
	"enum sql {\n${names}\tSQL_COUNT,\n};\n\n"
	"/* The text of each, by its enumerator. */\nextern const char *const sql_texts[];\n\n${declarations}")
file(WRITE ${OUT}.c "/* Generated from ledger/sql/sqlite; do not edit. */\n#include \"ledger/sql.h\"\n\n"
	"${definitions}\nconst char *const sql_texts[] = {\n${table}};\n")
