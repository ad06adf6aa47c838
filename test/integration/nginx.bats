# Behind a real nginx with conf/nginx.conf.example: the dialects work, limits see the client, and nothing is sent twice.

setup_file() {
  load support/server
  export PLANTED_SECRETS="nginx-pass-1 planted-in-query"
  start_server --trusted-proxy 127.0.0.1 --ip-sends-per-hour 3 --ip-sends-per-day 100
  start_nginx
}

teardown_file() {
  load support/server
  stop_nginx
  end_server
}

setup() {
  load support/server
  export NGINX_HOME=$BATS_FILE_TMPDIR/nginx
  new_phone
  BASE=https://127.0.0.1:$(cat "$NGINX_HOME/port")
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# start_nginx: the shipped example with ports, certificate and log paths of this test, inside the least http{} block.
start_nginx() {
  local port upstream=${BASE#http://}
  export NGINX_HOME=$BATS_FILE_TMPDIR/nginx
  mkdir -p "$NGINX_HOME/tmp"
  openssl req -x509 -newkey rsa:2048 -nodes -keyout "$NGINX_HOME/key" -out "$NGINX_HOME/certificate" -days 2 -subj /CN=127.0.0.1 2>/dev/null
  port=$(free_port)
  free_port >"$NGINX_HOME/broken_port"
  echo "$port" >"$NGINX_HOME/port"
  substituted() {
    sed -e "s#127.0.0.1:8080#$1#" -e "s#listen 443#listen 127.0.0.1:$2#" -e "s#/etc/ssl/certs/[^;]*#$NGINX_HOME/certificate#" \
      -e "s#/etc/ssl/private/[^;]*#$NGINX_HOME/key#" -e "s#/var/log/nginx/#$NGINX_HOME/#" "$scripts_directory/../conf/nginx.conf.example"
  }
  {
    [ "$(id -u)" != 0 ] || echo 'user root;'
    echo "worker_processes 2; pid $NGINX_HOME/pid; error_log $NGINX_HOME/start.log; events { worker_connections 1024; }"
    echo "http { client_body_temp_path $NGINX_HOME/tmp; proxy_temp_path $NGINX_HOME/tmp; fastcgi_temp_path $NGINX_HOME/tmp;"
    echo "uwsgi_temp_path $NGINX_HOME/tmp; scgi_temp_path $NGINX_HOME/tmp;"
    substituted "$upstream" "$port"
    echo '}'
  } >"$NGINX_HOME/nginx.conf"
  nginx_command -t
  nginx_command
  wait_until 10 nginx_answers
}

nginx_command() { PATH=$PATH:/usr/sbin nginx -p "$NGINX_HOME" -c "$NGINX_HOME/nginx.conf" "$@" 3>&- 4>&- 2>"$NGINX_HOME/command.log" || { cat "$NGINX_HOME/command.log" >&2; return 1; }; }
nginx_answers() { curl -sk --max-time 2 -o /dev/null "https://127.0.0.1:$(cat "$NGINX_HOME/port")/"; }
stop_nginx() {
  export NGINX_HOME=$BATS_FILE_TMPDIR/nginx
  nginx_command -s quit
  wait_until 10 nginx_is_gone
}
nginx_is_gone() { [ ! -e "$NGINX_HOME/pid" ]; }

# Through nginx, from an address of loopback that is not nginx's own.
request_from() {
  local address=$1
  shift
  request -k --interface "$address" "$@"
}

@test "each dialect works through TLS and nginx" {
  request_from 127.0.1.1 "$BASE/api/sms/send" -H 'Content-Type: application/json' \
    -d "{\"data\":{\"attributes\":{\"mobile\":\"$phone\",\"type\":\"login\"}}}"
  expect_status 201
  code_for "$phone" login
  request_from 127.0.1.1 "$BASE/api/sms/verify" -H 'Content-Type: application/json' \
    -d "{\"data\":{\"attributes\":{\"mobile\":\"$phone\",\"type\":\"login\",\"code\":\"$code\",\"register\":1}}}"
  expect_status 200

  new_phone
  request_from 127.0.1.2 -X POST "$BASE/api/v4.0/sendsms/$phone?expect=0"
  expect .code '"200"'
  code_for "$phone" register
  request_from 127.0.1.2 "$BASE/api/v4.0/register" -d "phone=$phone" -d name=n -d password=nginx-pass-1 -d device_identifier=d -d "code=$code"
  expect .code 200

  new_phone
  request_from 127.0.1.3 "$BASE/api/Smssend/doSend" -d "mobile=$phone" -d internationalCode=%2B86 -d type=1
  expect .code 0
  code_for "$phone" register
  request_from 127.0.1.3 "$BASE/api/user/reg" -d "mobile=%2B86$phone" -d "mobilecode=$code" -d pass=nginx-pass-1 -d passcheck=nginx-pass-1
  expect .code 0

  new_phone
  request_from 127.0.1.4 "$BASE/module/main/send_code" -d "phone=$phone" -d type=register
  expect .status 200
  code_for "$phone" register
  request_from 127.0.1.4 "$BASE/module/main/register" -d "phone=$phone" -d "code=$code"
  expect .status 200
}

@test "X-Forwarded-For of a client moves no limit, and one client's limit is not another's" {
  local sent=0 number
  for number in 1 2 3 4 5 6; do
    new_phone
    request_from 127.0.2.1 "$BASE/module/main/send_code" -d "phone=$phone" -d type=register \
      -H "X-Forwarded-For: 203.0.113.$number, 198.51.100.$number" -H "X-Real-IP: 203.0.113.$number"
    sent=$((sent + $(messages_to "$phone")))
  done
  equal 3 "$sent"
  new_phone
  request_from 127.0.2.2 "$BASE/module/main/send_code" -d "phone=$phone" -d type=register
  equal 1 "$(messages_to "$phone")"
}

@test "the request id of nginx's log is that of ours" {
  request_from 127.0.1.5 "$BASE/api/v4.0/login?phone=1"
  local id
  id=$(header X-Request-Id)
  log_has "$id"
  in_access_log() { grep -q "$id" "$NGINX_HOME/smsauthd.access.log"; }
  wait_until 5 in_access_log
}

@test "what is too large ends at nginx" {
  request_from 127.0.1.6 "$BASE/module/main/login" -d "phone=1&pad=$(head -c 20000 /dev/zero | tr '\0' a)"
  expect_status 413
  request_from 127.0.1.6 "$BASE/api/v4.0/login?pad=$(head -c 3000 /dev/zero | tr '\0' a)"
  expect_status 414
}

# Until they heard of the reload, the old workers take connections too, and answer as before it.
reload_nginx() {
  local old
  old=$(pgrep -P "$(cat "$NGINX_HOME/pid")")
  [ -n "$old" ]
  nginx_command -s reload
  # shellcheck disable=SC2086 # one word for each process
  wait_until 5 are_leaving $old
}
are_leaving() {
  local pid title
  for pid; do
    title=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") || continue
    [[ $title != *'worker process'* || $title == *'shutting down'* ]] || return 1
  done
}

@test "when the upstream dies under a request, nginx sends it once and answers busy in the dialect's shape" {
  local count=$NGINX_HOME/requests port
  port=$(cat "$NGINX_HOME/broken_port")
  : >"$count"
  # Answers a first request on a connection, and dies under the second: the case in which nginx would try again.
  python3 "$support_directory/dying_upstream.py" "$port" "$count" 3>&- 4>&- &
  local upstream=$!
  wait_until 5 test -e "$count.listening"
  sed "s#server 127.0.0.1:[0-9]*;#server 127.0.0.1:$port;#" "$NGINX_HOME/nginx.conf" >"$NGINX_HOME/broken.conf"
  cp "$NGINX_HOME/nginx.conf" "$NGINX_HOME/whole.conf"
  cp "$NGINX_HOME/broken.conf" "$NGINX_HOME/nginx.conf"
  reload_nginx
  reaches_broken() { curl -sk --max-time 2 "$BASE/alive" | grep -q dying; }
  wait_until 5 reaches_broken

  local method path
  for path in /api/v4.0/login /api/Smssend/doSend /module/main/login /api/sms/send; do
    for method in POST GET; do
      : >"$count"
      request -k -X "$method" "$BASE/alive"
      request -k -X "$method" "$BASE$path?password=planted-in-query" -d ''
      expect_status 503
      expect_retry_after
      equal 1 "$(grep -c "^$method $path" "$count")"
      case $path in
        /api/v4.0/*) expect .code -9 ;;
        /api/Smssend/*) expect .code 10090 ;;
        /module/*) expect .status 0 ;;
        *) expect '.errors[0].code' '"service_unavailable"' ;;
      esac
    done
  done
  kill "$upstream"
  cp "$NGINX_HOME/whole.conf" "$NGINX_HOME/nginx.conf"
  reload_nginx
  reaches_ours() { curl -skf --max-time 2 -o "$BATS_TEST_TMPDIR/ours" "$BASE/api/v4.0/login"; }
  wait_until 5 reaches_ours
}

@test "nginx's own logs hold no query, code, password or number" {
  request_from 127.0.3.1 -X POST "$BASE/api/v4.0/sendsms/$phone?expect=0"
  expect .code '"200"'
  code_for "$phone" register
  request_from 127.0.3.1 "$BASE/api/v4.0/register?phone=$phone&name=n&password=nginx-pass-1&device_identifier=d&code=$code"
  expect .code 200
  kill_server
  request_from 127.0.3.1 "$BASE/api/v4.0/login?phone=$phone&password=nginx-pass-1"
  expect_status 503
  request_from 127.0.3.1 "$BASE/api/v4.0/isregister/$phone"
  launch --listen "$(sed -nE 's/.*server (127[0-9.:]+);.*/\1/p' "$NGINX_HOME/nginx.conf")" --trusted-proxy 127.0.0.1 \
    --ip-sends-per-hour 3 --ip-sends-per-day 100
  grep -q 'sendsms/\*\*\*' "$NGINX_HOME/smsauthd.access.log"
  cat "$NGINX_HOME"/*.log >"$NGINX_HOME/all"
  run ! grep -qE "$phone|nginx-pass-1|planted-in-query|[?]|\b$code\b" "$NGINX_HOME/all"
}
