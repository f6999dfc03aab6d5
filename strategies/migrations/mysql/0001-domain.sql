-- Events, users, reservations, tokens, for MySQL 8.0 and MariaDB 10.6 and newer; the same names as on PostgreSQL.
-- MySQL commits at each CREATE TABLE: IF NOT EXISTS lets a migration that broke off run again.
-- Oldest program: 1

CREATE TABLE IF NOT EXISTS users (
  id         BIGINT AUTO_INCREMENT PRIMARY KEY,
  name       VARCHAR(255) NOT NULL,
  email      VARCHAR(255) NOT NULL,
  password   VARCHAR(255) NOT NULL,
  role       VARCHAR(16)  NOT NULL DEFAULT 'user',
  created_at DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT users_email_unique UNIQUE (email),
  CONSTRAINT chk_users_role CHECK (role IN ('user', 'admin'))
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- available_tickets is signed: on an unsigned column an underflow would be another error than the CHECK.
CREATE TABLE IF NOT EXISTS events (
  id                BIGINT AUTO_INCREMENT PRIMARY KEY,
  name              VARCHAR(255)  NOT NULL,
  description       TEXT          NOT NULL DEFAULT (''),
  total_tickets     BIGINT        NOT NULL,
  available_tickets BIGINT        NOT NULL,
  price             DECIMAL(10,2) NOT NULL DEFAULT 0,
  currency          VARCHAR(3)    NOT NULL DEFAULT 'EUR',
  event_date        DATETIME(6)   NOT NULL,
  category          VARCHAR(100)  NOT NULL DEFAULT 'general',
  version           BIGINT        NOT NULL DEFAULT 0,
  revision          BIGINT        NOT NULL DEFAULT 0,
  created_at        DATETIME(6)   NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at        DATETIME(6)   NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT chk_total_tickets_positive     CHECK (total_tickets >= 0),
  CONSTRAINT chk_available_tickets_positive CHECK (available_tickets >= 0),
  CONSTRAINT chk_available_tickets_max      CHECK (available_tickets <= total_tickets),
  INDEX idx_event_date (event_date)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

-- At most one active hold a user and event: holder is null, and so never equal, once the hold is closed.
CREATE TABLE IF NOT EXISTS reservations (
  id                   BIGINT AUTO_INCREMENT PRIMARY KEY,
  event_id             BIGINT      NOT NULL,
  user_id              BIGINT      NOT NULL,
  quantity             BIGINT      NOT NULL,
  status               VARCHAR(16) NOT NULL,
  expires_at           DATETIME(6) NOT NULL,
  purchased_at         DATETIME(6) NULL,
  request_id           VARCHAR(36) NOT NULL,
  event_version        BIGINT      NOT NULL,
  closed_event_version BIGINT      NULL,
  created_at           DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  updated_at           DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  holder               BIGINT GENERATED ALWAYS AS (CASE WHEN status = 'reserved' THEN user_id END) VIRTUAL,
  CONSTRAINT chk_quantity_positive CHECK (quantity > 0),
  CONSTRAINT chk_status CHECK (status IN ('reserved', 'purchased', 'cancelled', 'expired')),
  CONSTRAINT chk_purchased_at CHECK ((status = 'purchased') = (purchased_at IS NOT NULL)),
  CONSTRAINT reservations_user_request_unique UNIQUE (user_id, request_id),
  CONSTRAINT reservations_one_hold_unique UNIQUE (event_id, holder),
  CONSTRAINT reservations_event_id_fkey FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE RESTRICT,
  CONSTRAINT reservations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE RESTRICT,
  INDEX idx_event_status (event_id, status),
  INDEX idx_user_status (user_id, status),
  INDEX idx_expires_at (expires_at),
  INDEX idx_event_user_status (event_id, user_id, status)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;

CREATE TABLE IF NOT EXISTS personal_access_tokens (
  id           BIGINT AUTO_INCREMENT PRIMARY KEY,
  user_id      BIGINT       NOT NULL,
  name         VARCHAR(255) NOT NULL,
  token        CHAR(64)     NOT NULL,
  abilities    TEXT         NOT NULL DEFAULT ('["*"]'),
  last_used_at DATETIME(6)  NULL,
  expires_at   DATETIME(6)  NULL,
  created_at   DATETIME(6)  NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  CONSTRAINT personal_access_tokens_token_unique UNIQUE (token),
  CONSTRAINT personal_access_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
  INDEX idx_token_user (user_id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin;
