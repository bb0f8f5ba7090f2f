# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Sourced by the scripts: a build that depends on this tree and on Debian, not on somebody's shell.

unset LIBRARY_PATH CPATH C_INCLUDE_PATH CPLUS_INCLUDE_PATH LD_LIBRARY_PATH LD_PRELOAD \
	CC CXX CFLAGS CXXFLAGS CPPFLAGS LDFLAGS MAKEFLAGS PKG_CONFIG_PATH PKG_CONFIG_LIBDIR \
	CMAKE_PREFIX_PATH CMAKE_GENERATOR CMAKE_TOOLCHAIN_FILE CMAKE_C_COMPILER_LAUNCHER \
	PYTHONPATH PYTHONHOME
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
export PYTHONNOUSERSITE=1 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
export LC_ALL=C.UTF-8

# build PRESET [TARGET...]: build/PRESET, with ccache where there is one.
build() {
	local preset=$1 launcher=()
	shift
	if command -v ccache >/dev/null; then
		launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache)
	fi
	cmake --preset "$preset" "${launcher[@]}" --log-level=WARNING
	cmake --build "build/$preset" ${1:+--target "$@"}
}
