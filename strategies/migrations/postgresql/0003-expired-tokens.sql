-- Tokens that have ended are forgotten a day later; few tokens have an end, and only those are in the index.
-- Oldest program: 1
-- Statement by statement

DROP INDEX CONCURRENTLY IF EXISTS idx_token_expires_at;
CREATE INDEX CONCURRENTLY idx_token_expires_at ON personal_access_tokens (expires_at) WHERE expires_at IS NOT NULL;
