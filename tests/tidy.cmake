# SPDX-License-Identifier: Apache-2.0
# tidy - the rules of docs/STYLE.md that neither the compiler nor clang-format can see.
# Usage: cmake -DROOT=<source tree> -P tests/tidy.cmake
# tests/tidy_test.cmake plants every fault below and expects a complaint.
cmake_minimum_required(VERSION 3.25)

# ---- the rules, as data ----

# Who may include whom.  A folder may always include itself.
set(folders base ledger tariff plugins gateways daemon tools)
set(arrows_base)
set(arrows_ledger   base)
set(arrows_tariff   base)
set(arrows_plugins  base)
set(arrows_gateways base plugins)
set(arrows_daemon   base ledger tariff plugins)
set(arrows_tools    base)

# What a gateway sees of plugins/: the contract, the memory it is lent, and codecs.
set(gateways_see plugins/gateway.h plugins/scratch.h plugins/endpoint.h plugins/form.h plugins/incoming.h
	plugins/mac.h plugins/settings.h plugins/xmltree.h)

# Which folders may know a library: "header prefix -> folders".
set(libraries
	"event2/=daemon"
	"event.h=daemon"
	"curl/=daemon tools"
	"ini.h=daemon"
	"sqlite3.h=ledger"
	"jansson.h=tools"
	"libxml/=tariff plugins gateways"
	"openssl/=ledger plugins gateways daemon tools"
	"dlfcn.h=plugins"
	"pthread.h=ledger daemon"
	"sys/socket.h=daemon tools"
	"sys/un.h=daemon tools"
	"netinet/=daemon tools"
	"arpa/inet.h=daemon tools"
	"netdb.h=daemon tools"
	"syslog.h=daemon")

# Another engine of the store is written anew in these files, and nobody else knows which it is.
set(engine_files ledger/store.c ledger/store_log.c ledger/store_sqlite.c ledger/store_sqlite.h ledger/schema.c
	ledger/schema.h ledger/copy.c ledger/rebuild.c ledger/verify.c ledger/verify_end.c ledger/verify_keys.c
	ledger/verify_parts.h ledger/verify_range.c ledger/verify_row.c)

# The clock and randomness are the daemon's, and there only these files': the engine gets both
# through its ports, or the simulation could not replay a seed.
# daemon/state.c draws the keys of a new book.
set(clock_files daemon/world.c daemon/log.c daemon/state.c)
# These measure or wait for intervals, by the monotonic clock, and decide nothing by it.
set(interval_files daemon/conn.c ledger/writer.c)
set(clock_calls "time|clock_gettime|gettimeofday|timespec_get|clock|ftime|sleep|usleep|nanosleep|rand|srand|rand_r|random|srandom|drand48|getrandom|getentropy|arc4random|RAND_bytes|RAND_priv_bytes")

# Take no bound, keep hidden state, or run a shell.
set(banned_calls "strcpy|strcat|stpcpy|sprintf|vsprintf|strtok|atoi|atol|atoll|atof|gets|alloca|system|popen|tmpnam|mktemp|localtime|gmtime|ctime|asctime|setjmp|longjmp")

set(source_lines_max 600) # of any source file
set(header_lines_max 150) # of code; the contracts have tables of meaning beside it
set(headers_long plugins/gateway.h ledger/job.h ledger/reader.h) # contracts: tables, not code

# ---- the files ----

set(failures 0)
macro(complain path text)
	message(NOTICE "${path}: ${text}")
	math(EXPR failures "${failures} + 1")
endmacro()

# Text that CMake's lists and regular expressions can bear.
macro(read_text path text)
	file(READ "${ROOT}/${path}" ${text})
	string(REGEX REPLACE "[][;\\\\]" " " ${text} "${${text}}")
endmacro()

set(patterns)
foreach(folder IN LISTS folders ITEMS tests scripts docs packaging .ci)
	list(APPEND patterns "${ROOT}/${folder}/*")
endforeach()
file(GLOB_RECURSE paths RELATIVE "${ROOT}" ${patterns} "${ROOT}/*.md")
file(GLOB top RELATIVE "${ROOT}" "${ROOT}/CMakeLists.txt" "${ROOT}/.clang-*" "${ROOT}/*.json")
list(APPEND paths ${top})
list(FILTER paths EXCLUDE REGEX "^build/|/__pycache__/|^tests/fuzz/corpus/|/fixtures/|[.](pyc|png|gz|bin|new)$")
list(SORT paths)
list(REMOVE_DUPLICATES paths)

# ---- what lies at the top ----

file(GLOB entries RELATIVE "${ROOT}" "${ROOT}/*")
list(REMOVE_ITEM entries ${folders} tests scripts docs packaging build run
	CMakeLists.txt CMakePresets.json LICENSE README.md)
list(FILTER entries EXCLUDE REGEX "^[.]")
foreach(path IN LISTS entries)
	complain(${path} "does not belong to the top of the tree: was it left by a test?")
endforeach()

# ---- rules of every file ----

set(tidy_itself tests/tidy.cmake tests/tidy_test.cmake)
foreach(path IN LISTS paths)
	read_text(${path} text)

	# A licence where the language has comments; a "#!" or "<?xml" line may stand before it.
	if(NOT path MATCHES "[.](json|md|txt|golden|csv|html|tsv)$" OR path MATCHES "CMakeLists.txt$")
		if(NOT text MATCHES "^(#![^\n]*\n|<[?]xml[^\n]*\n)?(/[*]|#|--|<!--|//|[.] \") SPDX-License-Identifier: Apache-2.0( [*]/| -->)?\n")
			complain(${path} "does not begin with its licence")
		endif()
	endif()
	if(path IN_LIST tidy_itself)
		continue()
	endif()
	if(text MATCHES "[^A-Za-z_](TODO|FIXME|XXX)[^A-Za-z_\"]")
		complain(${path} "${CMAKE_MATCH_1}: finish it, or file an issue")
	endif()
	if(text MATCHES "[^A-Za-z_.](/(work|root|home|Users)/[A-Za-z0-9._-]+)")
		complain(${path} "names a path of somebody's machine: ${CMAKE_MATCH_1}")
	endif()
	if(path MATCHES "[.](c|h|py|cmake|sql)$" OR path MATCHES "CMakeLists.txt$")
		string(REGEX MATCHALL "\n" newlines "${text}")
		list(LENGTH newlines count)
		if(count GREATER source_lines_max)
			complain(${path} "${count} lines; the limit is ${source_lines_max}: split it by noun")
		endif()
	endif()
endforeach()

# ---- rules of C ----

# Expects code, path and folder.
macro(check_includes)
	string(REGEX MATCHALL "#[ \t]*include[ \t]*[\"<][^\">\n]+[\">]" includes "${code}")
	foreach(include IN LISTS includes)
		string(REGEX MATCH "[\"<]([^\">]+)" unused "${include}")
		set(name "${CMAKE_MATCH_1}")
		if(include MATCHES "<")
			if(name STREQUAL "sqlite3.h" AND folder STREQUAL "ledger" AND NOT path IN_LIST engine_files)
				complain(${path} "only the store's engine may know <sqlite3.h>")
			endif()
			foreach(library IN LISTS libraries)
				string(REGEX MATCH "^([^=]+)=(.*)$" unused "${library}")
				set(prefix "${CMAKE_MATCH_1}")
				string(REPLACE " " ";" allowed "${CMAKE_MATCH_2}")
				string(FIND "${name}" "${prefix}" place)
				if(place EQUAL 0 AND NOT folder IN_LIST allowed)
					complain(${path} "only ${CMAKE_MATCH_2} may know <${name}>")
				endif()
			endforeach()
			continue()
		endif()
		if(NOT name MATCHES "^([a-z]+)/[a-z]")
			complain(${path} "includes \"${name}\": name it from the root of the tree")
			continue()
		endif()
		set(target "${CMAKE_MATCH_1}")
		if(name MATCHES "^ledger/(store_sqlite|schema|store_log)[.]h$" AND NOT folder STREQUAL "tests" AND
				NOT path IN_LIST engine_files)
			complain(${path} "only the store's engine may include ${name}")
		endif()
		if(target STREQUAL folder)
			if(folder STREQUAL "gateways")
				get_filename_component(own ${path} DIRECTORY)
				get_filename_component(its ${name} DIRECTORY)
				if(NOT own STREQUAL its)
					complain(${path} "gateways must not include one another: ${name}")
				endif()
			endif()
		elseif(NOT target IN_LIST arrows_${folder})
			complain(${path} "${folder} must not include ${target}")
		elseif(folder STREQUAL "gateways" AND target STREQUAL "plugins"
				AND NOT name IN_LIST gateways_see)
			complain(${path} "gateways must not include ${name}")
		endif()
	endforeach()
endmacro()

foreach(path IN LISTS paths)
	string(REGEX MATCH "^[a-z]+" folder ${path})
	if(NOT path MATCHES "[.][ch]$" OR NOT folder IN_LIST folders)
		continue()
	endif()
	read_text(${path} text)
	string(REGEX REPLACE "/[*]([^*]|[*]+[^*/])*[*]+/" "" code "${text}")
	check_includes()

	# Not after a dot or an arrow: members of a table of functions may be called anything.
	if(code MATCHES "[^_a-zA-Z0-9.>\"](${banned_calls})[(]")
		complain(${path} "calls ${CMAKE_MATCH_1}(), which is banned")
	endif()
	if(path IN_LIST interval_files)
		string(REGEX REPLACE "clock_gettime[(]CLOCK_MONOTONIC,|nanosleep[(]" "" code "${code}")
	endif()
	if(NOT path IN_LIST clock_files AND code MATCHES "[^_a-zA-Z0-9.>\"](${clock_calls})[(]")
		complain(${path} "calls ${CMAKE_MATCH_1}(): time and chance come through parameters")
	endif()
	if(folder MATCHES "^(ledger|tariff)$" AND code MATCHES "[^_a-zA-Z0-9\"](float|double)[ \t*()]+[_a-zA-Z]")
		complain(${path} "has a ${CMAKE_MATCH_1}: money has no floating point")
	endif()
	if(path MATCHES "[.]h$")
		string(REGEX MATCHALL "\n[ \t]*[^ \t\n]" lines "\n${code}")
		list(LENGTH lines count)
		if(count GREATER header_lines_max AND NOT path IN_LIST headers_long)
			complain(${path} "${count} lines of code; a header's limit is ${header_lines_max}")
		endif()
		string(TOUPPER "ALYM_${path}" guard)
		string(REGEX REPLACE "[^A-Z0-9]" "_" guard ${guard})
		if(NOT code MATCHES "#ifndef ${guard}\n#define ${guard}\n")
			complain(${path} "has no include guard ${guard}")
		endif()
	endif()
endforeach()

# ---- the log and the page that says what to do about it ----

# What warns is told to an operator, by its name and level, in the table of that page.
set(log_page docs/OPERATIONS.md)
read_text(${log_page} page)
foreach(path IN LISTS paths)
	if(NOT path MATCHES "^daemon/.*[.]c$")
		continue()
	endif()
	read_text(${path} text)
	string(REGEX MATCHALL
		"PORTS_(WARNING|ERROR)( : PORTS_[A-Z]+)?,[ \t\n]*([a-z]+ [?] )?\"[^\"]*\"" told "${text}")
	if(text MATCHES "PORTS_(WARNING|ERROR),[ \t\n]*([a-z_]+)[,)]")
		complain(${path} "logs ${CMAKE_MATCH_2}: name an event where its level is given")
	endif()
	foreach(line IN LISTS told)
		string(REGEX MATCH "^PORTS_([A-Z]+).*\"(.*)\"$" unused "${line}")
		set(event "${CMAKE_MATCH_2}")
		string(TOLOWER "${CMAKE_MATCH_1}" level)
		string(REPLACE "." "[.]" pattern "${event}")
		if(NOT page MATCHES "\n[|][^|\n]*`${pattern}`[^|\n]*[|][^|\n]*${level}")
			complain(${path} "logs ${event} (${level}), of which ${log_page} says nothing")
		endif()
	endforeach()
endforeach()

if(failures GREATER 0)
	message(FATAL_ERROR "untidy: ${failures}")
endif()
