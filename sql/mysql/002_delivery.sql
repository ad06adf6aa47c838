ALTER TABLE outbox ADD COLUMN address VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN gateway VARCHAR(64) NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN used_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX outbox_by_phone ON outbox (phone, id);

CREATE TABLE delivery_attempt (
  message_id VARCHAR(40) NOT NULL,
  started_at BIGINT NOT NULL,
  gateway VARCHAR(64) NOT NULL,
  outcome VARCHAR(16) NOT NULL,
  rejection VARCHAR(32) NOT NULL,
  provider_code VARCHAR(64) NOT NULL,
  provider_id VARCHAR(128) NOT NULL,
  parts INT NOT NULL,
  took_ms BIGINT NOT NULL,
  PRIMARY KEY (message_id, started_at)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE delivery_receipt (
  receipt_key VARCHAR(193) NOT NULL PRIMARY KEY,
  state INT NOT NULL,
  error_code VARCHAR(32) NOT NULL,
  reported_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE send_refusal (
  phone VARCHAR(20) NOT NULL,
  id VARCHAR(96) NOT NULL,
  purpose VARCHAR(24) NOT NULL,
  dialect VARCHAR(16) NOT NULL,
  address VARCHAR(64) NOT NULL,
  reason VARCHAR(32) NOT NULL,
  refused_at BIGINT NOT NULL,
  hits BIGINT NOT NULL,
  PRIMARY KEY (phone, id)
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
