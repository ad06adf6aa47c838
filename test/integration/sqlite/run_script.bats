# scripts/run as a stranger meets it: every line that it prints for pasting works, in the order printed.

setup() {
  load ../support/server
  # The script in a tree of its own, with a binary that is built already: it must not touch the var/ of this one.
  tree=$BATS_TEST_TMPDIR/tree
  mkdir -p "$tree/scripts" "$tree/build/release"
  ln -s "$(realpath "$scripts_directory/run")" "$tree/scripts/run"
  ln -s "$SMSAUTHD_TEST_BINARY" "$tree/build/release/smsauthd"
  printf '#!/bin/sh\n' >"$tree/scripts/build"
  chmod +x "$tree/scripts/build"
  export SERVER_HOME=$tree
  # A background process of a script ignores SIGINT from its birth; one that a person starts does not.
  env --default-signal=INT $(without_settings) "$tree/scripts/run" --listen 127.0.0.1:0 --admin-listen off \
    >"$tree/output" 2>&1 3>&- 4>&- &
  run_pid=$!
  wait_until "$start_seconds" grep -q 'Ctrl-C stops' "$tree/output"
}

teardown() {
  if kill -0 "$run_pid" 2>/dev/null; then kill -TERM "$run_pid"; fi
}

@test "the printed lines work when pasted one after the other, and Ctrl-C stops the server cleanly" {
  grep -E '^(curl |CODE=)' "$tree/output" >"$tree/lines"
  equal 14 "$(wc -l <"$tree/lines")"
  (cd / && bash "$tree/lines") >"$tree/replies"
  grep -E '^\{' "$tree/replies" >"$tree/json"
  equal 10 "$(wc -l <"$tree/json")"
  local expected=('"interval":60' '"access_token":' '"code":"200"' '"msg":"注册成功"' '"msg":"登录成功"' '"timeless":180'
    '"uuid":' '"editreview":' '"status":200' '"msg":"登录成功!"') number
  for number in "${!expected[@]}"; do
    sed -n "$((number + 1))p" "$tree/json" | grep -qF -- "${expected[number]}" || {
      echo "reply $((number + 1)) lacks ${expected[number]}: $(sed -n "$((number + 1))p" "$tree/json")" >&2
      return 1
    }
  done

  kill -INT "$run_pid"
  wait_until "$stop_seconds" grep -q ' stopped' "$tree/output"
  local code=0
  wait "$run_pid" || code=$?
  equal 0 "$code"
}

@test "a second start while the first one runs says what is wrong, and how to go on" {
  local address code=0 said
  address=$(sed -nE 's/^smsauthd serves http:\/\/([^ ]+) .*/\1/p' "$tree/output")
  said=$(env $(without_settings) "$tree/scripts/run" --listen "$address" --admin-listen off --db sqlite:other.db 2>&1) || code=$?
  [ "$code" != 0 ]
  [[ $said == *"$address"* || $said == *"in use"* ]]
  [[ $said == *"scripts/run --listen"* ]]
}
