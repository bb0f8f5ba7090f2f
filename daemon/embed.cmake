# SPDX-License-Identifier: Apache-2.0
# Turns the file IN into a header OUT with one NUL-terminated byte array NAME.
file(READ ${IN} hex HEX)
string(REGEX REPLACE "(................................)" "\\1\n" hex "${hex}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1, " bytes "${hex}")
file(WRITE ${OUT} "/* Generated from ${NAME}; do not edit. */\n#pragma once\n\n"
	"static const char ${NAME}[] = {\n${bytes}0x00 };\n")
