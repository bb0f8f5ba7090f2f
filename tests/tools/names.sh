#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Whether bash completion and the manual say what alymctl's own table of commands says.
# Usage: names.sh ALYMCTL COMPLETION MANUAL
set -euo pipefail
alymctl=$1 completion=$2 manual=$3
failures=0

complain() {
	echo "$1" >&2
	failures=$((failures + 1))
}

# shellcheck source=/dev/null
source "$completion"
mapfile -t names < <("$alymctl" help --names)
[[ ${#names[@]} -gt 50 ]] || complain "help --names says too little: ${#names[@]} lines"

# What completion offers behind "alymctl WORDS", where the last word is what is being typed.
offered() {
	COMP_WORDS=(alymctl "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_alymctl
	printf '%s\n' "${COMPREPLY[@]}"
}

offers() { # WANTED WORDS...
	local wanted=$1
	shift
	grep -qxF -- "$wanted" <<<"$(offered "$@")" ||
		complain "completion: '$wanted' is not offered behind: $*"
}

# ---- the table, in the completion ----

for name in "${names[@]}"; do
	read -ra words <<<"$name"
	last=${words[-1]}
	case ${#words[@]} in
	1) offers "$last" "" ;;
	*)
		before=("${words[@]:0:${#words[@]}-1}")
		[[ ${before[0]} == '*' ]] && before=("${before[@]:1}")
		case $last in
		--*) offers "$last" "${before[@]}" -- ;;
		*) offers "$last" "${before[@]}" "" ;;
		esac
		;;
	esac
done
offers booked balance --axis = b
offers performed --socket /s fulfil --json p1-1 --key k perf
[[ -z $(offered fulfil "") ]] || complain "completion: something stands where an ID does"
[[ -z $(offered quote eta --date "") ]] || complain "completion: something stands where a date does"

# Where the name of a file is typed, bash is asked to complete it, which only it can.
takes_file() { # WORDS...
	(
		# shellcheck disable=SC2317 # _alymctl calls it
		compopt() { [[ $2 == default ]] && echo asked; }
		COMP_WORDS=(alymctl "$@" "")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_alymctl
	) | grep -qx asked || complain "completion: no file is offered behind: $*"
}

takes_file mirror
takes_file backup
takes_file restore
takes_file book verify
takes_file book rebuild
takes_file tariff check
takes_file rates import
takes_file export --output
takes_file proof 7 --checkpoint
takes_file book verify FILE --config

# ---- the completion, in the table ----

all=$(printf '%s\n' "${names[@]}")
has() { # LINE
	grep -qxF -- "$1" <<<"$all"
}

for command in $(_alymctl_words ''); do
	has "$command" || complain "completion: there is no command $command"
	for option in $(_alymctl_options "$command"); do
		has "$command $option" || complain "completion: $command has no $option"
	done
	for word in $(_alymctl_words "$command"); do
		has "$command $word" || complain "completion: $command has no $word"
	done
done
mapfile -t options < <(grep -o -- '--[a-z-]*' <<<"$all" | sort -u)
for option in "${options[@]}"; do
	for word in $(_alymctl_words "$option"); do
		grep -qE -- " $option $word\$" <<<"$all" ||
			complain "completion: $option has no $word"
	done
done

# ---- the table and the manual ----

# "command" and "command --option" as the manual's sections say them: a subsection for each command,
# an item for each of its options.
described() {
	awk '
		function bare(s) { gsub(/[\\&"]/, "", s); return s }
		/^\.Ss / { command = bare($2); print command; next }
		/^\.Sh / { command = ""; next }
		/^\.It Fl -/ {
			for (i = 2; i < NF; i++)
				if ($i == "Fl")
					print (command == "" ? "*" : command), "-" bare($(i + 1))
		}
	' "$manual" | sort -u
}

known() {
	awk 'NF == 1 || (NF == 2 && $2 ~ /^--/)' <<<"$all" | sort -u
}

while read -r line; do
	complain "manual: $line"
done < <(diff <(known) <(described) | sed -n 's/^</not described:/p; s/^>/no such thing:/p')

[[ $failures -eq 0 ]] || exit 1
echo "${#names[@]} names, the same in completion and manual"
