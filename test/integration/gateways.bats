# Real gateways over the wire, against providers' own code on the loopback.

setup() {
  load support/server
  source "$support_directory/gateways.bash"
  export PLANTED_SECRETS="aliyun-test-secret tencent-test-secret twilio-test-token vonage-test-secret yunpian-test-key huawei-test-secret whsec_ PROVIDERS-OWN-WORDS"
  new_home "test_$BATS_TEST_NUMBER"
  new_phone
}
teardown() {
  end_server
  stop_providers
}

send() {
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
  expect_status 201
}

@test "each provider takes a message that its own code finds well signed, and the code in it logs in" {
  start_providers
  local gateway
  for gateway in aliyun aliyunrpc tencent twilio vonage yunpian huawei webhook smpp; do
    new_phone
    launch_gateways "$gateway"
    send
    wait_until 5 has_taken "$gateway" "$phone"
    wait_until 5 is_state "$phone" 1
    code=$(jq -r --arg n "$phone" 'select(.to | endswith($n)) | .code // .text' "$TAKEN" | grep -oE '[0-9]{6}')
    discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
    expect_status 200
    equal 1 "$(sql "SELECT COUNT(*) FROM delivery_attempt a JOIN outbox o ON o.id = a.message_id WHERE o.phone = '+86$phone' AND a.outcome = 'accepted' AND a.provider_id <> ''")"
    terminate
  done
  equal 0 "$(taken 'select(.refused)' | wc -l)"
  equal '"+86"' "$(jq -c --arg p tencent 'select(.provider == $p) | .to[0:3]' "$TAKEN")"
  equal '"unicode"' "$(jq -c 'select(.provider == "vonage") | .type' "$TAKEN")"
  equal '"SMS_1"' "$(jq -c 'select(.provider == "aliyun") | .template' "$TAKEN")"
}

@test "a gateway is called within 5 ms of the accepted send" {
  start_providers
  launch_gateways webhook
  local i
  for i in {1..10}; do
    new_phone
    send
  done
  wait_until 5 has_taken webhook "$phone"
  called() { [ "$(sql 'SELECT COUNT(*) FROM delivery_attempt')" = 10 ]; }
  wait_until 5 called
  # The quickest of ten: the others may have met another process of the machine.
  is_at_most "$(sql 'SELECT MIN(a.started_at - o.created_at) FROM delivery_attempt a JOIN outbox o ON o.id = a.message_id')" 5
}

@test "receipts in each provider's form are kept once, and a final state stays" {
  start_providers
  launch_gateways aliyun
  local here=$BASE/receipts body url signature now
  state_of() { sql "SELECT state FROM delivery_receipt WHERE receipt_key = '$1'"; }

  aliyun_says() { printf '[{"phone_number":"%s","report_time":"2026-11-26 12:00:00","success":%s,"err_code":"%s","biz_id":"b1","out_id":"o1"}]' "$phone" "$1" "$2"; }
  request "$here/aliyun/$receipt_secret" -H 'Content-Type: application/json' -d "$(aliyun_says true DELIVERED)"
  expect_status 200
  expect .code 0
  request "$here/aliyun/$receipt_secret" -H 'Content-Type: application/json' -d "$(aliyun_says false MK:0012)"
  expect_status 200
  equal 2 "$(state_of aliyun:b1)"
  equal 1 "$(sql "SELECT COUNT(*) FROM delivery_receipt")"
  request "$here/aliyun/$receipt_secret" -d '{'
  expect_status 400
  request "$here/aliyun/${receipt_secret}0" -d "$(aliyun_says true DELIVERED)"
  expect_status 404
  request "$here/nobody/$receipt_secret" -d "$(aliyun_says true DELIVERED)"
  expect_status 404
  # A hundred and more in one push.
  body=$(for i in {1..150}; do aliyun_says true DELIVERED | sed "s/b1/many$i/; s/^\[//; s/\]$//"; echo; done | paste -sd, | sed 's/^/[/; s/$/]/')
  request "$here/aliyun/$receipt_secret" -H 'Content-Type: application/json' -d "$body"
  expect_status 200
  equal 151 "$(sql "SELECT COUNT(*) FROM delivery_receipt")"
  terminate

  launch_gateways twilio
  here=$BASE/receipts url=https://sms.example.com/receipts/twilio/$receipt_secret
  twilio_says() {
    body="MessageSid=SM1&MessageStatus=$1&To=%2B86$phone&AccountSid=AC0123456789abcdef"
    signature=$(node "$doubles/sign.js" twilio twilio-test-token "$url" "$body")
  }
  twilio_says delivered
  request "$here/twilio/$receipt_secret" -d "$body" -H "X-Twilio-Signature: $signature"
  expect_status 200
  equal 2 "$(state_of twilio:SM1)"
  twilio_says sent  # late
  request "$here/twilio/$receipt_secret" -d "$body" -H "X-Twilio-Signature: $signature"
  expect_status 200
  equal 2 "$(state_of twilio:SM1)"
  request "$here/twilio/$receipt_secret" -d "${body/SM1/SM2}" -H "X-Twilio-Signature: $signature"
  expect_status 403
  request "$here/twilio/$receipt_secret" -d "${body/SM1/SM2}"
  expect_status 403
  equal 0 "$(sql "SELECT COUNT(*) FROM delivery_receipt WHERE receipt_key = 'twilio:SM2'")"
  terminate

  launch_gateways webhook
  here=$BASE/receipts now=$(date +%s)
  body='{"message_id":"h1","state":"failed","error_code":"DB:0103","at":'$now'}'
  signature=$(node "$doubles/sign.js" webhook "$webhook_secret" msg_1 "$now" "$body")
  signed() { request "$here/webhook/$receipt_secret" -H 'Content-Type: application/json' -H 'webhook-id: msg_1' -H "webhook-timestamp: $1" -H "webhook-signature: $signature" -d "$body"; }
  signed "$now"
  expect_status 200
  signed $((now - 301))
  expect_status 403
  equal 3 "$(state_of webhook:h1)"
  terminate

  launch_gateways vonage '* -> vonage, tencent, yunpian, huawei'
  here=$BASE/receipts
  request "$here/vonage/$receipt_secret?msisdn=86$phone&messageId=v1&status=delivered&err-code=0"
  expect_status 200
  request "$here/tencent/$receipt_secret" -d "[{\"user_receive_time\":\"2026-11-26 12:00:00\",\"nationcode\":\"86\",\"mobile\":\"$phone\",\"report_status\":\"FAIL\",\"errmsg\":\"MK:1\",\"sid\":\"t:1\"}]"
  expect_status 200
  request "$here/yunpian/$receipt_secret" --data-urlencode "sms_status=[{\"sid\":77,\"mobile\":\"$phone\",\"report_status\":\"SUCCESS\"}]"
  equal SUCCESS "$reply_body"
  request "$here/huawei/$receipt_secret" -d "smsMsgId=hw1&status=EXPIRED&to=%2B86$phone"
  expect_status 200
  equal "2 3 2 4" "$(state_of vonage:v1) $(state_of tencent:t:1) $(state_of yunpian:77) $(state_of huawei:hw1)"
  run ! grep -qE "$receipt_secret|$phone" "$SERVER_LOG"
}

@test "SMPP: a receipt that comes late and twice is one, and the timeline tells of it" {
  start_providers late
  launch_gateways smpp
  send
  wait_until 5 has_taken smpp "$phone"
  delivered() { [ "$(sql "SELECT COUNT(*) FROM delivery_receipt WHERE receipt_key LIKE 'smpp:smsc-%' AND state = 2")" = 1 ]; }
  wait_until 5 delivered
  smsauthd messages --to "$phone" --profile dev --db "$DATABASE_URI" >"$SERVER_HOME/told"
  grep -qE ' tried +gateway=smpp  outcome=accepted' "$SERVER_HOME/told"
  grep -qE ' receipt +gateway=smpp  state=delivered' "$SERVER_HOME/told"
}

@test "SMPP: a second SMSC, of Perl's Net::SMPP, takes a message and its receipt comes back" {
  export TAKEN=$SERVER_HOME/taken.jsonl
  : >"$TAKEN"
  start_double smsc perl "$doubles/smsc.pl" "$TAKEN"
  printf '[sms.smpp]\ntype = smpp\nhost = 127.0.0.1\nport = %s\nsystem-id = test-id\npassword = test-pw\nsource = Example\n' \
    "$(jq .port <<<"$double_said")" >"$SERVER_HOME/gateways.conf"
  launch_gateways smpp
  send
  wait_until 5 has_taken smpp "$phone"
  equal 8 "$(jq .data_coding "$TAKEN")"
  # UCS-2 of "验证码" begins the words behind the signature.
  grep -q 9a8c8bc17801 "$TAKEN"
  delivered() { [ "$(sql "SELECT COUNT(*) FROM delivery_receipt WHERE receipt_key LIKE 'smpp:%ABC001' AND state = 2")" = 1 ]; }
  wait_until 5 delivered
}

@test "the next gateway is asked when the first could not, and only then" {
  start_providers
  launch_gateways webhook '* -> wrongkey, gone, badtls, webhook'
  send
  wait_until 8 has_taken webhook "$phone"
  equal "rejected auth_config,rejected retry_later,rejected retry_later,accepted " \
    "$(sql "SELECT a.outcome, a.rejection FROM delivery_attempt a JOIN outbox o ON o.id = a.message_id WHERE o.phone = '+86$phone' ORDER BY a.started_at" | tr '|\t' '  ' | paste -sd,)"
  equal '"certificate"' "$(sql "SELECT provider_code FROM delivery_attempt WHERE gateway = 'badtls'" | jq -R .)"

  # A number that is refused is refused: nobody else is asked.
  providers_are refuse
  new_phone
  send
  wait_until 8 is_state "$phone" 2 || is_state "$phone" 2
  terminate
  launch_gateways webhook '* -> aliyun, webhook'
  new_phone
  send
  wait_until 8 is_state "$phone" 2
  equal 0 "$(taken_by webhook "$phone")"
  equal bad_number "$(sql "SELECT rejection FROM delivery_attempt a JOIN outbox o ON o.id = a.message_id WHERE o.phone = '+86$phone'")"
}

@test "accepted, and then silence: exactly one message, and no other gateway is asked" {
  start_providers
  launch_gateways hasty '* -> hasty, tencent'
  local mode
  for mode in accept_then_timeout malformed truncated; do
    providers_are "$mode"
    new_phone
    send
    wait_until 5 has_taken webhook "$phone"
    # A 2xx of the hook is an acceptance, whatever its body says.
    if [ "$mode" = malformed ]; then wait_until 5 is_state "$phone" 1; else wait_until 5 is_state "$phone" 4; fi
    equal 1 "$(taken_by webhook "$phone")"
    equal 0 "$(taken_by tencent "$phone")"
    code=$(jq -r --arg n "$phone" 'select(.to | endswith($n)) | .code' "$TAKEN")
    discuzq verify "{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}"
    expect_status 200
  done
}

@test "a provider in trouble: the API answers at once, tries go on, the breaker opens, and all goes out when it is over" {
  start_providers
  providers_are 429
  sed -i 's/^reply-timeout-ms = 300$/&\nbreaker-failures = 5\nbreaker-seconds = 1/' "$SERVER_HOME/gateways.conf"
  launch_gateways hasty
  local i began phones=()
  for i in {1..8}; do
    new_phone
    phones+=("$phone")
    began=$EPOCHREALTIME
    send
    is_at_most "$(seconds_since "$began")" 0.3
  done
  opened() { [ "$(sql "SELECT COUNT(*) FROM delivery_attempt WHERE provider_code = 'circuit_open'")" -ge 1 ]; }
  wait_until 10 opened
  providers_are ok
  for phone in "${phones[@]}"; do wait_until 30 has_taken webhook "$phone"; done
  for phone in "${phones[@]}"; do equal 1 "$(taken_by webhook "$phone")"; done
}

@test "a provider that hangs for 30 s does not slow a reply down, and a stop does not wait for it" {
  start_providers
  providers_are slow
  launch_gateways webhook
  local began
  began=$EPOCHREALTIME
  send
  is_at_most "$(seconds_since "$began")" 0.3
  wait_until 5 grep -q '"refused":"slow"' "$TAKEN"
  began=$EPOCHREALTIME
  terminate
  is_at_most "$(seconds_since "$began")" 12
}

@test "every gateway hangs: p99 of a send is that of the spool" {
  start_providers
  providers_are slow
  launch_gateways webhook '* -> webhook | tencent, aliyun'
  local hung=$BASE hung_pid=$SERVER_PID
  # The second server has a database of its own: a second home in the first.
  SERVER_HOME=$SERVER_HOME/spool
  SPOOL=$SERVER_HOME/spool.jsonl SERVER_LOG=$SERVER_HOME/log
  mkdir -p "$SERVER_HOME"
  : >"$SERVER_LOG"
  case $SMSAUTHD_TEST_ENGINE in
    sqlite) DATABASE_URI=sqlite:$SERVER_HOME/smsauthd.db ;;
    mariadb)
      DATABASE_NAME=${DATABASE_NAME}_b
      DATABASE_URI=$SMSAUTHD_TEST_MYSQL_URI$DATABASE_NAME
      "$scripts_directory/mariadb-for-tests" database "$SMSAUTHD_TEST_MARIADB_DIR" "$DATABASE_NAME"
      ;;
  esac
  launch
  run -0 python3 "$support_directory/send_latency.py" --hung "$hung" --spool "$BASE"
  kill -KILL "$hung_pid"
  stop_providers_of "${SERVER_HOME%/spool}"
}

@test "providers' words, URLs and bodies are not in the log, not even at level debug" {
  start_providers
  local mode gateway
  for gateway in aliyun tencent twilio; do
    launch_gateways "$gateway"
    for mode in refuse auth 500 429 malformed; do
      providers_are "$mode"
      new_phone
      send
      wait_until 5 grep -q "delivery .*gateway=$gateway" "$SERVER_LOG"
    done
    terminate
  done
  run ! grep -qE 'PROVIDERS-OWN-WORDS|PhoneNumbers|Messages\.json|/aliyun/|access-key|TemplateParam' "$SERVER_LOG"
}
