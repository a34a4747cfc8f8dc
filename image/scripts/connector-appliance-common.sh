# shellcheck shell=bash
# What the scripts for the clouds have in common: the command line, questions, and steps that change something.
# A script that uses it sets `script_directory` and `known_options` and has a function `usage`.

program=${0##*/}
if [ "${BASH_VERSINFO[0]}" -lt 4 ]; then
    echo "$program: needs bash 4 or later; this is bash $BASH_VERSION" >&2
    exit 1
fi

declare -A options=()
# What exists by now, in the order in which it was made.
made=()
# A function that takes back what is of no use when the script stops here.
undo=
# What `ask` was answered, and what the last command said.
answer=
output=

say() {
    echo "$program: $*" >&2
}

fail() {
    say "$*"
    exit 1
}

# What was made stays, and a second run uses it again: whoever stops here should know of it.
name_what_exists() {
    local status=$? thing
    if [ -n "$undo" ]; then $undo; fi
    if [ "$status" -ne 0 ] && [ ${#made[@]} -gt 0 ]; then
        say "it stopped, and this exists by now; the next run uses it again:"
        for thing in "${made[@]}"; do echo "  $thing" >&2; done
    fi
    exit "$status"
}
trap name_what_exists EXIT

is_given() {
    [ -n "${options[$1]+given}" ]
}

is_known() {
    local known
    # shellcheck disable=SC2154 # the script that uses this file sets it
    for known in "${known_options[@]}"; do [ "$1" != "$known" ] || return 0; done
    return 1
}

# Reads the command line: an option of `known_options` has a value, the others have none.
read_options() {
    while [ $# -gt 0 ]; do
        case $1 in
            --help) usage; exit 0 ;;
            --yes | --dry-run) options[${1#--}]=yes; shift ;;
            --*)
                is_known "${1#--}" || fail "there is no option $1; $program --help lists them"
                [ $# -ge 2 ] || fail "$1 needs a value"
                options[${1#--}]=$2
                shift 2
                ;;
            *) fail "cannot use '$1'; $program --help lists the options" ;;
        esac
    done
}

# Sets `answer`: to the option of this name, to the default with --yes, or to what the person types.
ask() {
    local name=$1 question=$2 default=${3-}
    if is_given "$name"; then
        answer=${options[$name]}
    elif is_given yes; then
        [ -n "$default" ] || fail "--yes asks nothing: give --$name"
        answer=$default
    else
        printf '%s%s: ' "$question" "${default:+ [$default]}" >&2
        read -r answer || fail "there is no answer to '$question'; give --$name"
        answer=${answer:-$default}
    fi
    [ -n "$answer" ] || fail "the answer to '$question' is empty; give --$name"
}

# Shows the summary and waits for Enter.
confirm() {
    say "$1"
    if is_given yes || is_given dry-run; then return; fi
    printf 'Enter continues, Ctrl-C ends: ' >&2
    read -r || fail "nobody confirms; give --yes"
}

# Whether another machine is wanted. What is given on the command line is for one machine.
is_another_wanted() {
    if is_given yes || is_given dry-run || is_given name; then return 1; fi
    printf 'Create another machine (y/n)? ' >&2
    read -r answer || return 1
    [ "$answer" = y ]
}

# Fails unless a name has this form (an extended regular expression over octets).
check_form() {
    local LC_ALL=C what=$1 value=$2 form=$3 rule=$4
    [[ $value =~ $form ]] || fail "'$value' cannot be $what: $rule"
}

need_program() {
    command -v "$1" >/dev/null || fail "$1 is not installed; $2"
}

# Sets `output` to what a command says that changes nothing; `advice` is for whoever sees it fail.
look() {
    local advice=$1
    shift
    output=$("$@") || fail "$advice"
}

# Whether the tools said that there is nothing.
is_nothing() {
    [ -z "$1" ] || [ "$1" = None ]
}

# Runs a command that changes something and sets `output` to what it says; in a dry run shows it instead. What
# exists when it has succeeded is `thing`; nothing if that is empty.
change() {
    local thing=$1 stand_in=$2
    shift 2
    if is_given dry-run; then
        say "would run: ${*@Q}"
        output=$stand_in
        return
    fi
    output=$("$@") || fail "'${*:1:3}' failed; the lines above say why"
    [ -z "$thing" ] || made+=("$thing${output:+ $output}")
}

# Sets `disk`, `disk_bytes` and `disk_sum` to the path, size and SHA-256 of the file beside the script.
find_disk() {
    local listed
    # shellcheck disable=SC2154 # the script that uses this file sets it
    disk=$script_directory/$1
    [ -r "$disk" ] || fail "$disk is missing; unpack the whole archive into one directory"
    # shellcheck disable=SC2034 # two of the scripts that use this file read it
    disk_bytes=$(($(wc -c <"$disk")))
    say "computing the SHA-256 of $1"
    disk_sum=$(sum_of "$disk")
    [ -r "$script_directory/SHA256SUMS" ] || return 0
    listed=$(awk -v name="$1" '$2 == name { print $1 }' "$script_directory/SHA256SUMS")
    [ -n "$listed" ] || fail "SHA256SUMS does not list $1; take both from the same release"
    [ "$listed" = "$disk_sum" ] || fail "$1 is not the file that SHA256SUMS lists; download it again"
}

# The SHA-256 of a file, with what Linux or macOS has.
sum_of() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi <"$1" | cut -c1-64
}
