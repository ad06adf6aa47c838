# Providers on the loopback (test/doubles) for a test file: start_providers, then one launch with every gateway in it.

doubles=${BASH_SOURCE[0]%/*}/../../doubles
export NODE_PATH=${BASH_SOURCE[0]%/*}/../../../build/doubles/node_modules
receipt_secret=0123456789abcdef0123456789abcdef
webhook_secret=whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=

# start_double NAME COMMAND…: in the background; waits for the line of JSON that it prints, and leaves it in $double_said.
start_double() {
  local name=$1
  shift
  : >"$SERVER_HOME/$name.json"
  "$@" >"$SERVER_HOME/$name.json" 2>"$SERVER_HOME/$name.err" 3>&- 4>&- </dev/null &
  echo $! >>"$SERVER_HOME/doubles.pids"
  wait_until 20 test -s "$SERVER_HOME/$name.json" || { cat "$SERVER_HOME/$name.err" >&2; return 1; }
  double_said=$(cat "$SERVER_HOME/$name.json")
}

# start_providers [SMSC-MODE]: all of them; writes gateways.conf for this home. Needs new_home.
start_providers() {
  export TAKEN=$SERVER_HOME/taken.jsonl
  : >"$TAKEN"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$SERVER_HOME/tls.key" -out "$SERVER_HOME/tls.crt" \
    -days 2 -subj /CN=elsewhere.example -addext subjectAltName=DNS:elsewhere.example 2>/dev/null
  start_double gateways node "$doubles/gateways.js" "$TAKEN" "$SERVER_HOME/tls.crt" "$SERVER_HOME/tls.key"
  export PROVIDERS=http://127.0.0.1:$(jq .http <<<"$double_said")
  local https
  https=https://127.0.0.1:$(jq .https <<<"$double_said")
  start_double smsc node "$doubles/smsc.js" "$TAKEN" "${1:-ok}"
  cat >"$SERVER_HOME/gateways.conf" <<END
[sms.aliyun]
type = aliyun
base-url = $PROVIDERS/aliyun
access-key-id = LTAI-test
access-key-secret = aliyun-test-secret
sign-name = 示例
template = SMS_1
template.reset_password = SMS_2
receipt-secret = $receipt_secret
[sms.aliyunrpc]
type = aliyun
base-url = $PROVIDERS/aliyunrpc
access-key-id = LTAI-test
access-key-secret = aliyun-test-secret
sign-name = 示例
template = SMS_1
signature = rpc
[sms.tencent]
type = tencent
base-url = $PROVIDERS/tencent
secret-id = AKID-test
secret-key = tencent-test-secret
app-id = 1400006666
sign-name = 示例
template = 1110
parameters = code,minutes
receipt-secret = $receipt_secret
[sms.twilio]
type = twilio
base-url = $PROVIDERS/twilio
account-sid = AC0123456789abcdef
auth-token = twilio-test-token
from = +15005550006
receipt-secret = $receipt_secret
[sms.vonage]
type = vonage
base-url = $PROVIDERS/vonage
api-key = abcd1234
api-secret = vonage-test-secret
from = Example
receipt-secret = $receipt_secret
[sms.yunpian]
type = yunpian
base-url = $PROVIDERS/yunpian
api-key = yunpian-test-key
sign = 【示例】
receipt-secret = $receipt_secret
[sms.huawei]
type = huawei
base-url = $PROVIDERS/huawei
app-key = huawei-test-key
app-secret = huawei-test-secret
sender = 8824110605000
template = t1
receipt-secret = $receipt_secret
[sms.webhook]
type = webhook
base-url = $PROVIDERS/webhook/hook
secret = $webhook_secret
receipt-secret = $receipt_secret
[sms.smpp]
type = smpp
host = 127.0.0.1
port = $(jq .port <<<"$double_said")
system-id = test-id
password = test-pw
source = Example
[sms.badtls]
type = webhook
base-url = $https/webhook/hook
secret = $webhook_secret
[sms.gone]
type = webhook
base-url = http://127.0.0.1:9
secret = $webhook_secret
[sms.wrongkey]
type = tencent
base-url = $PROVIDERS/tencent
secret-id = AKID-test
secret-key = not-the-secret
app-id = 1400006666
template = 1110
[sms.hasty]
type = webhook
base-url = $PROVIDERS/webhook/hook
secret = $webhook_secret
reply-timeout-ms = 300
[texts]
signature = 示例
END
}

stop_providers_of() { [ ! -e "$1/doubles.pids" ] || xargs -r kill <"$1/doubles.pids" 2>/dev/null || true; }
stop_providers() { stop_providers_of "$SERVER_HOME"; }

# launch_gateways NAME ROUTE…: a server whose messages go to NAME, or by the routes "CONDITIONS -> GATEWAYS".
launch_gateways() {
  local name=$1 number=0
  shift
  {
    cat "$SERVER_HOME/gateways.conf"
    echo "[routes]"
    for route in "$@"; do echo "r$((++number)) = $route"; done
  } >"$SERVER_HOME/run.conf"
  launch --config "$SERVER_HOME/run.conf" --sms "$name" --public-url https://sms.example.com
}

providers_are() { curl -sS -o /dev/null "$PROVIDERS/control" -d "{\"mode\":\"$1\"}"; }

# taken JQ-FILTER: of the messages that providers took, as compact JSON.
taken() { jq -c "$1" "$TAKEN"; }
# taken_by PROVIDER PHONE: how many messages to that number it took.
taken_by() { jq -s --arg p "$1" --arg n "$2" '[.[] | select(.provider == $p and (.refused | not) and (.to | endswith($n)))] | length' "$TAKEN"; }
has_taken() { [ "$(taken_by "$1" "$2")" -ge "${3:-1}" ]; }
# message_state PHONE: of its newest outbox row: 0 pending, 1 handed over, 2 failed, 3 expired, 4 unknown.
message_state() { sql "SELECT state FROM outbox WHERE phone = '+86$1' ORDER BY id DESC LIMIT 1"; }
is_state() { [ "$(message_state "$1")" = "$2" ]; }
