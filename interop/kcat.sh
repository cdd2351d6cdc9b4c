#!/usr/bin/env bash
# What kcat (librdkafka) does with the broker. Arguments: bootstrap server, a topic made for it, and, unless there is no JMS,
# the topic of the queue that a JMS sender filled and of the one that a JMS consumer will read.
set -uo pipefail

bootstrap=$1 topic=$2 from_jms=${3:-} to_jms=${4:-}
who="kcat $(kcat -V 2>/dev/null | sed -n 's/.*librdkafka \([0-9.]*[0-9]\).*/on librdkafka \1/p')"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
filler=$(printf 'abcdefgh%.0s' {1..20})

check() { # WHAT COMMAND...
  local what=$1
  shift
  if "$@" >"$work/output" 2>&1; then
    echo "ok $who: $what"
  else
    failed=1
    echo "FAIL $who: $what: $(tail -n 3 "$work/output" | tr '\n' ' ')"
  fi
}

kcat_() {
  timeout 40 kcat -b "$bootstrap" "$@"
}

lines() { # CODEC COUNT
  local i
  for ((i = 0; i < $2; i++)); do
    echo "key-$i|$1-$i-$filler"
  done
}

metadata() {
  kcat_ -L -t "$topic" >"$work/metadata" && grep -q "topic \"$topic\" with 1 partitions" "$work/metadata"
}

produce() { # CODEC TOPIC COUNT
  lines "$1" "$3" | kcat_ -P -t "$2" -p 0 -K '|' -z "$1" -H "codec=$1" -X enable.idempotence=true -X acks=all
}

consume() { # ISOLATION
  kcat_ -C -t "$topic" -p 0 -o beginning -e -q -X isolation.level="$1" -f '%o|%k|%s|%h\n' >"$work/consumed" &&
    diff "$work/consumed" "$work/expected"
}

seek() { # ISOLATION: the last record, and one in the middle of a batch
  kcat_ -C -t "$topic" -p 0 -o -1 -c 1 -e -q -X isolation.level="$1" -f '%o|%k|%s|%h\n' >"$work/sought" &&
    kcat_ -C -t "$topic" -p 0 -o 137 -c 1 -e -q -X isolation.level="$1" -f '%o|%k|%s|%h\n' >>"$work/sought" &&
    diff "$work/sought" <(tail -n 1 "$work/expected"; sed -n 138p "$work/expected")
}

query_offsets() { # as kcat prints them: TOPIC [0] offset N
  [ "$(kcat_ -Q -t "$topic:0:1" | grep -o '[0-9]*$')" = 0 ]
}

group() { # all records once, in a group of its own; then, in the same group, none
  kcat_ -G "$topic-group" -e -q -X auto.offset.reset=earliest -f '%o|%k|%s|%h\n' "$topic" >"$work/grouped" &&
    diff "$work/grouped" "$work/expected" &&
    kcat_ -G "$topic-group" -e -q -X auto.offset.reset=earliest -f '%o|%k|%s|%h\n' "$topic" >"$work/grouped" &&
    [ ! -s "$work/grouped" ]
}

read_jms() {
  local i
  for ((i = 0; i < 20; i++)); do
    echo "message-$i|group-$((i % 3))|number=$i"
  done >"$work/jms-expected"
  kcat_ -C -t "$from_jms" -p 0 -o beginning -e -q -f '%s|%k|%h\n' |
    sed -E 's/^([^|]*\|[^|]*\|)(.*,)?(number=[0-9]+)(,.*)?$/\1\3/' >"$work/jms" &&
    diff "$work/jms" "$work/jms-expected"
}

check "lists metadata" metadata
offset=0
for codec in none gzip snappy lz4 zstd; do
  while IFS='|' read -r key value; do
    echo "$offset|$key|$value|codec=$codec"
    offset=$((offset + 1))
  done < <(lines "$codec" 100) >>"$work/expected"
  check "idempotent producer, $codec" produce "$codec" "$topic" 100
done
for isolation in read_uncommitted read_committed; do
  check "consumer assigned, $isolation" consume "$isolation"
  check "consumer seeks, $isolation" seek "$isolation"
done
check "finds offsets by time" query_offsets
check "consumer group" group
if [ -n "$from_jms" ]; then
  check "reads what JMS sent" read_jms
  for codec in none gzip snappy lz4 zstd; do
    check "produces for JMS, $codec" produce "$codec" "$to_jms" 10
  done
fi
exit $failed
