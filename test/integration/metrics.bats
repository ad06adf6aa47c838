# What Prometheus scrapes from the admin listener, and the dashboard that reads it.

setup_file() {
  load support/server
  export PLANTED_SECRETS=""
  start_server
}
teardown_file() { load support/server; end_server; }
setup() { load support/server; new_phone; }

# metric NAME{LABELS}: its value, 0 when there is none.
metric() {
  local line
  line=$(curl -sS "$ADMIN/metrics" | grep -F -- "$1 " || true)
  printf '%s\n' "${line:+${line##* }}${line:-0}" | sed -E 's/^([0-9.]+)smsauthd.*/\1/'
}

@test "requests are counted by dialect, route and outcome, and limits by name" {
  local sends='smsauthd_requests_total{dialect="discuzq",route="/api/sms/send",outcome="ok"}'
  local before
  before=$(metric "$sends")
  send_login "$phone"
  discuzq send "{\"mobile\":\"$phone\",\"type\":\"login\"}"
  post "/api/v4.0/sendsms/$phone" expect=1
  post /api/Smssend/doSend mobile=1 type=1
  post /module/main/send_code phone=1 type=register
  equal 1 $(($(metric "$sends") - before))
  equal 1 "$(metric 'smsauthd_requests_total{dialect="discuzq",route="/api/sms/send",outcome="send_too_soon"}')"
  equal 1 "$(metric 'smsauthd_limits_hit_total{limit="send_too_soon"}')"
  equal 1 "$(metric 'smsauthd_requests_total{dialect="v4",route="/api/v4.0/sendsms/{mobile}",outcome="not_registered"}')"
  equal 1 "$(metric 'smsauthd_requests_total{dialect="smssend",route="/api/Smssend/doSend",outcome="invalid_phone"}')"
  equal 1 "$(metric 'smsauthd_requests_total{dialect="module",route="/module/main/send_code",outcome="invalid_phone"}')"
  local reply
  reply=$(curl -sS "$ADMIN/metrics")
  grep -q '^smsauthd_database_batch_jobs_count [1-9]' <<<"$reply"
  grep -q '^smsauthd_request_seconds_bucket{dialect="discuzq",le="+Inf"} [1-9]' <<<"$reply"
  run ! grep -qE "$phone|$code" <<<"$reply"
}

@test "what strangers send is no label" {
  local before after
  curl -sS -o /dev/null "$BASE/api/sms/send" -X BREW
  before=$(curl -sS "$ADMIN/metrics" | wc -l)
  local i
  for i in {1..30}; do
    curl -sS -o /dev/null "$BASE/nowhere/$i" -X "M$i" -H "X-$i: $i"
    curl -sS -o /dev/null "$BASE/api/v4.0/$i"
  done
  after=$(curl -sS "$ADMIN/metrics" | wc -l)
  # One line for each outcome that had not been met, and none for each path.
  is_at_most $((after - before)) 20
  run ! grep -q nowhere <(curl -sS "$ADMIN/metrics")
}

@test "the API listener has no /metrics, and the reply is of Prometheus' text format" {
  request "$BASE/metrics"
  expect_status 404
  request "$ADMIN/metrics"
  expect_status 200
  equal "text/plain; version=0.0.4; charset=utf-8" "$(header Content-Type)"
  run ! grep -vE '^(# (HELP|TYPE) smsauthd_[a-z_]+ .+|smsauthd_[a-z_]+(\{[^}]*(\{[a-z]+\}[^}]*)*\})? [-+0-9.eInf]+)?$' <<<"$reply_body"
}

@test "every metric of the dashboard is one that the server has" {
  send_login "$phone"
  local names name families
  names=$(jq -r '.panels[].targets[].expr' "$BATS_TEST_DIRNAME/../../conf/grafana-dashboard.json" | grep -oE 'smsauthd_[a-z_]+' | sort -u)
  [ "$(wc -l <<<"$names")" -ge 12 ]
  families=$(curl -sS "$ADMIN/metrics" | sed -nE 's/^# TYPE (smsauthd_[a-z_]+) .*/\1/p')
  for name in $names; do
    grep -qx -e "$name" -e "${name%_bucket}" -e "${name%_sum}" -e "${name%_count}" <<<"$families" || { echo "no $name" >&2; return 1; }
  done
}
