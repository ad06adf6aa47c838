ALTER TABLE outbox ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN gateway TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN used_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX outbox_by_phone ON outbox (phone, id);

CREATE TABLE delivery_attempt (
  message_id TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  gateway TEXT NOT NULL,
  outcome TEXT NOT NULL,
  rejection TEXT NOT NULL,
  provider_code TEXT NOT NULL,
  provider_id TEXT NOT NULL,
  parts INTEGER NOT NULL,
  took_ms INTEGER NOT NULL,
  PRIMARY KEY (message_id, started_at)
) WITHOUT ROWID;

CREATE TABLE delivery_receipt (
  receipt_key TEXT NOT NULL PRIMARY KEY,
  state INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  reported_at INTEGER NOT NULL,
  received_at INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE send_refusal (
  phone TEXT NOT NULL,
  id TEXT NOT NULL,
  purpose TEXT NOT NULL,
  dialect TEXT NOT NULL,
  address TEXT NOT NULL,
  reason TEXT NOT NULL,
  refused_at INTEGER NOT NULL,
  hits INTEGER NOT NULL,
  PRIMARY KEY (phone, id)
) WITHOUT ROWID;
