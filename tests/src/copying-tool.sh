#!/bin/sh
# A compiler, linker and archiver that only copy: what they make depends on their inputs alone.
# A source whose name has `fail` in it is wrong; `random` gives other bytes each time.
case $0 in
*llvm-ar)
    archive=$2
    shift 2
    exec cat "$@" >> "$archive"
    ;;
esac

# A source's text, headers put in; `$1` says what becomes of a header's name.
lines() {
    while read -r line || [ -n "$line" ]; do
        case $line in
        '#include "'*)
            name=${line#*\"}
            "$1" "${name%\"}"
            ;;
        *) [ "$1" = echo ] || echo "$line" ;;
        esac
    done
}

output= objects= rules= dependencies=
inputs=
while [ $# -gt 0 ]; do
    case $1 in
    --version) echo copying-tool && exit ;;
    -o) output=$2 && shift ;;
    -MF) dependencies=$2 && shift ;;
    -MT | -MQ) shift ;;
    -c) objects=yes ;;
    -M) rules=yes ;;
    -* | @*) ;;
    *) inputs="$inputs $1" ;;
    esac
    shift
done
if [ -n "$rules" ]; then
    for input in $inputs; do
        echo "x.o: $input" $(lines echo < "$input") || exit 1
    done
    exit
fi
case $inputs in
*fail*)
    echo "$inputs: wrong" >&2
    exit 4
    ;;
esac
copy() {
    case $1 in
    *.c) lines cat < "$1" ;;
    *) cat "$1" ;;
    esac || exit 1
    case $1 in *random*) echo $$ ;; esac
}
if [ -n "$objects" ] && [ -z "$output" ]; then
    for input in $inputs; do
        name=${input##*/}
        copy "$input" > "${name%.c}.o" || exit 1
    done
else
    for input in $inputs; do
        copy "$input"
    done > "${output:-a.out}" || exit 1
fi
[ -z "$dependencies" ] || echo "x.o: $inputs" > "$dependencies" || exit 1
