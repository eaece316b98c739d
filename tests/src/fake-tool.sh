#!/bin/sh
# A tool that notes how it was called, then does what FAKE_DO says.
printf '%s\0' "$0" "$@" > "$FAKE_CALLS/$$.argv"
env -0 > "$FAKE_CALLS/$$.env"
echo $$ >> "$FAKE_CALLS/order"
eval "$FAKE_DO"
