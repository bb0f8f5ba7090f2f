# SPDX-License-Identifier: Apache-2.0

# What touches sockets, TLS, files and the log: over real sockets of this machine.
add_library(alym_face_stage STATIC face_stage.c)
target_link_libraries(alym_face_stage PUBLIC alym_shell Threads::Threads)
add_library(alym_throwaway STATIC throwaway.c)
target_link_libraries(alym_throwaway PUBLIC alym_flags OpenSSL::Crypto)

alym_test(daemon/config alym_shell)
alym_test(daemon/face alym_face_stage)
alym_test(daemon/pieces alym_face_stage)
alym_test(daemon/https alym_face_stage alym_throwaway)
alym_test(daemon/log alym_shell)
alym_test(daemon/replacement alym_shell)
alym_test(daemon/reply alym_shell)
alym_test(daemon/state alym_shell)
alym_test(daemon/strict alym_shell)
alym_test(daemon/world alym_shell)
alym_test(daemon/transport alym_shell alym_throwaway Threads::Threads)

target_compile_definitions(test_daemon_config PRIVATE
	TEST_MANUAL="${PROJECT_SOURCE_DIR}/docs/CONFIG.md"
	TEST_SANDBOX="$<TARGET_FILE:alym_gateway_sandbox>"
	TEST_ECHO="$<TARGET_FILE:alym_gateway_echo>")
add_dependencies(test_daemon_config alym_gateway_sandbox alym_gateway_echo)

# The manual is what the daemon prints.
add_test(NAME docs/config COMMAND ${CMAKE_COMMAND} -DALYMD=$<TARGET_FILE:alymd>
	-DMANUAL=${PROJECT_SOURCE_DIR}/docs/CONFIG.md -P ${CMAKE_CURRENT_LIST_DIR}/manual.cmake)
set_tests_properties(docs/config PROPERTIES LABELS docs TIMEOUT 60)

alym_fuzz(config alym_shell)
alym_fuzz(strict alym_shell)
