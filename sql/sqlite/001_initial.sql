CREATE TABLE sequence (
  name TEXT NOT NULL PRIMARY KEY,
  next_value INTEGER NOT NULL
) WITHOUT ROWID;

INSERT INTO sequence (name, next_value) VALUES ('uid', 1);

CREATE TABLE commit_marker (
  lane TEXT NOT NULL PRIMARY KEY,
  batch INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE signing_key (
  kid TEXT NOT NULL PRIMARY KEY,
  slot TEXT NOT NULL UNIQUE,
  algorithm TEXT NOT NULL,
  sealed_key TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  retires_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE phone_quota (
  phone TEXT NOT NULL PRIMARY KEY,
  request_id TEXT NOT NULL,
  hour_started_at INTEGER NOT NULL,
  hour_sends INTEGER NOT NULL,
  day_started_at INTEGER NOT NULL,
  day_sends INTEGER NOT NULL,
  wrong_started_at INTEGER NOT NULL,
  wrong_tries INTEGER NOT NULL,
  sent_login INTEGER NOT NULL DEFAULT 0,
  sent_register INTEGER NOT NULL DEFAULT 0,
  sent_bind INTEGER NOT NULL DEFAULT 0,
  sent_rebind INTEGER NOT NULL DEFAULT 0,
  sent_reset_password INTEGER NOT NULL DEFAULT 0,
  sent_reset_pay_password INTEGER NOT NULL DEFAULT 0,
  sent_verify INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;

CREATE TABLE verification (
  phone TEXT NOT NULL,
  purpose TEXT NOT NULL,
  mac TEXT NOT NULL,
  request_id TEXT NOT NULL,
  sent_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  used INTEGER NOT NULL,
  PRIMARY KEY (phone, purpose)
) WITHOUT ROWID;

CREATE TABLE outbox (
  id TEXT NOT NULL PRIMARY KEY,
  phone TEXT NOT NULL,
  purpose TEXT NOT NULL,
  dialect TEXT NOT NULL,
  sealed_body TEXT NOT NULL,
  state INTEGER NOT NULL,
  lease_owner TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  tries INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  finished_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE identity (
  phone TEXT NOT NULL PRIMARY KEY,
  uid INTEGER NOT NULL,
  verified INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE account (
  uid INTEGER NOT NULL PRIMARY KEY,
  public_id TEXT NOT NULL,
  phone TEXT NOT NULL,
  status INTEGER NOT NULL,
  username TEXT NOT NULL,
  name TEXT NOT NULL,
  nickname TEXT NOT NULL,
  gender TEXT NOT NULL,
  birthday TEXT NOT NULL,
  email TEXT NOT NULL,
  avatar TEXT NOT NULL,
  role TEXT NOT NULL,
  points INTEGER NOT NULL,
  can_rename INTEGER NOT NULL,
  settled INTEGER NOT NULL,
  has_password INTEGER NOT NULL,
  has_pay_password INTEGER NOT NULL,
  session_epoch INTEGER NOT NULL,
  social_circle_id INTEGER NOT NULL,
  register_address TEXT NOT NULL,
  last_login_address TEXT NOT NULL,
  last_login_device TEXT NOT NULL,
  last_login_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE TABLE password (
  uid INTEGER NOT NULL,
  kind TEXT NOT NULL,
  phc TEXT NOT NULL,
  failures INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (uid, kind)
) WITHOUT ROWID;

CREATE TABLE login_failure (
  phone TEXT NOT NULL PRIMARY KEY,
  failures INTEGER NOT NULL,
  retry_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE session (
  id TEXT NOT NULL PRIMARY KEY,
  uid INTEGER NOT NULL,
  dialect TEXT NOT NULL,
  epoch INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  address TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  access_expires_at INTEGER NOT NULL,
  refresh_hash TEXT NOT NULL,
  refresh_generation INTEGER NOT NULL,
  refresh_rotated_at INTEGER NOT NULL,
  refresh_expires_at INTEGER NOT NULL,
  revoked_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE device (
  uid INTEGER NOT NULL,
  device_id TEXT NOT NULL,
  first_seen_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  PRIMARY KEY (uid, device_id)
) WITHOUT ROWID;

CREATE TABLE invite (
  code TEXT NOT NULL PRIMARY KEY,
  inviter_uid INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_by INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE referral (
  uid INTEGER NOT NULL PRIMARY KEY,
  inviter_uid INTEGER NOT NULL,
  invite_code TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

CREATE TABLE enterprise_member (
  uid INTEGER NOT NULL PRIMARY KEY,
  enterprise_id INTEGER NOT NULL,
  permissions TEXT NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE TABLE enterprise_application (
  uid INTEGER NOT NULL PRIMARY KEY,
  enterprise_id INTEGER NOT NULL,
  name TEXT NOT NULL,
  state INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

CREATE TABLE social_circle (
  id INTEGER NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  logo TEXT NOT NULL,
  description TEXT NOT NULL
);

CREATE TABLE wechat_identity (
  appid TEXT NOT NULL,
  openid TEXT NOT NULL,
  unionid TEXT NOT NULL,
  uid INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (appid, openid)
) WITHOUT ROWID;

CREATE TABLE reset_grant (
  phone TEXT NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL,
  client_hash TEXT NOT NULL,
  device_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE rebind_proof (
  uid INTEGER NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL,
  phone TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used INTEGER NOT NULL
);

CREATE TABLE bind_token (
  token_hash TEXT NOT NULL PRIMARY KEY,
  phone TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  used INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE address_counter (
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  window_ms INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  node TEXT NOT NULL,
  hits INTEGER NOT NULL,
  PRIMARY KEY (address, action, window_ms, started_at, node)
) WITHOUT ROWID;
