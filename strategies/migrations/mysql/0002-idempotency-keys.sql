-- What an Idempotency-Key was answered with. A row without a status is a request that is still running.
-- Oldest program: 1

CREATE TABLE IF NOT EXISTS idempotency_keys (
  id              BIGINT AUTO_INCREMENT PRIMARY KEY,
  user_id         BIGINT       NOT NULL,
  idempotency_key VARCHAR(255) NOT NULL,
  request_hash    CHAR(64)     NOT NULL,
  status          BIGINT       NULL,
  content_type    VARCHAR(255) NOT NULL DEFAULT '',
  headers         TEXT         NOT NULL DEFAULT (''),
  reply           TEXT         NOT NULL DEFAULT (''),
  created_at      DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT idempotency_keys_user_key_unique UNIQUE (user_id, idempotency_key),
  CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  INDEX idx_idempotency_created (created_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
