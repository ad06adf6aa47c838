# What support sees: the life of a number's messages, by command and by the admin listener, and the sums of all.

setup_file() {
  load support/server
  export PLANTED_SECRETS=""
  start_server
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

report() { smsauthd "$@" --profile dev --db "$DATABASE_URI"; }

@test "messages --to tells the life of a code, masked unless --full" {
  send_login "$phone"
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
  expect '.errors[0].code' '"sms_interval"'
  discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
  expect_status 200
  has_refusal() { report messages --to "+86$phone" | grep -q 'send_too_soon .*times=1'; }
  wait_until 5 has_refusal
  local told
  told=$(report messages --to "+86$phone")
  grep -q "^+86${phone:0:3}\*\*\*\*${phone:7}: 1 messages, 1 refusals$" <<<"$told"
  grep -qE ' asked +dialect=discuzq  purpose=login  address=127.0.0.1' <<<"$told"
  grep -qE ' handed_over +gateway=spool' <<<"$told"
  grep -qE ' code_used' <<<"$told"
  run ! grep -qE "$phone|$code" <<<"$told"
  report messages --to "$phone" --full | grep -q "^+86$phone: "
}

@test "the admin listener tells the same, for a number in a body" {
  send_login "$phone"
  request -X POST "$ADMIN/messages" -d "{\"to\":\"+86$phone\"}"
  expect_status 200
  expect '.messages | length' 1
  expect '.messages[0].events[0].what' '"asked"'
  run ! grep -q "$phone" <<<"$reply_body"
  request -X POST "$ADMIN/messages" -d "{\"to\":\"+86$phone\",\"full\":true}"
  expect .phone "\"+86$phone\""
  request -X POST "$ADMIN/messages" -d "{\"to\":\"nobody\"}"
  expect_status 400
  request -X POST "$ADMIN/messages" -d "{"
  expect_status 400
  request "$BASE/messages" -d "{\"to\":\"+86$phone\"}"
  expect_status 404
  run ! grep -q "$phone" "$SERVER_LOG"
}

@test "deliveries sums messages by hour, gateway, country and dialect" {
  post "/api/v4.0/sendsms/$phone" expect=0
  report deliveries --hours 2 | grep -qE '  *spool  *CN  *v4  *1  *1  *0  *0 '
  request "$ADMIN/deliveries?hours=2"
  expect_status 200
  expect '[.rows[] | select(.dialect == "v4")] | length' 1
  expect '[.rows[] | select(.dialect == "v4")][0].accepted' 1
  expect .truncated false
  local hours
  for hours in 0 169 x -1 ''; do
    request "$ADMIN/deliveries?hours=$hours"
    expect_status 400
  done
}

@test "a question that is none ends with 2 and changes nothing" {
  local words
  for words in "messages" "messages --to x" "messages --to $phone --hours 3" "deliveries --to $phone" \
    "deliveries --hours 0" "deliveries --hours 999" "--to $phone" "serve --full"; do
    run -2 report $words
    run ! grep -q "$phone" <<<"$output"
  done
  run -2 smsauthd messages --to "$phone" --profile dev --db "sqlite:$SERVER_HOME/none.db"
  [ ! -e "$SERVER_HOME/none.db" ]
}
