CREATE TABLE sequence (
  name VARCHAR(32) NOT NULL PRIMARY KEY,
  next_value BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

INSERT INTO sequence (name, next_value) VALUES ('uid', 1);

CREATE TABLE commit_marker (
  lane VARCHAR(64) NOT NULL PRIMARY KEY,
  batch BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE signing_key (
  kid VARCHAR(64) NOT NULL PRIMARY KEY,
  slot VARCHAR(64) NOT NULL UNIQUE,
  algorithm VARCHAR(16) NOT NULL,
  sealed_key TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  retires_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE phone_quota (
  phone VARCHAR(20) NOT NULL PRIMARY KEY,
  request_id VARCHAR(40) NOT NULL,
  hour_started_at BIGINT NOT NULL,
  hour_sends BIGINT NOT NULL,
  day_started_at BIGINT NOT NULL,
  day_sends BIGINT NOT NULL,
  wrong_started_at BIGINT NOT NULL,
  wrong_tries BIGINT NOT NULL,
  sent_login BIGINT NOT NULL DEFAULT 0,
  sent_register BIGINT NOT NULL DEFAULT 0,
  sent_bind BIGINT NOT NULL DEFAULT 0,
  sent_rebind BIGINT NOT NULL DEFAULT 0,
  sent_reset_password BIGINT NOT NULL DEFAULT 0,
  sent_reset_pay_password BIGINT NOT NULL DEFAULT 0,
  sent_verify BIGINT NOT NULL DEFAULT 0
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE verification (
  phone VARCHAR(20) NOT NULL,
  purpose VARCHAR(24) NOT NULL,
  mac CHAR(64) NOT NULL,
  request_id VARCHAR(40) NOT NULL,
  sent_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  attempts INT NOT NULL,
  used INT NOT NULL,
  PRIMARY KEY (phone, purpose)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE outbox (
  id VARCHAR(40) NOT NULL PRIMARY KEY,
  phone VARCHAR(20) NOT NULL,
  purpose VARCHAR(24) NOT NULL,
  dialect VARCHAR(16) NOT NULL,
  sealed_body TEXT NOT NULL,
  state INT NOT NULL,
  lease_owner VARCHAR(40) NOT NULL,
  lease_until BIGINT NOT NULL,
  tries INT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  finished_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE identity (
  phone VARCHAR(20) NOT NULL PRIMARY KEY,
  uid BIGINT NOT NULL,
  verified INT NOT NULL,
  created_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE account (
  uid BIGINT NOT NULL PRIMARY KEY,
  public_id CHAR(32) NOT NULL,
  phone VARCHAR(20) NOT NULL,
  status INT NOT NULL,
  username VARCHAR(64) NOT NULL,
  name VARCHAR(255) NOT NULL,
  nickname VARCHAR(255) NOT NULL,
  gender VARCHAR(16) NOT NULL,
  birthday VARCHAR(16) NOT NULL,
  email VARCHAR(255) NOT NULL,
  avatar VARCHAR(512) NOT NULL,
  role VARCHAR(32) NOT NULL,
  points BIGINT NOT NULL,
  can_rename INT NOT NULL,
  settled INT NOT NULL,
  has_password INT NOT NULL,
  has_pay_password INT NOT NULL,
  session_epoch BIGINT NOT NULL,
  social_circle_id BIGINT NOT NULL,
  register_address VARCHAR(64) NOT NULL,
  last_login_address VARCHAR(64) NOT NULL,
  last_login_device VARCHAR(128) NOT NULL,
  last_login_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE password (
  uid BIGINT NOT NULL,
  kind VARCHAR(8) NOT NULL,
  phc VARCHAR(255) NOT NULL,
  failures BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (uid, kind)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE login_failure (
  phone VARCHAR(20) NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  retry_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE session (
  id VARCHAR(40) NOT NULL PRIMARY KEY,
  uid BIGINT NOT NULL,
  dialect VARCHAR(16) NOT NULL,
  epoch BIGINT NOT NULL,
  device_id VARCHAR(128) NOT NULL,
  address VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL,
  access_expires_at BIGINT NOT NULL,
  refresh_hash VARCHAR(64) NOT NULL,
  refresh_generation BIGINT NOT NULL,
  refresh_rotated_at BIGINT NOT NULL,
  refresh_expires_at BIGINT NOT NULL,
  revoked_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE device (
  uid BIGINT NOT NULL,
  device_id VARCHAR(128) NOT NULL,
  first_seen_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  PRIMARY KEY (uid, device_id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE invite (
  code VARCHAR(64) NOT NULL PRIMARY KEY,
  inviter_uid BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_by BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE referral (
  uid BIGINT NOT NULL PRIMARY KEY,
  inviter_uid BIGINT NOT NULL,
  invite_code VARCHAR(64) NOT NULL,
  created_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE enterprise_member (
  uid BIGINT NOT NULL PRIMARY KEY,
  enterprise_id BIGINT NOT NULL,
  permissions TEXT NOT NULL,
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE enterprise_application (
  uid BIGINT NOT NULL PRIMARY KEY,
  enterprise_id BIGINT NOT NULL,
  name VARCHAR(255) NOT NULL,
  state INT NOT NULL,
  updated_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE social_circle (
  id BIGINT NOT NULL PRIMARY KEY,
  name VARCHAR(255) NOT NULL,
  logo VARCHAR(512) NOT NULL,
  description VARCHAR(1024) NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE wechat_identity (
  appid VARCHAR(64) NOT NULL,
  openid VARCHAR(64) NOT NULL,
  unionid VARCHAR(64) NOT NULL,
  uid BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (appid, openid)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE reset_grant (
  phone VARCHAR(20) NOT NULL PRIMARY KEY,
  token_hash CHAR(64) NOT NULL,
  client_hash CHAR(64) NOT NULL,
  device_id VARCHAR(128) NOT NULL,
  expires_at BIGINT NOT NULL,
  used INT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE rebind_proof (
  uid BIGINT NOT NULL PRIMARY KEY,
  session_id VARCHAR(40) NOT NULL,
  phone VARCHAR(20) NOT NULL,
  expires_at BIGINT NOT NULL,
  used INT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE bind_token (
  token_hash CHAR(64) NOT NULL PRIMARY KEY,
  phone VARCHAR(20) NOT NULL,
  expires_at BIGINT NOT NULL,
  used INT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE address_counter (
  address VARCHAR(64) NOT NULL,
  action VARCHAR(16) NOT NULL,
  window_ms BIGINT NOT NULL,
  started_at BIGINT NOT NULL,
  node VARCHAR(40) NOT NULL,
  hits BIGINT NOT NULL,
  PRIMARY KEY (address, action, window_ms, started_at, node)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
