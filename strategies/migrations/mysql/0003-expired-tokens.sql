-- Tokens that have ended are forgotten a day later, found by this index. MySQL knows no CREATE INDEX IF NOT EXISTS, and
-- a migration that broke off must be able to run again.
-- Oldest program: 1

SET @there = (SELECT count(*) FROM information_schema.statistics WHERE table_schema = DATABASE()
  AND table_name = 'personal_access_tokens' AND index_name = 'idx_token_expires_at');
SET @step = IF(@there > 0, 'DO 0', 'CREATE INDEX idx_token_expires_at ON personal_access_tokens (expires_at)');
PREPARE step FROM @step;
EXECUTE step;
DEALLOCATE PREPARE step;
