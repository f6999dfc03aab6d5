-- The reference line of MySQL and MariaDB: the statements of pessimistic for one reserve, written out again on purpose
-- (the harness shares no code with what it measures), prepared once a connection and sent one by one, as the server
-- does it. Run by sysbench; see reference/sysbench.cpp.
sysbench.cmdline.options = {
  event = {"the event that is reserved from", 1},
  first = {"the first user", 1},
  share = {"how many users each client has", 1}
}

-- A prepared statement whose parameters are all integers.
local function statement(sql)
  local s = {prepared = con:prepare(sql), parameters = {}}
  for _ in sql:gmatch("?") do
    table.insert(s.parameters, s.prepared:bind_create(sysbench.sql.type.BIGINT))
  end
  s.prepared:bind_param(unpack(s.parameters))
  return s
end

-- What comes back is freed by the next execution; freeing it here would crash sysbench 1.0.
local function run(s, ...)
  for i, value in ipairs({...}) do s.parameters[i]:set(value) end
  s.prepared:execute()
end

local function us(time)
  return "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', " .. time .. ")"
end

local own_hold = table.concat({
  "r.id, r.event_id, r.user_id, r.quantity, r.status", us("r.expires_at"), us("r.purchased_at"),
  "r.request_id, r.event_version, r.closed_event_version", us("r.created_at"), us("r.updated_at"), us("NOW(6)")}, ", ")

function thread_init()
  con = sysbench.sql.driver():connect()
  con:query("SET time_zone = '+00:00'")
  con:query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED")
  lock = statement("SELECT total_tickets, available_tickets, version FROM events WHERE id = ? FOR UPDATE")
  own = statement("SELECT " .. own_hold .. " FROM (SELECT 1) AS one LEFT JOIN reservations r" ..
                  " ON r.event_id = ? AND r.user_id = ? AND r.status = 'reserved'")
  change = statement("UPDATE events SET available_tickets = available_tickets - 1," ..
                     " version = LAST_INSERT_ID(version + 1), updated_at = NOW(6) WHERE id = ?")
  insert = statement("INSERT INTO reservations (event_id, user_id, quantity, status, expires_at, request_id," ..
                     " event_version, created_at, updated_at) VALUES (?, ?, 1, 'reserved'," ..
                     " NOW(6) + INTERVAL 5 MINUTE, UUID(), 1, NOW(6), NOW(6))")
  reserves = 0
end

function event()
  reserves = reserves + 1
  local id, share = sysbench.opt.event, sysbench.opt.share
  local user = sysbench.opt.first + sysbench.tid * share + reserves % share
  con:query("BEGIN")
  run(lock, id)
  run(own, id, user)
  run(change, id)
  run(insert, id, user)
  con:query("COMMIT")
end
