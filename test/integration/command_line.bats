# The command line as scripts and supervisors rely on it: exit codes, one clear line, no secret in it.

setup() {
  load support/server
  new_home "test_$BATS_TEST_NUMBER"
  cd "$SERVER_HOME"
}
teardown() { end_server; }

# ends_with CODE WORD…: the exit code, and then what was said, in $said.
ends_with() {
  local expected=$1 code=0
  shift
  said=$(smsauthd "$@" 2>&1 </dev/null) || code=$?
  equal "$expected" "$code" || { echo "$said" >&2; return 1; }
}

# refused_because WORD PATTERN ARGUMENT…: exit code 2 and one line that names the setting.
refused_because() {
  local setting=$1
  shift
  ends_with 2 "$@"
  said=$(grep -vE '^20[0-9-]+T[0-9:.]+Z (info|warning) ' <<<"$said")  # what the log said until then
  equal 1 "$(wc -l <<<"$said")"
  [[ $said == "smsauthd: "*"$setting"* ]] || { echo "$said" >&2; return 1; }
}

@test "help and version end with 0" {
  ends_with 0 --help
  for flag in config profile listen admin-listen db db-pool threads sms secret-file trusted-proxy code-ttl resend-gap \
    phone-sends-per-hour phone-sends-per-day ip-sends-per-hour ip-sends-per-day wrong-tries-per-code wrong-tries-per-day; do
    [[ $said == *"--$flag"* ]] || { echo "--$flag is not in the help" >&2; return 1; }
  done
  ends_with 0 --version
  [[ $said =~ ^smsauthd\ [0-9] ]]
}

@test "bad settings end with 2 and one line that names the setting" {
  refused_because no-such-flag --no-such-flag 1
  refused_because listen --profile dev --listen 0.0.0.0:8080
  refused_because listen --profile dev --listen 127.0.0.1:notaport
  refused_because code-ttl --profile dev --code-ttl 601
  refused_because code-ttl --profile dev --code-ttl soon
  refused_because profile --profile production
  refused_because db --profile dev --db postgres://localhost/x
  refused_because threads --profile dev --threads 1 --threads 2
  refused_because trusted-proxy --profile dev --trusted-proxy nowhere
  refused_because config --config /no/such/file
  refused_because trailing trailing --profile dev
}

@test "profiles for production have no defaults for database, gateway and key, and need a word about proxies" {
  printf '%064d\n' 7 >key
  chmod 600 key
  refused_because db --profile standard --sms log: --secret-file key
  refused_because sms --profile standard --db "$DATABASE_URI" --secret-file key
  refused_because secret-file --profile standard --db "$DATABASE_URI" --sms log:
  refused_because listen --profile standard --db "$DATABASE_URI" --sms log: --secret-file key --listen 0.0.0.0:0
  refused_because code-echo --profile standard --db "$DATABASE_URI" --sms log: --secret-file key --code-echo on
  refused_because v4-register-code --profile strict --db "$DATABASE_URI" --sms log: --secret-file key --v4-register-code optional
  refused_because resend-gap --profile standard --db "$DATABASE_URI" --sms log: --secret-file key --resend-gap 0
}

@test "a key that is missing, short, open to others, or guessable ends the start with 2" {
  local words=(--profile standard --db "$DATABASE_URI" --sms log: --listen 127.0.0.1:0 --admin-listen off --secret-file key)
  refused_because secret-file "${words[@]}"
  (umask 077; echo 0123456789abcdef >key)
  refused_because secret-file "${words[@]}"
  (umask 077; openssl rand -hex 32 >key)
  chmod 644 key
  refused_because secret-file "${words[@]}"
  chmod 600 key
  mv key elsewhere
  ln -s elsewhere key
  refused_because secret-file "${words[@]}"
  rm key
  (umask 077; printf '%064d\n' 0 >key)
  refused_because secret-file "${words[@]}"
}

@test "a database made with another key is refused with 2, and its codes stay unread" {
  (umask 077; openssl rand -hex 32 >"$SERVER_HOME/first.key"; openssl rand -hex 32 >"$SERVER_HOME/second.key")
  launch --secret-file "$SERVER_HOME/first.key"
  terminate
  refused_because secret-file --profile dev --db "$DATABASE_URI" --sms "spool:$SPOOL" --listen 127.0.0.1:0 \
    --admin-listen off --secret-file "$SERVER_HOME/second.key"
}

@test "check-config prints every setting and no secret" {
  ends_with 0 check-config --profile dev --db 'mysql://root:planted-password@127.0.0.1:3306/x' --secret-file "$SERVER_HOME/key"
  [[ $said != *planted-password* ]]
  [[ $said == *code-ttl* && $said == *300* ]]
  ends_with 2 check-config --profile dev --code-ttl 0x10
}

@test "check-config leaves nothing behind" {
  ends_with 0 check-config --profile dev
  equal "" "$(find . -mindepth 1 -not -name log -not -name traffic)"
}

@test "flags win over the environment, the environment over the file" {
  printf 'profile = dev\ncode-ttl = 100\nresend-gap = 100\nwrong-tries-per-code = 3\n' >settings.conf
  said=$(SMSAUTHD_RESEND_GAP=200 SMSAUTHD_WRONG_TRIES_PER_CODE=4 env $(compgen -e SMSAUTHD_TEST | sed 's/^/-u /') \
    "$SMSAUTHD_TEST_BINARY" check-config --config settings.conf --wrong-tries-per-code 2)
  grep -qE '^ *code-ttl +100 ' <<<"$said"
  grep -qE '^ *resend-gap +200 ' <<<"$said"
  grep -qE '^ *wrong-tries-per-code +2 ' <<<"$said"
}

@test "migrate makes the schema, says so, and may be run again" {
  ends_with 0 migrate --profile dev --db "$DATABASE_URI"
  ends_with 0 migrate --profile dev --db "$DATABASE_URI"
  [[ $said == *version* ]]
  equal 0 "$(sql 'SELECT COUNT(*) FROM account')"
}

@test "the shipped example of a configuration file is accepted, and its database never shown" {
  ends_with 0 check-config --config "$scripts_directory/../conf/smsauthd.conf.example" --profile dev
}

@test "a port that is taken ends the start with 1 and a line that names it" {
  launch --admin-listen off
  local taken=${BASE##*:}
  local code=0
  said=$(smsauthd --profile dev --listen "127.0.0.1:$taken" --admin-listen off --db sqlite:other.db --sms log: --secret-file other.key 2>&1) || code=$?
  [ "$code" != 0 ]
  grep -qiE 'address already in use|taken|in use' <<<"$said" || { echo "$said" >&2; return 1; }
}

@test "the gateways of the README are accepted by check-config, and none of their secrets is shown" {
  local file
  sed -n '/^```ini$/,/^```$/p' "$BATS_TEST_DIRNAME/../../README.md" | sed '/^```/d' >"$SERVER_HOME/gateways.ini"
  for file in aliyun.secret twilio.token vonage.secret yunpian.key huawei.secret smpp.password; do
    echo hunter22 >"$SERVER_HOME/$file"
  done
  echo "whsec_$(printf '%032d' 7 | base64)" >"$SERVER_HOME/hook.secret"
  {
    echo "profile = dev"
    # What the reader fills in.
    sed -E "s#/etc/smsauthd/#$SERVER_HOME/#; s#([0-9a-f]{4})\.\.\.#\1\1\1\1\1#" "$SERVER_HOME/gateways.ini"
  } >"$SERVER_HOME/gateways.conf"
  run -0 env $(without_settings) TENCENT_SECRET_KEY=hunter22 "$SMSAUTHD_TEST_BINARY" check-config --config "$SERVER_HOME/gateways.conf"
  [[ $output == *"routes.mainland"*"aliyun:3"* ]]
  [[ $output != *hunter22* && $output != *246810* && $output != *whsec_* ]]
  local type
  for type in aliyun tencent twilio vonage yunpian huawei webhook smpp; do
    grep -qE "^sms\.[a-z]+\.type +$type +file" <<<"$output"
  done
}
