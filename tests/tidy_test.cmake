# SPDX-License-Identifier: Apache-2.0
# Plants each fault that tests/tidy.cmake knows in a small clean tree and expects the complaint.
# Usage: cmake -DROOT=<source tree> -DWORK=<scratch folder> -P tests/tidy_test.cmake
cmake_minimum_required(VERSION 3.25)

set(c "/* SPDX-License-Identifier: Apache-2.0 */\n")
set(script "# SPDX-License-Identifier: Apache-2.0\n")

# header(NAME BODY OUT): a header as it should be, with that body.
function(header name body out)
	string(TOUPPER "ALYM_${name}" guard)
	string(REGEX REPLACE "[^A-Z0-9]" "_" guard ${guard})
	set(${out} "${c}#ifndef ${guard}\n#define ${guard}\n\n${body}\n#endif\n" PARENT_SCOPE)
endfunction()

function(run_tidy out)
	execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${WORK} -P ${ROOT}/tests/tidy.cmake
		RESULT_VARIABLE status ERROR_VARIABLE said OUTPUT_VARIABLE said)
	if(status EQUAL 0)
		set(said "")
	endif()
	set(${out} "${said}" PARENT_SCOPE)
endfunction()

# ---- the clean tree ----

file(REMOVE_RECURSE ${WORK})
foreach(folder base ledger tariff plugins gateways/one gateways/two daemon tools)
	string(REGEX REPLACE "/.*" "" noun ${folder})
	header(${folder}/${noun}.h "int ${noun}_count(void);\n" text)
	file(WRITE ${WORK}/${folder}/${noun}.h "${text}")
	file(WRITE ${WORK}/${folder}/${noun}.c
		"${c}#include \"${folder}/${noun}.h\"\n\n/* Not time(), nor system(\"x\"). */\n#include \"base/base.h\"\n")
endforeach()
header(plugins/gateway.h "int gateway;\n" text)
file(WRITE ${WORK}/plugins/gateway.h "${text}")
file(WRITE ${WORK}/daemon/world.c "${c}int x = time(0);\n")
file(WRITE ${WORK}/daemon/conn.c "${c}int x = clock_gettime(CLOCK_MONOTONIC, y);\n")
file(WRITE ${WORK}/gateways/one/see.c "${c}#include \"plugins/gateway.h\"\n")
file(WRITE ${WORK}/scripts/run "#!/bin/bash\n${script}")
file(WRITE ${WORK}/tariff/data/set.xml
	"<?xml version=\"1.0\"?>\n<!-- SPDX-License-Identifier: Apache-2.0 -->\n<set/>\n")
file(WRITE ${WORK}/docs/OPERATIONS.md "# A page\n\n| `a.told` `b.told` | error |\n| `c.told` | warning |\n")
file(WRITE ${WORK}/daemon/told.c "${c}void f(void)\n{\n\tengine_log(e, PORTS_ERROR, \"b.told\", x);\n\tlog_word(l, PORTS_INFO, \"d.untold\", x);\n\tengine_log(e, x ? PORTS_WARNING : PORTS_DEBUG,\n\t\tx ? \"c.told\" : \"d.untold\");\n}\n")

run_tidy(said)
if(said)
	message(FATAL_ERROR "a clean tree is untidy:\n${said}")
endif()

# ---- the faults ----

set(planted 0)

# fault(PATH TEXT COMPLAINT): tidy must say PATH: ... COMPLAINT (a regular expression).
function(fault path text complaint)
	if(EXISTS ${WORK}/${path})
		message(FATAL_ERROR "the fault ${path} would overwrite the clean tree")
	endif()
	file(WRITE ${WORK}/${path} "${text}")
	run_tidy(said)
	file(REMOVE ${WORK}/${path})
	if(NOT said MATCHES "${path}: [^\n]*${complaint}")
		message(FATAL_ERROR "planted in ${path} and not noticed: ${complaint}\n${said}")
	endif()
	math(EXPR planted "${planted} + 1")
	set(planted ${planted} PARENT_SCOPE)
endfunction()

# arrow(FROM TO): a file of FROM includes a header of TO.
macro(arrow from to)
	string(REGEX REPLACE "/.*" "" noun ${to})
	string(REGEX REPLACE "/.*" "" outer ${from})
	fault(${from}/fault.c "${c}#include \"${to}/${noun}.h\"\n" "${outer} must not include ${noun}")
endmacro()
foreach(to ledger tariff plugins gateways/one daemon tools)
	arrow(base ${to})
endforeach()
foreach(to tariff plugins gateways/one daemon tools)
	arrow(ledger ${to})
endforeach()
foreach(to ledger plugins gateways/one daemon tools)
	arrow(tariff ${to})
endforeach()
foreach(to ledger tariff gateways/one daemon tools)
	arrow(plugins ${to})
endforeach()
foreach(to ledger tariff daemon tools)
	arrow(gateways/one ${to})
endforeach()
foreach(to gateways/one tools)
	arrow(daemon ${to})
endforeach()
foreach(to ledger tariff plugins gateways/one daemon)
	arrow(tools ${to})
endforeach()
fault(gateways/one/fault.c "${c}#include \"gateways/two/gateways.h\"\n" "must not include one another")
fault(gateways/one/fault.c "${c}#include \"plugins/plugins.h\"\n" "must not include plugins/plugins.h")
fault(ledger/fault.c "${c}#include \"ledger.h\"\n" "name it from the root")
fault(ledger/fault.c "${c}#include \"../base/base.h\"\n" "name it from the root")
fault(ledger/fault.c "${c}#  include  \"daemon/daemon.h\"\n" "must not include daemon")

fault(ledger/fault.c "${c}#include <event2/event.h>\n" "only daemon may know")
fault(base/fault.c "${c}#include <curl/curl.h>\n" "may know <curl/curl.h>")
fault(base/fault.c "${c}#include <jansson.h>\n" "only tools may know")
fault(daemon/fault.c "${c}#include <sqlite3.h>\n" "only ledger may know")
fault(tariff/fault.c "${c}#include <sqlite3.h>\n" "only ledger may know")
fault(plugins/fault.c "${c}#include <openssl/evp.h>\n" "may know <openssl/evp.h>")
fault(daemon/fault.c "${c}#include <libxml/tree.h>\n" "only tariff gateways may know")
fault(gateways/one/fault.c "${c}#include <sys/socket.h>\n" "may know <sys/socket.h>")

foreach(call strcpy strcat sprintf vsprintf strtok atoi atol gets alloca system popen localtime gmtime)
	fault(tools/fault.c "${c}int f(void)\n{\n\treturn ${call}(x);\n}\n" "calls ${call}")
endforeach()
foreach(call time clock_gettime gettimeofday rand random getrandom RAND_bytes sleep)
	fault(ledger/fault.c "${c}int f(void)\n{\n\treturn ${call}(x);\n}\n" "calls ${call}")
	fault(daemon/engine.c "${c}int f(void)\n{\n\treturn ${call}(x);\n}\n" "calls ${call}")
endforeach()

fault(ledger/writer.c "${c}int f = clock_gettime(CLOCK_REALTIME, x);\n" "calls clock_gettime")

foreach(folder ledger tariff)
	fault(${folder}/fault.c "${c}static double rate;\n" "has a double")
	fault(${folder}/fault.c "${c}static int f(float x);\n" "has a float")
	fault(${folder}/fault.c "${c}static int f(void)\n{\n\treturn (double)x > 1;\n}\n" "has a double")
endforeach()

foreach(path ledger/fault.c ledger/fault.h tests/fault.c tests/fault.py tests/fault.cmake
		tariff/data/fault.xml ledger/sql/fault.sql scripts/fault base/CMakeLists.txt)
	fault(${path} "\n" "does not begin with its licence")
endforeach()
fault(scripts/fault "#!/bin/bash\necho\n${script}" "does not begin with its licence")

foreach(word TODO FIXME XXX)
	fault(docs/FAULT.md "Well. ${word}: later.\n" "${word}: finish it")
	fault(tests/fault.py "${script}# ${word} later\n" "${word}: finish it")
endforeach()
foreach(place work root home)
	fault(scripts/fault "${script}cd /${place}/somebody\n" "names a path")
endforeach()

string(REPEAT "int x;\n" 600 long)
fault(daemon/fault.c "${c}${long}" "601 lines; the limit is 600")
string(REPEAT "x = 1\n" 600 long)
fault(tests/fault.py "${script}${long}" "601 lines; the limit is 600")
string(REPEAT "/* meaning */\n\nint x;\n" 149 long)
header(daemon/fault.h "${long}" text)
fault(daemon/fault.h "${text}" "152 lines of code; a header's limit is 150")
fault(base/fault.h "${c}#ifndef FAULT_H\n#define FAULT_H\n#endif\n" "no include guard ALYM_BASE_FAULT_H")
fault(base/fault.h "${c}#pragma once\n" "no include guard")

fault(daemon/fault.c "${c}int f = log_word(l, PORTS_ERROR, \"a.untold\", x);\n" "a.untold .error., of which")
fault(daemon/fault.c "${c}int f = engine_log(e, PORTS_WARNING, event, x);\n" "logs event: name an event")
fault(daemon/fault.c "${c}int f = engine_log(e, PORTS_ERROR, \"c.told\", x);\n" "c.told .error., of which")
fault(daemon/fault.c "${c}int f = tell(x ? PORTS_ERROR : PORTS_WARNING, \"c.told\");\n" "c.told .error., of which")
fault(daemon/fault.c "${c}int f = tell(x ? PORTS_WARNING : PORTS_DEBUG,\n\tx ? \"d.untold\" : \"\");\n" "d.untold .warning., of which")

file(REMOVE_RECURSE ${WORK})
message(STATUS "${planted} faults planted, ${planted} noticed")
