# One SQLite file belongs to one process.

setup_file() { load ../support/server; start_server; }
teardown_file() { load ../support/server; end_server; }
setup() { load ../support/server; }

@test "a second smsauthd on the same file refuses to start, and the first one serves on" {
  local code=0 said
  said=$(smsauthd --profile dev --listen 127.0.0.1:0 --admin-listen off --db "$DATABASE_URI" --sms log: \
    --secret-file "$SERVER_HOME/secret.key" 2>&1) || code=$?
  [ "$code" != 0 ]
  [[ $said == *"db"* ]]
  request "$ADMIN/readyz"
  expect_status 200
}

@test "after kill -9 the file opens again at once and is sound" {
  kill_server
  launch
  equal ok "$(sql 'PRAGMA integrity_check')"
  equal wal "$(sql 'PRAGMA journal_mode')"
}

@test "the database and the key are readable by their owner alone" {
  equal 600 "$(stat -c %a "$SERVER_HOME/secret.key")"
  equal 0 "$(find "$SERVER_HOME" -name 'smsauthd.db*' -perm /077 | wc -l)"
  equal 0 "$(find "$SERVER_HOME" -name 'spool.jsonl' -perm /077 | wc -l)"
}
